import type { ProcessSample } from "./frame.ts";
import type { MetricName } from "./metrics.ts";
import { OTHERS } from "./records.ts";
import type { ProcessSummary } from "./summary.ts";

/** Processes that are told together: one large process, or all that have the same name. */
export interface ProcessGroups {
  readonly labels: readonly string[];
  /** The index of the group that a process belongs to. */
  readonly groupOf: (process: Pick<ProcessSample, "id" | "name">) => number | undefined;
}

// More bands than that cannot be told apart by their colours.
const MOST_GROUPS = 7;
// A build has thousands of short processes: then the largest few say nothing, and the programs do.
const SHARE_OF_LARGEST = 0.6;
// Less of the whole cannot be seen.
const LEAST_SHARE = 0.01;

/** The groups that tell most of `metric`: the largest processes, or the largest programs where no process is large. */
export function chooseGroups(rows: readonly ProcessSummary[], metric: MetricName): ProcessGroups {
  const valueOf = ({ values }: ProcessSummary): number => values[metric] ?? 0;
  const whole = sum(rows.map(valueOf));
  const largest = rows.toSorted((a, b) => valueOf(b) - valueOf(a));
  const first = largest.slice(0, MOST_GROUPS).filter((row) => valueOf(row) > LEAST_SHARE * whole);
  if (sum(first.map(valueOf)) >= SHARE_OF_LARGEST * whole) return groupById(first);
  return groupByName(largest, valueOf);
}

function groupById(processes: readonly ProcessSummary[]): ProcessGroups {
  const groups = new Map(processes.map(({ id }, group) => [id, group]));
  return { labels: processes.map(({ name, pid }) => `${name} (${pid})`), groupOf: ({ id }) => groups.get(id) };
}

function groupByName(processes: readonly ProcessSummary[], valueOf: (row: ProcessSummary) => number): ProcessGroups {
  const byName = [...Map.groupBy(processes, ({ name }) => name)].map(([name, rows]) => ({
    name,
    value: sum(rows.map(valueOf)),
  }));
  const least = LEAST_SHARE * sum(byName.map(({ value }) => value));
  const largest = byName.sort((a, b) => b.value - a.value).slice(0, MOST_GROUPS);
  const names = largest.filter(({ value }) => value > least).map(({ name }) => name);
  const groups = new Map(names.map((name, group) => [name, group]));
  return { labels: names, groupOf: ({ id, name }) => id === OTHERS ? undefined : groups.get(name) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
