import type { Exact, ExactName } from "../lib/records.ts";
import type { Reaped, ResourceUsage } from "../lib/wait.ts";
import type { Switches } from "./context_switches.ts";
import { type Amounts, FIRST_IO } from "./process_ledger.ts";

const SAME_PEAK = 0.98;

// Amounts of CPU time below one clock tick are rounding.
const TICK_SECONDS = 0.01;

/** What is known of a tree at its end. */
export interface EndOfTree {
  /** The command, reaped; undefined where its status is lost. */
  readonly command: Reaped | undefined;
  /** resmon's own peak when the command was started, which the kernel makes the least value of `ru_maxrss`. */
  readonly spawnPeakBytes: number;
  /** What resmon reaped: the command and orphans of its tree. */
  readonly reaped: Readonly<Amounts>;
  /** Orphans that resmon reaped: their switches and the largest of them. */
  readonly orphanSwitches: Readonly<Switches>;
  readonly orphanPeakBytes: number;
  /** What the processes that still run have used. */
  readonly running: Readonly<Amounts>;
  /** What vanished without being waited for: only sampling saw it. */
  readonly dropped: Readonly<Amounts>;
  /** I/O of the whole tree as last read, in the order of the ledger; undefined where the command's could not be read. */
  readonly io: Readonly<Amounts> | undefined;
  /** Largest resident memory of a single process that was seen. */
  readonly sampledPeakBytes: number | undefined;
}

/** The exact totals of a tree, each with its source. */
export function exactTotals(end: EndOfTree): Exact {
  const sources: Partial<Record<ExactName, string>> = {};
  const peak = largestProcess(end);
  if (peak !== undefined) sources.memory_peak_bytes = peak.source;
  const used = end.command === undefined ? undefined : fromUsage(end, end.command.usage, sources);
  const limit = peakLimit(end);
  return {
    ...used,
    ...fromIo(end, sources),
    ...(peak === undefined ? {} : { memory_peak_bytes: peak.bytes }),
    ...(limit === undefined || limit < (peak?.bytes ?? 0) ? {} : { memory_peak_limit_bytes: limit }),
    sources,
  };
}

function fromUsage(end: EndOfTree, usage: ResourceUsage, sources: Partial<Record<ExactName, string>>): Partial<Exact> {
  function whole(index: number): number {
    return (end.reaped[index] ?? 0) + (end.running[index] ?? 0) + (end.dropped[index] ?? 0);
  }
  const user = whole(0);
  const system = whole(1);
  const source = sourceOfCpu(end);
  for (
    const name of ["cpu_seconds", "cpu_user_seconds", "cpu_system_seconds", "minor_faults", "major_faults"] as const
  ) {
    sources[name] = source;
  }
  sources.voluntary_context_switches = sources.involuntary_context_switches = "wait4";
  return {
    cpu_seconds: roundMicroseconds(user + system),
    cpu_user_seconds: roundMicroseconds(user),
    cpu_system_seconds: roundMicroseconds(system),
    minor_faults: whole(2),
    major_faults: whole(3),
    voluntary_context_switches: usage.voluntaryContextSwitches + end.orphanSwitches.voluntary,
    involuntary_context_switches: usage.involuntaryContextSwitches + end.orphanSwitches.involuntary,
  };
}

function sourceOfCpu(end: EndOfTree): string {
  const parts = ["wait4"];
  if (cpuOf(end.dropped) >= TICK_SECONDS) parts.push("sampled: processes that nobody waited for");
  if (cpuOf(end.running) > 0) parts.push("sampled: processes that still run");
  return parts.join(" + ");
}

function cpuOf(amounts: Readonly<Amounts>): number {
  return (amounts[0] ?? 0) + (amounts[1] ?? 0);
}

function fromIo(end: EndOfTree, sources: Partial<Record<ExactName, string>>): Partial<Exact> {
  const names = ["syscall_read_bytes", "syscall_write_bytes", "storage_read_bytes", "storage_write_bytes"] as const;
  const values: Partial<Record<typeof names[number], number>> = {};
  for (const [index, name] of names.entries()) {
    const value = end.io?.[FIRST_IO + index];
    if (value === undefined) continue;
    values[name] = value;
    sources[name] = "/proc/<pid>/io at the end";
  }
  return values;
}

function largestProcess(end: EndOfTree): { bytes: number; source: string } | undefined {
  const ofCommand = peakLimit(end) === undefined ? end.command?.usage.maxRssBytes ?? 0 : 0;
  const exact = Math.max(ofCommand, end.orphanPeakBytes);
  const sampled = end.sampledPeakBytes ?? 0;
  if (exact === 0 && sampled === 0) return undefined;
  // The kernel's two accounts of one process differ by some pages; more than that, and nobody waited for the process.
  const source = exact >= sampled * SAME_PEAK ? "ru_maxrss" : "sampled VmHWM";
  return { bytes: Math.max(exact, sampled), source };
}

// The kernel takes resmon's own size over into the command's ru_maxrss: a value that is not above it is only a limit.
function peakLimit({ command, spawnPeakBytes }: EndOfTree): number | undefined {
  if (command === undefined || command.usage.maxRssBytes > spawnPeakBytes) return undefined;
  return command.usage.maxRssBytes;
}

function roundMicroseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
