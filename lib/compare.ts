import type { EnergyScope } from "./energy.ts";
import { formatCommand } from "./escape.ts";
import { byGpu } from "./gpu_fact.ts";
import type { Unit } from "./metrics.ts";
import type { Summary } from "./summary.ts";
import { treePeak } from "./tree_memory.ts";

/** One quantity of several runs, in their order; `undefined` where a run does not tell it. */
export interface Comparison {
  readonly label: string;
  readonly unit: Unit;
  readonly values: readonly (number | undefined)[];
}

/** How a value differs from another one. */
export interface Difference {
  readonly absolute: number;
  /** In percent of the first; absent where that is 0. */
  readonly percent?: number;
}

interface Quantity {
  readonly label: string;
  readonly unit: Unit;
  readonly valueOf: (summary: Summary) => number | undefined;
}

const QUANTITIES: readonly Quantity[] = [
  { label: "Duration", unit: "seconds", valueOf: ({ run }) => run.wall_seconds },
  { label: "CPU time", unit: "seconds", valueOf: cpuSeconds },
  { label: "CPU use, mean (100 % is one core)", unit: "percent", valueOf: meanCpuPercent },
  { label: "Largest process, peak memory", unit: "bytes", valueOf: ({ exact }) => exact.memory_peak_bytes },
  { label: "All processes, peak PSS", unit: "bytes", valueOf: (summary) => treePeak(summary, "memory_pss_bytes") },
  { label: "All processes, peak RSS", unit: "bytes", valueOf: (summary) => treePeak(summary, "memory_rss_bytes") },
  { label: "GPU use, mean", unit: "percent", valueOf: meanGpuPercent },
  { label: "GPU memory, fullest GPU", unit: "bytes", valueOf: gpuMemory },
  { label: "Energy, whole machine", unit: "joules", valueOf: energyOf("machine") },
  { label: "Energy, computer module", unit: "joules", valueOf: energyOf("module") },
  { label: "Energy, measured parts", unit: "joules", valueOf: energyOf("parts") },
  {
    label: "Energy of the command, an estimate",
    unit: "joules",
    valueOf: ({ energy }) => energy?.command_estimate?.joules,
  },
  {
    label: "Read from storage",
    unit: "bytes",
    valueOf: exactOrTotal("storage_read_bytes", "storage_read_bytes_total"),
  },
  {
    label: "Written to storage",
    unit: "bytes",
    valueOf: exactOrTotal("storage_write_bytes", "storage_write_bytes_total"),
  },
  {
    label: "Read by system calls",
    unit: "bytes",
    valueOf: exactOrTotal("syscall_read_bytes", "syscall_read_bytes_total"),
  },
  {
    label: "Written by system calls",
    unit: "bytes",
    valueOf: exactOrTotal("syscall_write_bytes", "syscall_write_bytes_total"),
  },
  { label: "Major page faults", unit: "", valueOf: exactOrTotal("major_faults", "major_faults_total") },
  { label: "Processes seen", unit: "", valueOf: ({ processes }) => processes.seen },
];

/** The quantities that people compare runs by; one that no run tells is left out. */
export function compareRuns(summaries: readonly Summary[]): Comparison[] {
  const all = QUANTITIES.map(({ valueOf, ...quantity }) => ({ ...quantity, values: summaries.map(valueOf) }));
  return all.filter(isKnown);
}

/** Every series of the runs: the increase of a counter, the mean of anything else. */
export function compareMetrics(summaries: readonly Summary[]): Comparison[] {
  const known = new Map(summaries.flatMap(({ metrics }) => Object.entries(metrics)));
  const all = [...known].map(([series, { unit, kind }]) => ({
    label: series,
    unit,
    values: summaries.map(({ metrics }) => metrics[series]?.[kind === "counter" ? "total" : "mean"]),
  }));
  return all.filter(isKnown);
}

/** How `value` differs from `first`. */
export function differenceOf(first: number, value: number): Difference {
  const absolute = value - first;
  return { absolute, ...(first !== 0 && { percent: 100 * absolute / Math.abs(first) }) };
}

// A label stands in the legend of every chart and over every column.
const LONGEST_LABEL = 40;

/**
 * What tells runs apart: their tags, their commands, or when they began, whichever tells most of them; those that it does not
 * tell apart are numbered.
 */
export function runLabels(summaries: readonly Summary[]): string[] {
  const started = summaries.map(({ run }) => `${run.started.slice(0, 10)} ${run.started.slice(11, 19)}`);
  const candidates = [tagLabels(summaries), summaries.map(({ run }) => shortened(formatCommand(run.command)))];
  const told = candidates.reduce((best, labels) => distinct(labels) > distinct(best) ? labels : best);
  const labels = distinct(told) > 1 ? told : started;
  const isRepeated = (label: string): boolean => labels.indexOf(label) !== labels.lastIndexOf(label);
  return labels.map((label, at) => isRepeated(label) ? `${label} (${at + 1})` : label);
}

function distinct(labels: readonly string[]): number {
  return new Set(labels).size;
}

function shortened(label: string): string {
  return label.length <= LONGEST_LABEL ? label : `${label.slice(0, LONGEST_LABEL - 1)}…`;
}

function tagLabels(summaries: readonly Summary[]): string[] {
  const names = new Set(summaries.flatMap(({ run }) => Object.keys(run.tags)));
  const differing = [...names].filter((name) => new Set(summaries.map(({ run }) => run.tags[name])).size > 1);
  return summaries.map(({ run }) => {
    const told = differing.flatMap((name) => run.tags[name] === undefined ? [] : [`${name}=${run.tags[name]}`]);
    return told.length === 0 && differing.length > 0 ? "no tags" : shortened(told.join(" "));
  });
}

/** Whether at least one run tells it. */
export function isKnown({ values }: Comparison): boolean {
  return values.some((value) => value !== undefined);
}

function cpuSeconds({ exact, metrics }: Summary): number | undefined {
  return exact.cpu_seconds ?? metrics["cpu_seconds_total"]?.total;
}

function meanCpuPercent(summary: Summary): number | undefined {
  const seconds = cpuSeconds(summary);
  const { wall_seconds } = summary.run;
  return seconds === undefined || wall_seconds <= 0 ? undefined : 100 * seconds / wall_seconds;
}

function meanGpuPercent({ metrics }: Summary): number | undefined {
  const means = [...byGpu(metrics, "gpu_utilization_percent").values()].map(({ mean = 0 }) => mean);
  return means.length === 0 ? undefined : means.reduce((sum, mean) => sum + mean, 0) / means.length;
}

function gpuMemory({ metrics }: Summary): number | undefined {
  const peaks = [...byGpu(metrics, "gpu_memory_used_bytes").values()].map(({ max }) => max);
  return peaks.length === 0 ? undefined : Math.max(...peaks);
}

// Energies that cover different things must not stand in one row.
function energyOf(scope: EnergyScope): Quantity["valueOf"] {
  return ({ energy }) => energy?.scope === scope ? energy.joules : undefined;
}

type ExactBytes =
  | "storage_read_bytes"
  | "storage_write_bytes"
  | "syscall_read_bytes"
  | "syscall_write_bytes"
  | "major_faults";

function exactOrTotal(name: ExactBytes, series: string): Quantity["valueOf"] {
  return ({ exact, metrics }) => exact[name] ?? metrics[series]?.total;
}
