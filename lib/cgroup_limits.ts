import type { Cgroup, CgroupController, CgroupPlace } from "./cgroup.ts";
import { parseCount, parseCountFile, parseIntegerFile, splitLines } from "./parse.ts";
import { isGone, type Root } from "./root.ts";

/** What a control group may use at most: the least of its own limits and its ancestors'. Undefined is unlimited. */
export interface CgroupLimits {
  /** CPUs; a fraction where the quota is one. */
  readonly cpus: number | undefined;
  readonly memoryBytes: number | undefined;
  /** Processes and threads. */
  readonly processes: number | undefined;
}

/** Reads the limits that hold for the group now. Throws SystemError or SyntaxError. */
export function readCgroupLimits(root: Root, cgroup: Cgroup): CgroupLimits {
  return {
    cpus: least(
      cgroup,
      "cpu",
      ({ version }, folder) => version === 1 ? readQuota(root, folder) : readCpuMax(root, folder),
    ),
    memoryBytes: least(cgroup, "memory", ({ version }, folder) => {
      return readLimit(root, `${folder}/${version === 1 ? "memory.limit_in_bytes" : "memory.max"}`);
    }),
    processes: least(cgroup, "pids", (_, folder) => readLimit(root, `${folder}/pids.max`)),
  };
}

function least(
  cgroup: Cgroup,
  controller: CgroupController,
  read: (place: CgroupPlace, folder: string) => number | undefined,
): number | undefined {
  const place = cgroup.find(controller);
  const limits = place?.folders.map((folder) => read(place, folder)).filter((limit) => limit !== undefined) ?? [];
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/** Parses `cpu.max`, `quota period` or `max period` in µs, into CPUs; undefined is unlimited. Throws SyntaxError. */
export function parseCpuMax(text: string): number | undefined {
  const [quota, period] = (splitLines(text, "cpu.max")[0] ?? "").split(" ");
  if (quota === "max") return undefined;
  return divideQuota(parseCount(quota, "quota of cpu.max"), parseCount(period, "period of cpu.max"));
}

// The kernel takes no quota and no period below a millisecond.
function divideQuota(quota: number, period: number): number {
  if (quota > 0 && period > 0) return quota / period;
  throw new SyntaxError(`Cannot parse a quota of CPU time: ${quota} of ${period} µs`);
}

// Version 1 says "no limit" with the largest number of whole pages in 63 bits, which depends on the size of a page.
const UNLIMITED = 2 ** 62;

/** Parses a limit that is a number, or `max`, or the number that stands for it; undefined is unlimited. Throws SyntaxError. */
export function parseLimit(text: string, what: string): number | undefined {
  if (text === "max\n") return undefined;
  const limit = parseCountFile(text, what);
  return limit < UNLIMITED ? limit : undefined;
}

function readCpuMax(root: Root, folder: string): number | undefined {
  const text = readIfThere(root, `${folder}/cpu.max`);
  return text === undefined ? undefined : parseCpuMax(text);
}

function readQuota(root: Root, folder: string): number | undefined {
  const text = readIfThere(root, `${folder}/cpu.cfs_quota_us`);
  const quota = text === undefined ? -1 : parseIntegerFile(text, "cpu.cfs_quota_us");
  if (quota < 0) return undefined;
  return divideQuota(quota, parseCountFile(root.read(`${folder}/cpu.cfs_period_us`), "cpu.cfs_period_us"));
}

function readLimit(root: Root, path: string): number | undefined {
  const text = readIfThere(root, path);
  return text === undefined ? undefined : parseLimit(text, path);
}

// A root group has no files for limits.
function readIfThere(root: Root, path: string): string | undefined {
  try {
    return root.read(path);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
