import type { CgroupController } from "../lib/cgroup.ts";
import type { MetricName } from "../lib/metrics.ts";
import { parseCounters, parseCountFile } from "../lib/parse.ts";

const MICROSECONDS = 1_000_000;
const NANOSECONDS = 1_000_000_000;

/** What one file of a control group tells: metrics, and the inactive page cache that the working set is without. */
export type CgroupValues = Partial<Record<MetricName | "inactive_file", number>>;

/** One file of a control group. */
export interface CgroupFile {
  readonly version: 1 | 2;
  readonly controller: CgroupController;
  readonly name: string;
  /** Throws SyntaxError. */
  readonly parse: (text: string) => CgroupValues;
}

const V1_FILES: readonly VersionlessFile[] = [
  single("cpuacct", "cpuacct.usage", (time) => ({ cgroup_cpu_seconds_total: time / NANOSECONDS })),
  { controller: "cpu", name: "cpu.stat", parse: parseCpuStatV1 },
  single("memory", "memory.usage_in_bytes", (bytes) => ({ cgroup_memory_used_bytes: bytes })),
  single("memory", "memory.max_usage_in_bytes", (bytes) => ({ cgroup_memory_peak_bytes: bytes })),
  { controller: "memory", name: "memory.stat", parse: parseMemoryStatV1 },
  { controller: "memory", name: "memory.oom_control", parse: parseOomKills },
  single("pids", "pids.current", (count) => ({ cgroup_processes: count })),
];

const V2_FILES: readonly VersionlessFile[] = [
  { controller: "cpu", name: "cpu.stat", parse: parseCpuStatV2 },
  single("memory", "memory.current", (bytes) => ({ cgroup_memory_used_bytes: bytes })),
  single("memory", "memory.peak", (bytes) => ({ cgroup_memory_peak_bytes: bytes })),
  single("memory", "memory.swap.current", (bytes) => ({ cgroup_swap_used_bytes: bytes })),
  { controller: "memory", name: "memory.stat", parse: parseMemoryStatV2 },
  { controller: "memory", name: "memory.events", parse: parseOomKills },
  single("pids", "pids.current", (count) => ({ cgroup_processes: count })),
];

/** The files that account a control group, see the kernel's admin-guide: cgroup-v1 and cgroup-v2. */
export const CGROUP_FILES: readonly CgroupFile[] = [
  ...V1_FILES.map((file) => ({ ...file, version: 1 as const })),
  ...V2_FILES.map((file) => ({ ...file, version: 2 as const })),
];

type VersionlessFile = Omit<CgroupFile, "version">;

function single(controller: CgroupController, name: string, values: (value: number) => CgroupValues): VersionlessFile {
  return { controller, name, parse: (text) => values(parseCountFile(text, name)) };
}

/** Parses `cpu.stat` of version 1. Throws SyntaxError. */
export function parseCpuStatV1(text: string): CgroupValues {
  const stat = parseCounters(text, "cpu.stat");
  return {
    ...present("cgroup_cpu_periods_total", stat.get("nr_periods")),
    ...present("cgroup_cpu_throttled_periods_total", stat.get("nr_throttled")),
    ...present("cgroup_cpu_throttled_seconds_total", stat.get("throttled_time"), NANOSECONDS),
  };
}

/** Parses `cpu.stat` of version 2; a group without the controller, as the root, has the usage only. Throws SyntaxError. */
export function parseCpuStatV2(text: string): CgroupValues {
  const stat = parseCounters(text, "cpu.stat");
  return {
    ...present("cgroup_cpu_seconds_total", stat.get("usage_usec"), MICROSECONDS),
    ...present("cgroup_cpu_periods_total", stat.get("nr_periods")),
    ...present("cgroup_cpu_throttled_periods_total", stat.get("nr_throttled")),
    ...present("cgroup_cpu_throttled_seconds_total", stat.get("throttled_usec"), MICROSECONDS),
  };
}

/** Parses `memory.stat` of version 1: the lines that include the groups below. Swap is absent where it is not accounted. */
export function parseMemoryStatV1(text: string): CgroupValues {
  const stat = parseCounters(text, "memory.stat");
  return {
    ...present("inactive_file", stat.get("total_inactive_file")),
    ...present("cgroup_swap_used_bytes", stat.get("total_swap")),
  };
}

/** Parses `memory.stat` of version 2. Throws SyntaxError. */
export function parseMemoryStatV2(text: string): CgroupValues {
  return present("inactive_file", parseCounters(text, "memory.stat").get("inactive_file"));
}

// Both versions spell the line alike; version 1 has it since Linux 4.13.
function parseOomKills(text: string): CgroupValues {
  return present("cgroup_oom_kills_total", parseCounters(text, "events of memory").get("oom_kill"));
}

function present(key: keyof CgroupValues, value: number | undefined, divisor = 1): CgroupValues {
  return value === undefined ? {} : { [key]: value / divisor };
}
