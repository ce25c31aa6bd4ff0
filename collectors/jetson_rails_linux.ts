import type { Failure } from "../lib/availability.ts";
import type { Root } from "../lib/root.ts";
import { MODULE, NOT_CONNECTED, railScopes } from "./jetson_rails.ts";
import { nameApart } from "./name_apart.ts";
import { parseMicrowatts, parseMillivoltsAndMilliamperes, parseMilliwatts } from "./power_files.ts";
import type { Sensor } from "./sensor_collector.ts";
import { basename, listFolders, readLine } from "./sysfs.ts";

const I2C = "/sys/bus/i2c";
const DRIVERS = ["ina3221x", "ina3221", "ina238"];

/** A chip that measures rails of a computer module. */
export interface RailChip {
  /** Its address on the I2C bus, such as `1-0040`. */
  readonly address: string;
  readonly driver: string;
  readonly folder: string;
}

interface Rail extends Pick<Sensor, "paths" | "parse"> {
  readonly name: string;
  /** What sets it apart from another one of the same name. */
  readonly place: string;
}

/** The chips that measure rails, on any bus: an INA238 only beside an INA3221, being one of a device of its own elsewhere. */
export function findRailChips(root: Root): RailChip[] {
  const bound = DRIVERS.flatMap((driver) => listFolders(root, `${I2C}/drivers/${driver}`).map(chipOf(driver)));
  const named = listFolders(root, `${I2C}/devices`).flatMap((folder) => {
    const driver = readLine(root, `${folder}/name`);
    return driver !== undefined && DRIVERS.includes(driver) ? [chipOf(driver)(folder)] : [];
  });
  const chips = [...bound, ...named].filter(({ address }) => /^\d+-[0-9a-f]{4}$/.test(address));
  const each = chips.filter(({ address }, index) => chips.findIndex((other) => other.address === address) === index);
  return each.some(({ driver }) => driver !== "ina238") ? each : [];
}

/** The rails of a computer module, of all of its chips. */
export function findRails(root: Root, onFailure: (failure: Failure) => void): Sensor[] {
  const read = (path: string): string | undefined => readLine(root, path, onFailure);
  const rails = findRailChips(root).flatMap((chip) => chipRails(root, chip, read));
  const scopes = railScopes(rails.map(({ name }) => name));
  const names = nameApart(rails.map(({ name, place }) => [name, `${name} (${place})`]));
  return rails.map(({ name, paths, parse }, index) => ({
    metric: "power_watts",
    labels: { device: MODULE, rail: names[index] ?? name, scope: scopes[index] ?? "device" },
    paths,
    parse,
  }));
}

function chipOf(driver: string): (folder: string) => RailChip {
  return (folder) => ({ driver, folder, address: basename(folder) });
}

type ReadLine = (path: string) => string | undefined;

function chipRails(root: Root, chip: RailChip, read: ReadLine): Rail[] {
  const isNvidia = chip.driver === "ina3221x";
  return listFolders(root, isNvidia ? chip.folder : `${chip.folder}/hwmon`).flatMap((folder) => {
    if (isNvidia) return isIio(folder) ? iioRails(chip, folder, read) : [];
    return chip.driver === "ina238" ? inputRail(root, chip, folder) : hwmonRails(chip, folder, read);
  });
}

function isIio(folder: string): boolean {
  return /^iio:device\d+$/.test(basename(folder));
}

// NVIDIA's driver of L4T 32 and before.
function iioRails({ address }: RailChip, folder: string, read: ReadLine): Rail[] {
  return ["0", "1", "2"].flatMap((channel): Rail[] => {
    const name = read(`${folder}/rail_name_${channel}`);
    if (name === undefined || name === NOT_CONNECTED) return [];
    const paths = [`${folder}/in_power${channel}_input`];
    return [{ name, place: `${address} channel ${channel}`, paths, parse: parseMilliwatts }];
  });
}

// The kernel's own driver, since L4T 34. After the three channels come shunt voltages and a sum.
function hwmonRails({ address }: RailChip, folder: string, read: ReadLine): Rail[] {
  return ["1", "2", "3"].flatMap((channel): Rail[] => {
    const name = read(`${folder}/in${channel}_label`);
    if (name === undefined || name === NOT_CONNECTED || read(`${folder}/in${channel}_enable`) === "0") return [];
    const paths = [`${folder}/in${channel}_input`, `${folder}/curr${channel}_input`];
    return [{ name, place: `${address} channel ${channel}`, paths, parse: parseMillivoltsAndMilliamperes }];
  });
}

// Thor's chip for all that goes into the module, which tegrastats calls VIN.
function inputRail(root: Root, { address }: RailChip, folder: string): Rail[] {
  const path = `${folder}/power1_input`;
  if (!root.list(folder).includes("power1_input")) return [];
  return [{ name: "VIN", place: address, paths: [path], parse: parseMicrowatts }];
}
