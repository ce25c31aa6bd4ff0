import { describeMetric, type MetricName } from "../lib/metrics.ts";
import type { ProcessFacts } from "./sampled_tree.ts";

type Values = readonly (number | null)[];

/** Sums a tree of sampled processes: no counter falls when a process ends. */
export class SampledTotals {
  readonly #columns: readonly MetricName[];
  /** Counters of processes that have ended, as last seen. */
  readonly #ended: (number | null)[];
  readonly #published: (number | null)[];

  /** @param columns Of a process's values; the sums have `processes` behind them. */
  constructor(columns: readonly MetricName[]) {
    this.#columns = columns;
    this.#ended = columns.map(() => null);
    this.#published = columns.map(() => null);
  }

  /** A tree that has not started: its counters are 0, its levels unknown. */
  zero(): (number | null)[] {
    return [...this.#columns.map((name) => isCounter(name) ? 0 : null), null];
  }

  /** A tree of which nothing is known. */
  unknown(): (number | null)[] {
    return [...this.#columns.map(() => null), null];
  }

  /** Keeps what a process had used that is gone. */
  retire(values: Values): void {
    for (const index of this.#ended.keys()) this.#ended[index] = add(this.#ended[index] ?? null, values[index] ?? null);
  }

  /** The sums over the processes that there are. */
  sum(processes: readonly ProcessFacts[]): (number | null)[] {
    const living = processes.filter(({ isZombie }) => !isZombie).map(({ values }) => values);
    const all = processes.map(({ values }) => values);
    const sums = this.#columns.map((name, index) => {
      if (name === "memory_peak_bytes") return this.#publish(index, largest(columnOf(all, index)));
      if (!isCounter(name)) return level(columnOf(living, index));
      return this.#publish(index, columnOf(all, index).reduce(add, this.#ended[index] ?? null));
    });
    return [...sums, living.length === 0 ? null : living.length];
  }

  #publish(index: number, value: number | null): number | null {
    const before = this.#published[index] ?? null;
    this.#published[index] = value === null ? before : Math.max(before ?? value, value);
    return this.#published[index] ?? null;
  }
}

function isCounter(name: MetricName): boolean {
  return describeMetric(name).kind === "counter";
}

function columnOf(rows: readonly Values[], index: number): (number | null)[] {
  return rows.map((values) => values[index] ?? null);
}

function add(sum: number | null, value: number | null): number | null {
  if (sum === null || value === null) return sum ?? value;
  return Math.round((sum + value) * 1e6) / 1e6;
}

function largest(values: readonly (number | null)[]): number | null {
  return values.reduce((most, value) => Math.max(most ?? 0, value ?? 0) || null, null);
}

// A level with one process that could not be read is unknown.
function level(values: readonly (number | null)[]): number | null {
  if (values.length === 0 || values.includes(null)) return null;
  return values.reduce((sum, value) => (sum ?? 0) + (value ?? 0), 0);
}
