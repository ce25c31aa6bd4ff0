import type { Frame, ProcessSample } from "./frame.ts";
import { History } from "./history.ts";
import type { MetricName } from "./metrics.ts";
import type { ProcessGroups } from "./process_groups.ts";

/** How a process's value holds between two of its rows, which are written only when something has changed. */
export type Between =
  /** A level: what it was before. */
  | "level"
  /** A rate: what it was on the average, as the next row tells; when it was, the tree's own rate tells. */
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

/**
 * One metric of groups of processes by bucket of time: means weighted by time, which together are what the tree has; `NaN`
 * where nothing is known.
 */
export interface ProcessColumns {
  /** The middle of each bucket, in seconds. */
  readonly times: Float64Array;
  readonly groups: readonly Float32Array[];
  /** What the rest of the tree has; 0 where the tree's own value is not known. */
  readonly others: Float32Array;
}

/** A tick and its elapsed seconds. */
interface Moment {
  readonly tick: number;
  readonly seconds: number;
}

interface Process {
  readonly group: number;
  /** Up to where its value is added up. */
  until: Moment;
  readonly value: number;
}

// Ticks at the same time, and one at 0, have some length, so that what they tell is not lost.
const LEAST_SECONDS = 1e-9;

/** Collects one metric of groups of processes over a run. */
export class ProcessHistory {
  readonly #plan: ProcessPlan;
  readonly #tree: History;
  /** Of each group, by bucket: its value times seconds. */
  readonly #sums: readonly Float64Array[];
  /** The seconds at which each bucket ends. */
  readonly #ends: Float64Array;
  readonly #processes = new Map<number, Process>();
  #leaving: number[] = [];
  #before: Moment = { tick: -1, seconds: 0 };
  #now: Moment = this.#before;

  constructor(plan: ProcessPlan) {
    this.#plan = plan;
    const { metric, groups, ticks, budget } = plan;
    this.#tree = new History({ series: [metric], ticks, budget: budget / (groups.labels.length + 1) });
    this.#sums = groups.labels.map(() => new Float64Array(this.#tree.buckets));
    this.#ends = new Float64Array(this.#tree.buckets);
  }

  /** What the groups are called. */
  get labels(): readonly string[] {
    return this.#plan.groups.labels;
  }

  /** Takes one tick. */
  add({ elapsed, samples, processes }: Frame): void {
    const tick = this.#before.tick + 1;
    if (tick === this.#plan.ticks) return;
    this.#now = { tick, seconds: Math.max(elapsed, this.#before.seconds + LEAST_SECONDS) };
    this.#tree.add(elapsed, samples);
    this.#ends[this.#bucketOf(tick)] = this.#now.seconds;
    for (const row of processes) this.#row(row);
    for (const id of this.#leaving) this.#leave(id);
    this.#leaving = [];
    this.#before = this.#now;
  }

  /** Takes the end of a process, which is told before the tick that brings its last row. */
  exit(id: number): void {
    this.#leaving.push(id);
  }

  /** What was collected; the last call. */
  close(): ProcessColumns {
    for (const id of this.#processes.keys()) this.#leave(id);
    const times = this.#tree.times();
    const tree = this.#tree.column(this.#plan.metric)?.mean ?? new Float32Array();
    const groups = this.#sums.map((sums) =>
      Float32Array.from(times, (_, bucket) => (sums[bucket] ?? 0) / this.#secondsOf(bucket))
    );
    const others = new Float32Array(times.length);
    tree.forEach((whole, bucket) => {
      const known = groups.reduce((sum, group) => sum + (group[bucket] ?? 0), 0);
      if (whole > known) others[bucket] = whole - known;
      // Nothing is known of the moment, such as the memory of a command that has just ended.
      if (Number.isNaN(whole) && known === 0) { for (const column of [others, ...groups]) column[bucket] = NaN; }
      // Rows are written for changes of some size only, so they may say a little more than there was.
      if (whole < known) { for (const group of groups) group[bucket] = (group[bucket] ?? 0) * whole / known; }
    });
    return { times, groups, others };
  }

  #row(row: ProcessSample): void {
    const { metric, between, groups } = this.#plan;
    const value = row.values.get(metric);
    const known = this.#processes.get(row.id);
    // The next rate will be one over the time of this row too.
    if (known !== undefined && between === "rate" && value === undefined) return;
    if (known !== undefined && between === "level") this.#fill(known, this.#before);
    const group = groups.groupOf(row);
    if (group === undefined) {
      this.#processes.delete(row.id);
      return;
    }
    // Of a process that has just ended there is a row without its memory.
    const process = { group, until: known?.until ?? this.#before, value: value ?? 0 };
    this.#fill(process, this.#now);
    this.#processes.set(row.id, process);
  }

  // Up to the tick before this one: in this one it is gone, or has had its row.
  #leave(id: number): void {
    const process = this.#processes.get(id);
    if (process === undefined) return;
    if (this.#plan.between === "level") this.#fill(process, this.#before);
    this.#processes.delete(id);
  }

  #fill(process: Process, to: Moment): void {
    const { group, until: from, value } = process;
    if (to.tick <= from.tick) return;
    const sums = this.#sums[group] ?? new Float64Array();
    const first = this.#bucketOf(from.tick + 1);
    const parts = this.#partsOf(first, from, to);
    const whole = parts.reduce((sum, part) => sum + part, 0);
    const amount = value * (to.seconds - from.seconds);
    parts.forEach((part, at) => sums[first + at] = (sums[first + at] ?? 0) + amount * part / whole);
    process.until = to;
  }

  /** How a value over some time is parted among the buckets of that time, from `first` on. */
  #partsOf(first: number, from: Moment, to: Moment): number[] {
    const last = this.#bucketOf(to.tick);
    if (first === last) return [1];
    const seconds = Array.from({ length: last - first + 1 }, (_, at) => {
      const bucket = first + at;
      return Math.min(to.seconds, this.#ends[bucket] ?? 0) - Math.max(from.seconds, this.#beginOf(bucket));
    });
    if (this.#plan.between === "level") return seconds;
    const tree = this.#tree.column(this.#plan.metric)?.mean;
    const used = seconds.map((part, at) => part * (tree?.[first + at] || 0));
    return used.some((part) => part > 0) ? used : seconds;
  }

  #bucketOf(tick: number): number {
    return Math.floor(tick / this.#tree.ticksPerBucket);
  }

  #beginOf(bucket: number): number {
    return this.#ends[bucket - 1] ?? 0;
  }

  #secondsOf(bucket: number): number {
    return (this.#ends[bucket] ?? 0) - this.#beginOf(bucket);
  }
}
