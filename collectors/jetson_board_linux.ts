import type { Root } from "../lib/root.ts";
import { readLine } from "./sysfs.ts";

/** An NVIDIA Tegra, as its device tree and NVIDIA's Linux tell it. */
export interface TegraBoard {
  /** Such as `NVIDIA Jetson Orin Nano Developer Kit`. */
  readonly model: string;
  /** Release of NVIDIA's Linux, such as `36.4.3`. */
  readonly release?: string;
}

const RELEASE = /^# R(\d+) \(release\), REVISION: ([\d.]+)/;

/** The board, whatever it calls itself; undefined where the machine is no Tegra. */
export function findTegra(root: Root): TegraBoard | undefined {
  const [, major, minor] = RELEASE.exec(readLine(root, "/etc/nv_tegra_release") ?? "") ?? [];
  const model = readTree(root, "model");
  if (major === undefined && !readTree(root, "compatible").includes("nvidia,tegra") && !/Jetson|Tegra/.test(model)) {
    return undefined;
  }
  return {
    model: model === "" ? "NVIDIA Tegra" : model,
    ...(major === undefined || minor === undefined ? {} : { release: `${major}.${minor}` }),
  };
}

// Its texts end in NUL, and those that are lists have one between two.
function readTree(root: Root, name: string): string {
  return (readLine(root, `/proc/device-tree/${name}`) ?? "").replaceAll("\0", " ").trim();
}
