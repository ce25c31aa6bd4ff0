import type { Environment } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import type { Switches } from "./context_switches.ts";
import { type Amounts, CONSERVED } from "./process_ledger.ts";
import type { TrackedProcess } from "./tracked_process.ts";

/** The columns of each process row. */
export const PROCESS_COLUMNS = [
  "cpu_seconds_total",
  "cpu_user_seconds_total",
  "cpu_system_seconds_total",
  "memory_rss_bytes",
  "memory_pss_bytes",
  "memory_swap_bytes",
  "memory_peak_bytes",
  "threads",
  "open_files",
  "minor_faults_total",
  "major_faults_total",
  "syscall_read_bytes_total",
  "syscall_write_bytes_total",
  "storage_read_bytes_total",
  "storage_write_bytes_total",
  "voluntary_context_switches_total",
  "involuntary_context_switches_total",
] as const satisfies readonly MetricName[];

type ProcessColumn = typeof PROCESS_COLUMNS[number];

/** The columns of the whole tree. */
export const TREE_COLUMNS = [...PROCESS_COLUMNS, "processes"] as const satisfies readonly MetricName[];

/** The values of one process in the order of {@linkcode PROCESS_COLUMNS}; null is unknown. */
export type ProcessValues = readonly (number | null)[];

const LEVELS = ["memory_rss_bytes", "memory_pss_bytes", "memory_swap_bytes", "threads", "open_files"] as const;

/** What is known of a process beside what its own files say. */
export interface ProcessExtras {
  readonly switches: Readonly<Switches>;
  readonly openFiles: number | null;
}

/** The values of a process; its proportional memory is filled in by {@linkcode withProportionalMemory}. */
export function valuesOf(
  process: TrackedProcess,
  { switches, openFiles }: ProcessExtras,
  units: Pick<Environment, "clockTicks" | "pageSize">,
): ProcessValues {
  const { stat, status, isZombie } = process;
  const io = process.ownIo();
  const values = {
    cpu_seconds_total: Math.round(process.cpuSeconds * 1e4) / 1e4,
    cpu_user_seconds_total: stat.userTicks / units.clockTicks,
    cpu_system_seconds_total: stat.systemTicks / units.clockTicks,
    memory_rss_bytes: isZombie ? null : status?.rssBytes ?? stat.rssPages * units.pageSize,
    memory_pss_bytes: null,
    memory_swap_bytes: isZombie ? null : status?.swapBytes ?? null,
    memory_peak_bytes: process.peakRssBytes ?? null,
    threads: isZombie ? null : stat.threads,
    open_files: openFiles,
    minor_faults_total: stat.minorFaults,
    major_faults_total: stat.majorFaults,
    syscall_read_bytes_total: io?.[4] ?? null,
    syscall_write_bytes_total: io?.[5] ?? null,
    storage_read_bytes_total: io?.[6] ?? null,
    storage_write_bytes_total: io?.[7] ?? null,
    voluntary_context_switches_total: switches.voluntary,
    involuntary_context_switches_total: switches.involuntary,
  } satisfies Record<ProcessColumn, number | null>;
  return PROCESS_COLUMNS.map((name) => values[name]);
}

/** The values with another proportional memory; the same array where it is no other. */
export function withProportionalMemory(values: ProcessValues, bytes: number | null): ProcessValues {
  const column = columnOf("memory_pss_bytes");
  return values[column] === bytes ? values : values.with(column, bytes);
}

function columnOf(name: ProcessColumn): number {
  return PROCESS_COLUMNS.indexOf(name);
}

/** The readings that make up the tree. */
export interface TreeReadings {
  readonly rows: ReadonlyMap<TrackedProcess, ProcessValues>;
  readonly totals: Readonly<Amounts>;
  readonly cpuSeconds: number;
  readonly switches: Readonly<Switches>;
  readonly peakBytes: number | null;
}

/** The values of the whole tree, in the order of {@linkcode TREE_COLUMNS}. */
export function sumOfTree({ rows, totals, cpuSeconds, switches, peakBytes }: TreeReadings): (number | null)[] {
  const all = [...rows.values()];
  const living = [...rows].filter(([process]) => !process.isZombie).map(([, values]) => values);
  const sums = new Map<string, number | null>();
  // Levels of a tree without a living process, or with one that could not be read, are unknown and not 0.
  for (const name of LEVELS) sums.set(name, living.length === 0 ? null : sumOf(living, columnOf(name)));
  for (const [index, name] of CONSERVED.entries()) {
    const total = round(totals[index] ?? 0);
    // What could not be read of any process (I/O of another user's) is unknown and not 0.
    const isUnknown = total === 0 && all.every((values) => values[columnOf(name)] === null);
    sums.set(name, isUnknown ? null : total);
  }
  sums.set("cpu_seconds_total", Math.round(cpuSeconds * 1e4) / 1e4);
  sums.set("memory_peak_bytes", peakBytes);
  sums.set("voluntary_context_switches_total", switches.voluntary);
  sums.set("involuntary_context_switches_total", switches.involuntary);
  sums.set("processes", living.length === 0 ? null : living.length);
  return TREE_COLUMNS.map((name) => sums.get(name) ?? null);
}

/** A tree that has not started: its counters are 0, its levels unknown. */
export function zeroTree(): (number | null)[] {
  return TREE_COLUMNS.map((name) => name.endsWith("_total") ? 0 : null);
}

function sumOf(rows: readonly ProcessValues[], column: number): number | null {
  let sum = 0;
  for (const values of rows) {
    const value = values[column] ?? null;
    if (value === null) return null;
    sum += value;
  }
  return sum;
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
