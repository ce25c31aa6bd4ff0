import type { EnergySummary } from "./energy.ts";
import type { MarksSummary } from "./marks_summary.ts";
import type { Device, Event, Exact, ExactName, Machine, Status } from "./records.ts";
import type { Kind, Unit } from "./metrics.ts";

/** Version of `summary.json`; a reader accepts this one and older ones. */
export const SUMMARY_SCHEMA = 1;

/** What a run used: `summary.json`, derived from the records alone. A value that is not known is absent, never 0. */
export interface Summary extends MarksSummary {
  readonly schema: typeof SUMMARY_SCHEMA;
  readonly run: RunSummary;
  readonly machine: Machine;
  /** Accelerators and other devices that were read. */
  readonly devices: readonly Device[];
  readonly exact: ExactSummary;
  /** By series, in the order of the vocabulary. */
  readonly metrics: Readonly<Record<string, MetricSummary>>;
  /** Absent where nothing told a power or an energy. */
  readonly energy?: EnergySummary;
  readonly processes: ProcessesSummary;
  /** Tags, signals, stops and continuations; the first 1,000. */
  readonly events: readonly Event[];
  /** What was not recorded, and why. */
  readonly unavailable: readonly Status[];
  /** Outputs that lost data, and how much. */
  readonly incomplete: readonly { readonly output: string; readonly reason: string }[];
  readonly monitor: MonitorSummary;
}

/** What ran, where, and how it ended. */
export interface RunSummary {
  readonly id: string;
  readonly mode: "run" | "attach";
  readonly command: readonly string[];
  readonly cwd: string;
  readonly host: string;
  /** Wall clock at the start of the command, ISO 8601 in UTC. */
  readonly started: string;
  /** Monotonic seconds from just before the command's start to its end; where the log breaks off, to its last record. */
  readonly wall_seconds: number;
  /** Null where a signal ended the command, absent where its end is not known. */
  readonly exit_code?: number | null;
  /** Name of the signal that ended the command, null where it exited by itself, absent where its end is not known. */
  readonly signal?: string | null;
  /** Why the end is not known. */
  readonly end_unknown?: string;
  readonly interval_seconds: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly message?: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly version: string;
}

/** What the kernel accounts exactly, beside what was sampled. */
export interface ExactSummary extends Omit<Exact, "sources"> {
  readonly sources: Readonly<Partial<Record<ExactName, string>>>;
  /** The source of `memory_peak_bytes` once more, under the name that readers look for. */
  readonly memory_peak_source?: string;
  /** What sampling alone would have said of the CPU: the increase of `cpu_seconds_total`. */
  readonly sampled_cpu_seconds?: number;
}

/** Statistics of one series over the run, weighted by time. */
export interface MetricSummary {
  readonly unit: Unit;
  readonly kind: Kind;
  /** Ticks with a value. */
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
  /** Gauges and rates: mean by the trapezoid rule; of a rate: increase / elapsed. */
  readonly mean?: number;
  readonly p50?: number;
  readonly p95?: number;
  /** Counters: the increase during the run; absent where a single reading tells none. */
  readonly total?: number;
  /** Counters of energy: the seconds of the run over which it was counted; absent where a single reading tells nothing. */
  readonly seconds?: number;
}

/** The processes of the run. */
export interface ProcessesSummary {
  /** Processes that were seen alive at least once. */
  readonly seen: number;
  /**
   * Share of the tree's CPU time that no process row accounts for: processes shorter than one interval, and what others used
   * after their last tick. 0 to 100.
   */
  readonly short_lived_cpu_percent?: number;
  /** The 1,000 largest by CPU time or memory, the largest CPU time first. */
  readonly rows: readonly ProcessSummary[];
}

/** One process over its whole life, as far as it was seen. */
export interface ProcessSummary {
  readonly id: number;
  readonly pid: number;
  readonly parent?: number;
  readonly name: string;
  readonly command?: readonly string[];
  /** Elapsed at its start; negative where it is older than the run. */
  readonly started?: number;
  /** Elapsed when it was first seen ended; absent while it lives. */
  readonly ended?: number;
  readonly exit_code?: number;
  readonly signal?: string;
  /** An estimate of its share of the energy of CPU packages and memory: by its share of the busy CPU time. */
  readonly energy_estimate_joules?: number;
  /** Last values of its counters and maxima of its gauges, by metric name. */
  readonly values: Readonly<Record<string, number>>;
}

/** What resmon itself cost. */
export interface MonitorSummary {
  readonly cpu_seconds?: number;
  readonly memory_peak_bytes?: number;
  readonly ticks: number;
  readonly ticks_skipped: number;
  readonly tick_p50_seconds?: number;
  readonly tick_p99_seconds?: number;
}
