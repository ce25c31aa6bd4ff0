import type { Environment } from "../lib/contracts.ts";
import { parseCountFile } from "../lib/parse.ts";
import { isGone, type Root } from "../lib/root.ts";
import { findTegra } from "./jetson_board_linux.ts";
import { requirePlausible } from "./plausible.ts";
import { type Sensor, SensorCollector } from "./sensor_collector.ts";
import { basename, listFolders, readLine } from "./sysfs.ts";

/** The only GPU of a Jetson. */
export const JETSON_GPU = "0";

const DEVFREQ = "/sys/class/devfreq";
const LOADS = ["/sys/devices/gpu.0/load", "/sys/devices/platform/gpu.0/load"];
const CHIPS = ["gp10b", "gv11b", "ga10b", "gb10b", "gpu"];

/** Parses the load of a Jetson's GPU, always in tenths of a percent, into percent. Throws SyntaxError. */
export function parseGpuLoad(text: string): number {
  return requirePlausible(parseCountFile(text, "load of the GPU") / 10, { least: 0, most: 100 }, "the load of the GPU");
}

/** Parses a clock of devfreq or of a common clock, in Hz. Throws SyntaxError. */
export function parseHertz(text: string): number {
  return requirePlausible(parseCountFile(text, "clock"), { least: 0, most: 1e11 }, "the clock");
}

/** Load and clocks of a Jetson's own GPU. Thor tells no load here, but through NVML. */
export class JetsonGpuCollector extends SensorCollector {
  constructor() {
    super({
      name: "jetson_gpu",
      metrics: ["gpu_utilization_percent", "gpu_clock_hertz"],
      sources: ["/sys/devices/gpu.0/load", "/sys/devices/platform/gpu.0/load", "/sys/class/devfreq"],
      find: findJetsonGpu,
      none: "Cannot find the GPU of a Jetson: neither /sys/devices/gpu.0/load nor a GPU in /sys/class/devfreq",
      remedy: "Only Jetson boards have one",
    });
  }

  override open(environment: Environment): void {
    super.open(environment);
    const board = findTegra(environment.root);
    environment.introduce({
      label: "gpu",
      id: JETSON_GPU,
      name: `${board?.model ?? "Jetson"} GPU`,
      attributes: { integrated: "yes", ...(board?.release === undefined ? {} : { l4t: board.release }) },
    });
  }
}

/** The load of the GPU and the clocks that its units have. */
export function findJetsonGpu(root: Root): Sensor[] {
  const folders = listFolders(root, DEVFREQ).filter((folder) => isGpu(root, folder));
  const load = [...LOADS, ...folders.map((folder) => `${folder}/device/load`)].find((path) => isThere(root, path));
  const loads = load === undefined ? [] : [load];
  return [
    ...loads.map((path): Sensor => ({
      metric: "gpu_utilization_percent",
      labels: { gpu: JETSON_GPU },
      paths: [path],
      parse: parseGpuLoad,
    })),
    ...folders.map((folder): Sensor => ({
      metric: "gpu_clock_hertz",
      labels: { gpu: JETSON_GPU, clock: clockName(basename(folder)) },
      paths: [`${folder}/cur_freq`],
      parse: parseHertz,
    })),
  ];
}

function isGpu(root: Root, folder: string): boolean {
  const name = basename(folder);
  return /^gpu-\w+-\d+$/.test(name) || /\.(gpu|gp10b|gv11b|ga10b|gb10b)$/.test(name) ||
    CHIPS.includes(readLine(root, `${folder}/device/of_node/name`)?.replaceAll("\0", "") ?? "");
}

// Thor's `gpu-gpc-0` and `gpu-nvd-0` are units with a clock each; before, there is one for all.
function clockName(folder: string): string {
  const [, unit, number] = /^gpu-(\w+)-(\d+)$/.exec(folder) ?? [];
  return unit === undefined ? "graphics" : `${unit}${number}`;
}

function isThere(root: Root, path: string): boolean {
  try {
    root.open(path).close();
    return true;
  } catch (error) {
    return !isGone(error);
  }
}
