import { type Failure, orGap } from "../lib/availability.ts";
import type { Root } from "../lib/root.ts";
import type { Names } from "./name_apart.ts";
import { basename, byNumber, listFolders, readLine } from "./sysfs.ts";

/** A chip of the kernel's hwmon/sysfs-interface. */
export interface Chip {
  readonly name: string;
  readonly folder: string;
  /** The device that the chip is or sits on, such as `coretemp.0` or `nvme0`. */
  readonly device: string;
  /** The names of its files. */
  readonly files: readonly string[];
}

/**
 * The chips of the machine, in the order of their numbers, which may change at every boot. One whose device sleeps is told to
 * `onFailure` and left out.
 */
export function findChips(root: Root, onFailure: (failure: Failure) => void): Chip[] {
  const folders = listFolders(root, "/sys/class/hwmon").filter((folder) => !isAsleep(root, folder, onFailure));
  return folders.map((folder) => readChip(root, folder)).filter((chip) => chip !== null);
}

/** The numbers of a chip's inputs: of `pattern`, where the number is the first group. */
export function inputNumbers({ files }: Chip, pattern: RegExp): string[] {
  return [...new Set(files.flatMap((file) => pattern.exec(file)?.[1] ?? []))].sort(byNumber);
}

/** The names that an input such as `temp1` of a chip may go by: by its label, where it has one. */
export function inputNames(root: Root, { name, folder, device }: Chip, input: string): Names {
  const label = readLine(root, `${folder}/${input}_label`);
  const short = label === undefined ? [name, `${name} ${input}`] as const : [`${name} ${label}`] as const;
  const full = `${short.at(-1)} (${device})`;
  return [...short, full, `${full} ${basename(folder)} ${input}`];
}

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
    const device = orGap(() => root.readLink(`${folder}/device`)) ?? folder;
    return { name: name ?? basename(folder), folder, device: basename(device), files: root.list(folder) };
  });
}
