import type { Root } from "../lib/root.ts";
import { nameApart } from "./name_apart.ts";
import { basename, listFolders, readLine } from "./sysfs.ts";

/** The folder of the kernel's powercap class. */
export const POWERCAP = "/sys/class/powercap";

// `intel-rapl-mmio` tells package 0 once more, by another way.
const ZONE = /^intel-rapl:\w+(?::\w+)*$/;

/** A zone of RAPL: a domain of a processor that has an energy counter. */
export interface RaplZone {
  readonly folder: string;
  readonly labels: RaplLabels;
}

/** What a zone covers. */
export interface RaplLabels {
  readonly [label: string]: string;
  /** The package that it belongs to, such as `package-0`, or `psys`. */
  readonly device: string;
  /** What the kernel calls the zone: `package-0`, `core`, `uncore`, `dram`, `psys`. */
  readonly rail: string;
  readonly scope: "machine" | "package" | "rail";
}

/**
 * The zones of RAPL, also of AMD, which bear the same name, see the kernel's power/powercap. `psys` covers the machine; `core`
 * and `uncore` are parts of their package, `dram` is not.
 */
export function findRaplZones(root: Root): RaplZone[] {
  const folders = listFolders(root, POWERCAP).filter((folder) => ZONE.test(basename(folder)));
  const names = new Map(folders.map((folder) => [folder, readLine(root, `${folder}/name`) ?? ""]));
  const packages = folders.filter((folder) => folder === packageOf(folder));
  const devices = nameApart(packages.map((folder) => {
    const name = names.get(folder) ?? "";
    return [name, `${name} (${basename(folder)})`];
  }));
  const zones = folders.filter((folder) => names.get(folder) !== "").map((folder) => {
    const device = devices[packages.indexOf(packageOf(folder))] ?? "";
    return { folder, labels: labelsOf(names.get(folder) ?? "", device) };
  });
  return zones.map((zone) => ({ ...zone, labels: apart(zone, zones) }));
}

function packageOf(folder: string): string {
  return folder.replace(/(intel-rapl:\w+).*$/, "$1");
}

function labelsOf(name: string, device: string): RaplLabels {
  if (name.startsWith("psys")) return { device, rail: name, scope: "machine" };
  const isWhole = name.startsWith("package") || name === "dram";
  return { device, rail: name, scope: isWhole ? "package" : "rail" };
}

function apart({ folder, labels }: RaplZone, zones: readonly RaplZone[]): RaplLabels {
  const isShared = zones.some((zone) =>
    zone.folder !== folder && zone.labels.device === labels.device && zone.labels.rail === labels.rail
  );
  return isShared ? { ...labels, rail: `${labels.rail} (${basename(folder)})` } : labels;
}
