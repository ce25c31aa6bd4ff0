import { parseCount, parseCounters, splitLines } from "./parse.ts";
import type { Exact } from "./records.ts";

/** What a control group has used since it was made. */
export interface CgroupTotals {
  readonly cpuSeconds?: number;
  readonly cpuUserSeconds?: number;
  readonly cpuSystemSeconds?: number;
  readonly storageReadBytes?: number;
  readonly storageWriteBytes?: number;
  /** The largest memory of all of it together, page cache included. */
  readonly memoryPeakBytes?: number;
}

const MICROSECONDS = 1_000_000;

/** Parses the CPU time of `cpu.stat`, version 2, which every group has. Throws SyntaxError. */
export function parseCpuUsage(text: string): CgroupTotals {
  const stat = parseCounters(text, "cpu.stat");
  const [all, user, system] = ["usage_usec", "user_usec", "system_usec"].map((key) => stat.get(key));
  if (all === undefined) throw new SyntaxError("Cannot parse cpu.stat: usage_usec is missing");
  return {
    cpuSeconds: all / MICROSECONDS,
    ...(user === undefined ? {} : { cpuUserSeconds: user / MICROSECONDS }),
    ...(system === undefined ? {} : { cpuSystemSeconds: system / MICROSECONDS }),
  };
}

/**
 * Parses `io.stat`: lines of `MAJ:MIN key=value …`, several devices on one line where they have nothing to tell. Devices that
 * stand on others are left out. Throws SyntaxError.
 *
 * @param isStacked Says of a device, such as `253:0`, whether it stands on others.
 */
export function parseIoStat(text: string, isStacked: (device: string) => boolean): CgroupTotals {
  let read = 0;
  let written = 0;
  // Nothing was read or written yet: the file is empty.
  for (const line of text === "" ? [] : splitLines(text, "io.stat")) {
    const device = /^(?:\d+:\d+ )*?(\d+:\d+)(?: [^:]*)?$/.exec(line)?.[1];
    if (device === undefined) throw new SyntaxError(`Cannot parse io.stat: ${JSON.stringify(line)}`);
    if (isStacked(device)) continue;
    read += valueOf(line, "rbytes");
    written += valueOf(line, "wbytes");
  }
  return { storageReadBytes: read, storageWriteBytes: written };
}

/** What the kernel accounts exactly, where it is known of the command's own control group: that holds for everything in it. */
export function exactOfCgroup(exact: Exact, totals: CgroupTotals): Exact {
  const known = {
    ...present("cpu_seconds", totals.cpuSeconds),
    ...present("cpu_user_seconds", totals.cpuUserSeconds),
    ...present("cpu_system_seconds", totals.cpuSystemSeconds),
    ...present("storage_read_bytes", totals.storageReadBytes),
    ...present("storage_write_bytes", totals.storageWriteBytes),
    ...present("cgroup_memory_peak_bytes", totals.memoryPeakBytes),
  };
  const sources = Object.fromEntries(Object.keys(known).map((name) => [name, sourceOf(name)]));
  return { ...exact, ...known, sources: { ...exact.sources, ...sources } };
}

function present(name: string, value: number | undefined): Readonly<Record<string, number>> {
  return value === undefined ? {} : { [name]: value };
}

function sourceOf(name: string): string {
  if (name.startsWith("cpu_")) return "cgroup cpu.stat";
  return name.startsWith("storage_") ? "cgroup io.stat" : "cgroup memory.peak";
}

// A device that was not used has no values.
function valueOf(line: string, key: string): number {
  const value = new RegExp(`(?:^| )${key}=(\\S*)`).exec(line)?.[1];
  return value === undefined ? 0 : parseCount(value, `${key} of io.stat`);
}
