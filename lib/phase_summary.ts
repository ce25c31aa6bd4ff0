import type { IntervalMetric } from "./interval_account.ts";
import type { Attributes } from "./records.ts";
import { toMillionths } from "./rounding.ts";
import { tryParseSeries } from "./series.ts";

/** What is told of a part of a run at once, out of its metrics; what is not known is absent. */
export interface PhaseFigures {
  /** CPU seconds of the command's process tree, sampled. */
  readonly cpu_seconds?: number;
  /** Of what the energy of the run covers, whatever ran there. */
  readonly joules?: number;
  /** Resident memory summed over the tree. */
  readonly memory_rss_mean_bytes?: number;
  readonly memory_rss_max_bytes?: number;
  readonly storage_read_bytes?: number;
  readonly storage_write_bytes?: number;
  readonly syscall_read_bytes?: number;
  readonly syscall_write_bytes?: number;
  /** Mean use over all GPUs, all programs together. */
  readonly gpu_percent?: number;
  /** Of the GPU that was fullest, all programs together. */
  readonly gpu_memory_max_bytes?: number;
}

/** The names of all figures, in the order in which they are told. */
export const FIGURES = [
  "cpu_seconds",
  "joules",
  "memory_rss_mean_bytes",
  "memory_rss_max_bytes",
  "storage_read_bytes",
  "storage_write_bytes",
  "syscall_read_bytes",
  "syscall_write_bytes",
  "gpu_percent",
  "gpu_memory_max_bytes",
] as const satisfies readonly (keyof PhaseFigures)[];

/** Phases of one name: all that was used while at least one of them went on. */
export interface PhaseSummary extends PhaseFigures {
  readonly name: string;
  /** That this is the sum of all names beyond the first 200, and its name none of theirs. */
  readonly others?: true;
  /** How often it began. */
  readonly count: number;
  /** How many of these did not end, so that the end of their process or of the run was taken; absent where there is none. */
  readonly unfinished?: number;
  /** How many of these told an error; absent where there is none. */
  readonly failed?: number;
  /** Elapsed at the first start. */
  readonly started: number;
  /** For how long at least one went on. */
  readonly seconds: number;
  readonly mean_seconds: number;
  readonly longest_seconds: number;
  readonly metrics: Readonly<Record<string, IntervalMetric>>;
  /** At most 1,000 of all names together: of the names with most of them the latest are left out. */
  readonly repetitions: readonly PhaseRepetition[];
}

/** One phase: all that was used while it went on, by whatever part of the program. */
export interface PhaseRepetition extends PhaseFigures {
  /** 1, 2, … within the name. */
  readonly repetition: number;
  /** Elapsed at its start. */
  readonly started: number;
  readonly seconds: number;
  /** How many phases of the same thread it lies in. */
  readonly depth: number;
  /** The name of the innermost of these. */
  readonly parent?: string;
  /** Which one of that name; absent where that one is one of many that are told together. */
  readonly parent_repetition?: number;
  readonly unfinished?: true;
  readonly pid?: number;
  readonly tid?: number;
  /** Of its start and its end; `error` where it failed. */
  readonly attributes?: Attributes;
  readonly metrics: Readonly<Record<string, IntervalMetric>>;
}

/** A phase as it is told when it has ended. */
export interface MeasuredPhase extends Omit<PhaseRepetition, "repetition"> {
  readonly name: string;
  /** Absent where the name is one of many that are told together. */
  readonly repetition?: number;
}

/** What went wrong with phases, counted; absent where nothing did. */
export interface PhaseTroubles {
  /** Ends of phases that had not begun, or had ended. */
  readonly ends_without_start?: number;
  /** The names that these told, at most ten. */
  readonly unmatched_names?: readonly string[];
  /** Phases that were not measured, because 1,000 others were going on. */
  readonly not_measured?: number;
}

/** How many phases there were, and how many of these are told one by one. */
export function countPhases(phases: readonly PhaseSummary[]): readonly [all: number, told: number] {
  const told = phases.reduce((sum, { repetitions }) => sum + repetitions.length, 0);
  return [phases.reduce((sum, { count }) => sum + count, 0), told];
}

/** Sums metrics up to figures; `energySeries`: those whose sum is the energy of the run. */
export function figuresOf(
  metrics: Readonly<Record<string, IntervalMetric>>,
  energySeries: readonly string[],
): PhaseFigures {
  const rss = metrics["memory_rss_bytes"];
  const use = byGpu(metrics, "gpu_utilization_percent").flatMap(({ mean }) => mean ?? []);
  const used = byGpu(metrics, "gpu_memory_used_bytes").flatMap(({ max }) => max ?? []);
  const joules = energySeries.flatMap((series) => metrics[series]?.total ?? []);
  const figures: { readonly [Name in keyof PhaseFigures]-?: PhaseFigures[Name] | undefined } = {
    cpu_seconds: metrics["cpu_seconds_total"]?.total,
    // A part of the sum would be read as the whole.
    joules: joules.length > 0 && joules.length === energySeries.length ? toMillionths(sum(joules)) : undefined,
    memory_rss_mean_bytes: rss?.mean,
    memory_rss_max_bytes: rss?.max,
    storage_read_bytes: metrics["storage_read_bytes_total"]?.total,
    storage_write_bytes: metrics["storage_write_bytes_total"]?.total,
    syscall_read_bytes: metrics["syscall_read_bytes_total"]?.total,
    syscall_write_bytes: metrics["syscall_write_bytes_total"]?.total,
    gpu_percent: use.length === 0 ? undefined : toMillionths(sum(use) / use.length),
    gpu_memory_max_bytes: used.length === 0 ? undefined : Math.max(...used),
  };
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
}

// Without the instances of a GPU that MIG divides, such as 0/mig1: they are parts of it.
function byGpu(metrics: Readonly<Record<string, IntervalMetric>>, name: string): IntervalMetric[] {
  return Object.entries(metrics).filter(([series]) =>
    series.startsWith(`${name}{`) && !tryParseSeries(series)?.labels["gpu"]?.includes("/")
  ).map(([, metric]) => metric);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
