import type { ProcessSample } from "./frame.ts";
import { describeMetric, isMetricName } from "./metrics.ts";
import { leastSpan, type Rate, ratesOf, SAME_READING_SECONDS } from "./rates.ts";
import { type ColumnsRecord, type EventRecord, OTHERS, type ProcessRow, type TickRecord } from "./records.ts";

/** The columns of process rows after the id, and those of them that rates are taken from. */
interface Layout {
  readonly columns: readonly string[];
  readonly counters: readonly {
    readonly counter: string;
    readonly rates: readonly Rate[];
    readonly leastSpan: number;
  }[];
}

interface Reading {
  readonly value: number;
  readonly elapsed: number;
}

/** What is known of one process between its rows. */
interface Process {
  name: string;
  pid: number | undefined;
  /** The last known reading of each counter, by name so that it outlives a change of columns. */
  readonly readings: Map<string, Reading>;
}

/** Spells out process rows: names from the events, and rates since the process's row before. */
export class ProcessSamples {
  readonly #columns = new Map<string, readonly string[]>();
  readonly #processes = new Map<number, Process>();
  readonly #ended: number[] = [];
  #layout: Layout = { columns: [], counters: [] };

  /** Takes the process columns of one collector; they stand in rows in the order of their first records. */
  columns(record: ColumnsRecord): void {
    if (record.processes === undefined) return;
    this.#columns.set(record.collector, record.processes);
    this.#layout = createLayout([...this.#columns.values()].flat());
  }

  /** Takes names and pids, and forgets a process that has ended once its last row has passed. */
  event({ kind, id, pid, attributes }: EventRecord): void {
    if (id === undefined) return;
    if (kind === "process_start" || kind === "process_exec") {
      const process = this.#of(id);
      process.pid = pid ?? process.pid;
      if (typeof attributes?.["name"] === "string") process.name = attributes["name"];
    }
    if (kind === "process_exit") this.#ended.push(id);
  }

  /** The rows of one tick with names, values and rates. */
  samples(tick: TickRecord): ProcessSample[] {
    const samples = tick.processes?.map((row) => this.#sample(row, tick.elapsed)) ?? [];
    // An exit is told before the tick that brings the last row.
    for (const id of this.#ended) this.#processes.delete(id);
    this.#ended.length = 0;
    return samples;
  }

  #sample(row: ProcessRow, elapsed: number): ProcessSample {
    const [id] = row;
    if (id === OTHERS) return { id, name: "others", values: valuesOf(row, this.#layout.columns.map(unlessCounter)) };
    const process = this.#of(id);
    const values = valuesOf(row, this.#layout.columns);
    this.#addRates(process, values, elapsed);
    const { name, pid } = process;
    return { id, ...(pid === undefined ? {} : { pid }), name, values };
  }

  #addRates(process: Process, values: Map<string, number>, elapsed: number): void {
    for (const { counter, rates, leastSpan } of this.#layout.counters) {
      const value = values.get(counter);
      if (value === undefined) continue;
      const before = process.readings.get(counter);
      const span = elapsed - (before?.elapsed ?? NaN);
      if (Math.abs(span) < SAME_READING_SECONDS) continue;
      if (value >= (before?.value ?? NaN) && span > 0 && span < leastSpan - SAME_READING_SECONDS) continue;
      process.readings.set(counter, { value, elapsed });
      if (before === undefined || value < before.value || span < 0) continue;
      const slope = (value - before.value) / span;
      for (const { name, factor } of rates) values.set(name, slope * factor);
    }
  }

  #of(id: number): Process {
    const known = this.#processes.get(id);
    if (known !== undefined) return known;
    const process: Process = { name: "", pid: undefined, readings: new Map() };
    this.#processes.set(id, process);
    return process;
  }
}

/** The columns of process samples: those of the rows, then the rates derived from them. */
export function processSeries(columns: readonly string[]): string[] {
  const { counters } = createLayout(columns);
  return [...columns, ...counters.flatMap(({ rates }) => rates.map(({ name }) => name))];
}

function createLayout(columns: readonly string[]): Layout {
  const counters = columns.map((counter) => ({
    counter,
    rates: ratesOf(counter).filter(isForProcesses),
    leastSpan: leastSpan(counter),
  }));
  return { columns, counters: counters.filter(({ rates }) => rates.length > 0) };
}

/** A rate without labels means the same for one process as for the tree. */
function isForProcesses({ metric }: Rate): boolean {
  return metric.labels === undefined && metric.sumOver === undefined;
}

/** The counters of the others fall when one of them leaves, so only their gauges tell something. */
function unlessCounter(name: string): string | undefined {
  return isMetricName(name) && describeMetric(name).kind === "gauge" ? name : undefined;
}

function valuesOf(row: ProcessRow, names: readonly (string | undefined)[]): Map<string, number> {
  const values = new Map<string, number>();
  names.forEach((name, column) => {
    const value = row[column + 1];
    if (name !== undefined && typeof value === "number") values.set(name, value);
  });
  return values;
}
