import type { Frame, ProcessSample } from "./frame.ts";
import { History } from "./history.ts";
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
  const names = byName.sort((a, b) => b.value - a.value).slice(0, MOST_GROUPS).map(({ name }) => name);
  const groups = new Map(names.map((name, group) => [name, group]));
  return { labels: names, groupOf: ({ id, name }) => id === OTHERS ? undefined : groups.get(name) };
}

/** How a process's value holds between two of its rows, which are written only when something has changed. */
export type Between =
  /** A level: what it was before. */
  | "level"
  /** A rate: what it was on the average, as the next row tells. */
  | "rate";

/** What is told of the processes of a run. */
export interface ProcessPlan {
  readonly metric: MetricName;
  readonly between: Between;
  readonly groups: ProcessGroups;
  /** Ticks of the run; later ones are left out. */
  readonly ticks: number;
  /** Numbers that may be kept. */
  readonly budget: number;
}

/** One metric of groups of processes by bucket of time: what the ticks in it have on the average. */
export interface ProcessColumns {
  /** The middle of each bucket, in seconds. */
  readonly times: Float64Array;
  readonly groups: readonly Float32Array[];
  /** What the rest of the tree has; 0 where the tree's own value is not known. */
  readonly others: Float32Array;
}

interface Process {
  readonly group: number;
  /** Of its last row. */
  tick: number;
  level: number;
}

/** Collects one metric of groups of processes over a run. */
export class ProcessHistory {
  readonly #plan: ProcessPlan;
  readonly #tree: History;
  readonly #sums: readonly Float32Array[];
  readonly #processes = new Map<number, Process>();
  #leaving: number[] = [];
  #tick = 0;

  constructor(plan: ProcessPlan) {
    this.#plan = plan;
    const { metric, groups, ticks, budget } = plan;
    this.#tree = new History({ series: [metric], ticks, budget: budget / (groups.labels.length + 1) });
    this.#sums = groups.labels.map(() => new Float32Array(this.#tree.buckets));
  }

  /** What the groups are called. */
  get labels(): readonly string[] {
    return this.#plan.groups.labels;
  }

  /** Takes one tick. */
  add({ elapsed, samples, processes }: Frame): void {
    if (this.#tick === this.#plan.ticks) return;
    this.#tree.add(elapsed, samples);
    for (const row of processes) this.#row(row);
    for (const id of this.#leaving) this.#leave(id);
    this.#leaving = [];
    this.#tick++;
  }

  /** Takes the end of a process, which is told before the tick that brings its last row. */
  exit(id: number): void {
    this.#leaving.push(id);
  }

  /** What was collected; the last call. */
  close(): ProcessColumns {
    for (const id of this.#processes.keys()) this.#leave(id);
    const { ticksPerBucket } = this.#tree;
    const times = this.#tree.times();
    const ticksIn = (bucket: number): number => Math.min(ticksPerBucket, this.#tick - bucket * ticksPerBucket);
    const mean = (sum: number, bucket: number): number => sum / ticksIn(bucket);
    const groups = this.#sums.map((sums) => sums.subarray(0, times.length).map(mean));
    const known = (bucket: number): number => groups.reduce((total, group) => total + (group[bucket] ?? 0), 0);
    const tree = this.#tree.column(this.#plan.metric)?.mean ?? new Float32Array();
    return { times, groups, others: tree.map((whole, bucket) => Math.max(0, (whole || 0) - known(bucket))) };
  }

  #row(row: ProcessSample): void {
    const { metric, between, groups } = this.#plan;
    const known = this.#processes.get(row.id);
    const group = known?.group ?? groups.groupOf(row);
    if (group === undefined) return;
    const process = known ?? { group, tick: this.#tick - 1, level: 0 };
    const value = row.values.get(metric);
    if (between === "level") {
      this.#fill(process, this.#tick - 1);
      process.level = value ?? process.level;
      this.#fill(process, this.#tick);
    } else {
      process.level = value ?? 0;
      this.#fill(process, this.#tick);
    }
    this.#processes.set(row.id, process);
  }

  // Up to the tick before this one: in this one it is gone, or has had its row.
  #leave(id: number): void {
    const process = this.#processes.get(id);
    if (process === undefined) return;
    if (this.#plan.between === "level") this.#fill(process, this.#tick - 1);
    this.#processes.delete(id);
  }

  #fill(process: Process, until: number): void {
    const sums = this.#sums[process.group];
    for (let tick = process.tick + 1; tick <= until; tick++) {
      const bucket = Math.floor(tick / this.#tree.ticksPerBucket);
      if (sums !== undefined) sums[bucket] = (sums[bucket] ?? 0) + process.level;
    }
    process.tick = Math.max(process.tick, until);
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
