import { orGap } from "./availability.ts";
import { Cgroup } from "./cgroup.ts";
import { type CgroupTotals, parseCpuUsage, parseIoStat } from "./cgroup_totals.ts";
import { parseCountFile } from "./parse.ts";
import { parseProcStat } from "./proc_files.ts";
import { isGone, type Root, SystemError } from "./root.ts";

const ADVICE = "--cgroup needs a group of version 2 that may be written, such as that of root, or one of your own: " +
  "systemd-run --user --scope -p Delegate=yes resmon run --cgroup new ...";
const PREFIX = "resmon-";
const OWN_NAME = /^resmon-(\d+)-(\d+)$/;
const WANTED = ["cpu", "io", "memory", "pids"];

/** A control group that could not be made: what was wrong and what to do. */
export class CgroupLeafError extends Error {
  override readonly name = "CgroupLeafError";
}

/**
 * A control group (version 2) of its own for one command: what is in it is accounted by the kernel, children that nobody waited
 * for included. See cgroups(7) and the kernel's admin-guide/cgroup-v2.
 */
export class CgroupLeaf {
  readonly folder: string;
  readonly #root: Root;
  /** Where resmon itself lives. */
  readonly #home: string;

  /**
   * Makes a leaf and removes those that crashed runs left beside it.
   *
   * @param where A folder of the hierarchy, or `new`: see {@linkcode chooseParent}. Throws {@linkcode CgroupLeafError}.
   */
  constructor(root: Root, where: string) {
    this.#root = root;
    const groups = ownGroups(root);
    this.#home = groups[0];
    const parent = where === "new"
      ? chooseParent(root, groups, isWritable)
      : resolveParent(root, where, groups.at(-1) ?? "");
    removeStale(root, parent);
    enableControllers(root, parent);
    this.folder = `${parent}/${PREFIX}${Deno.pid}-${startTimeOf(root, Deno.pid) ?? 0}`;
    attempt(`make ${this.folder}`, () => Deno.mkdirSync(this.folder));
  }

  /**
   * Does `spawn` while resmon is in the leaf, so that what it starts is there from its first instruction on. Throws
   * {@linkcode CgroupLeafError} before `spawn` where the kernel does not let resmon in.
   */
  around<T>(spawn: () => T): T {
    this.#moveTo(this.folder);
    try {
      return spawn();
    } finally {
      this.#goHome();
    }
  }

  /** What the group has used so far; a file that the kernel does not have there is left out. */
  totals(): CgroupTotals {
    return {
      ...this.#read("cpu.stat", parseCpuUsage),
      ...this.#read("io.stat", (text) => parseIoStat(text, (device) => this.#isStacked(device))),
      ...this.#read("memory.peak", (text) => ({ memoryPeakBytes: parseCountFile(text, "memory.peak") })),
    };
  }

  /** Removes the leaf. Throws {@linkcode CgroupLeafError} while something lives in it. */
  remove(): void {
    attempt(`remove ${this.folder}`, () => Deno.removeSync(this.folder));
  }

  // The command runs by now: resmon counts as a part of it where it cannot leave, and says so when it cannot remove the leaf.
  #goHome(): void {
    succeeds(() => Deno.writeTextFileSync(`${this.#home}/cgroup.procs`, `${Deno.pid}`));
  }

  #moveTo(folder: string): void {
    attempt(`move resmon into ${folder}`, () => Deno.writeTextFileSync(`${folder}/cgroup.procs`, `${Deno.pid}`));
  }

  #read(name: string, parse: (text: string) => CgroupTotals): CgroupTotals {
    try {
      return parse(this.#root.read(`${this.folder}/${name}`));
    } catch (error) {
      if (isGone(error)) return {};
      throw error;
    }
  }

  // Bytes of a device mapper or RAID device are counted again for the disks below it.
  #isStacked(device: string): boolean {
    return listOrNone(this.#root, `/sys/dev/block/${device}/slaves`).length > 0;
  }
}

/** resmon's own group of version 2 and those above it, up to the mount. */
function ownGroups(root: Root): readonly [string, ...string[]] {
  const place = new Cgroup(root).findUnified();
  if (place !== undefined) return place.folders;
  throw new CgroupLeafError("Cannot make a control group: no hierarchy of version 2 is mounted (see mount -t cgroup2)");
}

/**
 * The nearest of resmon's own group and those above it that accounts memory for its children, else resmon's own. A group with
 * limits is never left: they are to hold for the command.
 */
export function chooseParent(
  root: Root,
  groups: readonly [string, ...string[]],
  isWritable: (folder: string) => boolean,
): string {
  for (const group of groups) {
    if (isWritable(group) && controllersOf(root, group).includes("memory")) return group;
    if (hasLimits(root, group)) break;
  }
  return groups[0];
}

function hasLimits(root: Root, group: string): boolean {
  const limits = ["memory.max", "memory.high", "memory.swap.max", "cpu.max", "pids.max"];
  const isSet = (name: string): boolean => {
    const text = orGap(() => root.read(`${group}/${name}`));
    return text !== null && !text.startsWith("max");
  };
  return limits.some(isSet) || (orGap(() => root.read(`${group}/cpuset.cpus`)) ?? "").trim() !== "";
}

function resolveParent(root: Root, where: string, mount: string): string {
  const candidates = [where, `${mount}/${where}`.replaceAll("//", "/")];
  const found = candidates.find((folder) => isGroup(root, folder));
  if (found !== undefined) return found.replace(/\/+$/, "");
  throw new CgroupLeafError(`Cannot make a control group in ${where}: it is no group of version 2 below ${mount}`);
}

function isGroup(root: Root, folder: string): boolean {
  return listOrNone(root, folder).includes("cgroup.controllers");
}

function controllersOf(root: Root, folder: string): string[] {
  try {
    return root.read(`${folder}/cgroup.subtree_control`).trim().split(" ");
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

// Within a group that has processes itself the kernel refuses; what it does not account is told at the end.
function enableControllers(root: Root, parent: string): void {
  const enabled = controllersOf(root, parent);
  for (const name of WANTED.filter((each) => !enabled.includes(each))) {
    succeeds(() => Deno.writeTextFileSync(`${parent}/cgroup.subtree_control`, `+${name}`));
  }
}

function removeStale(root: Root, parent: string): void {
  for (const name of listOrNone(root, parent)) {
    const [, pid, startTime] = OWN_NAME.exec(name) ?? [];
    if (pid === undefined || `${startTimeOf(root, parseInt(pid, 10))}` === startTime) continue;
    // One in which something still lives stays.
    succeeds(() => Deno.removeSync(`${parent}/${name}`));
  }
}

function startTimeOf(root: Root, pid: number): number | undefined {
  try {
    return parseProcStat(root.read(`/proc/${pid}/stat`)).startTicks;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function listOrNone(root: Root, folder: string): string[] {
  let names: string[] = [];
  succeeds(() => names = root.list(folder));
  return names;
}

function isWritable(folder: string): boolean {
  return succeeds(() => Deno.openSync(`${folder}/cgroup.procs`, { write: true }).close());
}

/** Says whether the kernel did it. */
function succeeds(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (isSystemFailure(error)) return false;
    throw error;
  }
}

function isSystemFailure(error: unknown): error is Error {
  return error instanceof SystemError || (error instanceof Error && /\(os error \d+\)/.test(error.message));
}

function attempt(what: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!isSystemFailure(error)) throw error;
    throw new CgroupLeafError(`Cannot ${what}: ${error.message}. ${ADVICE}`);
  }
}
