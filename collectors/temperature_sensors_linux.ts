import { isGone, type Root } from "../lib/root.ts";
import { type Failure, orGap } from "../lib/availability.ts";

const HWMON = "/sys/class/hwmon";
const THERMAL = "/sys/class/thermal";

// Zones that say the same constant on every board of their kind.
const CONSTANT = /^PMIC[-_]Die$/i;

/** Where one temperature is read, under a name that no other sensor of the machine has. */
export interface SensorPath {
  readonly name: string;
  readonly path: string;
}

/** A sensor with its possible names, from the shortest one to one that is certainly its own. */
interface Candidate {
  readonly names: readonly [string, ...string[]];
  readonly path: string;
}

/**
 * Finds the temperature sensors of the machine: those of the kernel's hwmon/sysfs-interface, and the thermal zones that no
 * chip there stands for. Named after chip and label (`coretemp Core 0`), with the device where that is not enough. A device
 * that sleeps is told to `onFailure` and left out.
 */
export function findSensors(root: Root, onFailure: (failure: Failure) => void): SensorPath[] {
  const folders = listFolders(root, HWMON).filter((folder) => !isAsleep(root, folder, onFailure));
  const chips = folders.map((folder) => readChip(root, folder)).filter((chip) => chip !== null);
  const zones = listFolders(root, THERMAL).flatMap((folder) => readZone(root, folder, chips));
  return nameApart([...chips.flatMap((chip) => chipSensors(root, chip)), ...zones]);
}

interface Chip {
  readonly name: string;
  readonly folder: string;
  /** The device that the chip is or sits on, such as `coretemp.0` or `nvme0`. */
  readonly device: string;
  /** The numbers of its temperatures. */
  readonly inputs: readonly string[];
}

const TEMPERATURE = /^temp(\d+)_input$/;

// Reading would wake a device that the kernel has put to sleep, such as a second GPU.
function isAsleep(root: Root, folder: string, onFailure: (failure: Failure) => void): boolean {
  const path = `${folder}/device/power/runtime_status`;
  if (readLine(root, path) !== "suspended") return false;
  onFailure({ state: "off", reason: `Cannot read ${folder} without waking its device: ${path} is suspended` });
  return true;
}

function readChip(root: Root, folder: string): Chip | null {
  return orGap(() => {
    const name = readLine(root, `${folder}/name`) ?? readLine(root, `${folder}/device/name`);
    const inputs = root.list(folder).flatMap((file) => TEMPERATURE.exec(file)?.[1] ?? []).sort(byNumber);
    const device = orGap(() => root.readLink(`${folder}/device`)) ?? folder;
    return { name: name ?? basename(folder), folder, device: basename(device), inputs };
  });
}

function chipSensors(root: Root, { name, folder, device, inputs }: Chip): Candidate[] {
  if (CONSTANT.test(name)) return [];
  return inputs.map((number) => {
    const label = readLine(root, `${folder}/temp${number}_label`);
    const input = `temp${number}`;
    const short = label === undefined ? [name, `${name} ${input}`] as const : [`${name} ${label}`] as const;
    const full = `${short.at(-1)} (${device})`;
    return { names: [...short, full, `${full} ${basename(folder)} ${input}`], path: `${folder}/${input}_input` };
  });
}

// The kernel names the chip of a zone after the zone, with - as _; the processor's package has its own driver there.
function readZone(root: Root, folder: string, chips: readonly Chip[]): Candidate[] {
  const type = /\/thermal_zone\d+$/.test(folder) ? readLine(root, `${folder}/type`) : undefined;
  if (type === undefined || CONSTANT.test(type)) return [];
  const chip = type === "x86_pkg_temp" ? "coretemp" : type.replaceAll("-", "_");
  if (chips.some(({ name, inputs }) => name === chip && inputs.length > 0)) return [];
  return [{ names: [type, `${type} ${basename(folder)}`], path: `${folder}/temp` }];
}

/** Gives each sensor the shortest of its names that sets it apart from the others. */
function nameApart(sensors: readonly Candidate[]): SensorPath[] {
  let names = sensors.map((sensor) => sensor.names[0]);
  const longest = Math.max(...sensors.map((sensor) => sensor.names.length), 0);
  for (let level = 1; level < longest; level++) {
    const shared = new Set(names.filter((name, index) => names.indexOf(name) !== index));
    names = sensors.map((sensor, index) => {
      const name = names[index] ?? sensor.names[0];
      return shared.has(name) ? sensor.names[level] ?? name : name;
    });
  }
  return sensors.map(({ path, names: [shortest] }, index) => ({ path, name: names[index] ?? shortest }));
}

function listFolders(root: Root, parent: string): string[] {
  try {
    return root.list(parent).sort(byNumber).map((name) => `${parent}/${name}`);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** The one line of a file of sysfs; undefined where there is none to read. */
function readLine(root: Root, path: string): string | undefined {
  const line = orGap(() => root.read(path))?.trim();
  return line === "" ? undefined : line;
}

function basename(path: string): string {
  return path.split("/").filter((name) => name !== "").at(-1) ?? path;
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
