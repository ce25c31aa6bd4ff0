import type { Failure } from "../lib/availability.ts";
import type { Root } from "../lib/root.ts";
import { type Chip, findChips, inputNames, inputNumbers } from "./hwmon_linux.ts";
import { nameApart, type Names } from "./name_apart.ts";
import { basename, listFolders, readLine } from "./sysfs.ts";

const TEMPERATURE = /^temp(\d+)_input$/;

// Zones that say the same constant on every board of their kind.
const CONSTANT = /^PMIC[-_]Die$/i;

/** Where one temperature is read, under a name that no other sensor of the machine has. */
export interface SensorPath {
  readonly name: string;
  readonly path: string;
}

interface Candidate {
  readonly names: Names;
  readonly path: string;
}

/**
 * Finds the temperature sensors of the machine: those of the kernel's hwmon/sysfs-interface, and the thermal zones that no
 * chip there stands for. Named after chip and label (`coretemp Core 0`), with the device where that is not enough. A device
 * that sleeps is told to `onFailure` and left out.
 */
export function findSensors(root: Root, onFailure: (failure: Failure) => void): SensorPath[] {
  const chips = findChips(root, onFailure).filter(({ name }) => !CONSTANT.test(name));
  const zones = listFolders(root, "/sys/class/thermal").flatMap((folder) => readZone(root, folder, chips));
  const candidates = [...chips.flatMap((chip) => chipSensors(root, chip)), ...zones];
  const names = nameApart(candidates.map((candidate) => candidate.names));
  return candidates.map(({ path, names: [shortest] }, index) => ({ path, name: names[index] ?? shortest }));
}

function chipSensors(root: Root, chip: Chip): Candidate[] {
  return inputNumbers(chip, TEMPERATURE).map((number) => ({
    names: inputNames(root, chip, `temp${number}`),
    path: `${chip.folder}/temp${number}_input`,
  }));
}

// The kernel names the chip of a zone after the zone, with - as _; the processor's package has its own driver there.
function readZone(root: Root, folder: string, chips: readonly Chip[]): Candidate[] {
  const type = /\/thermal_zone\d+$/.test(folder) ? readLine(root, `${folder}/type`) : undefined;
  if (type === undefined || CONSTANT.test(type)) return [];
  const name = type === "x86_pkg_temp" ? "coretemp" : type.replaceAll("-", "_");
  if (chips.some((chip) => chip.name === name && inputNumbers(chip, TEMPERATURE).length > 0)) return [];
  return [{ names: [type, `${type} ${basename(folder)}`], path: `${folder}/temp` }];
}
