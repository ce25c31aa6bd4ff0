import type { ProcessSample } from "./frame.ts";
import { describeMetric, isMetricName } from "./metrics.ts";
import { leastSpan, type Rate, ratesOf, SAME_READING_SECONDS } from "./rates.ts";
import { type ColumnsRecord, type EventRecord, OTHERS, type ProcessRow, type TickRecord } from "./records.ts";
import { Samples, SeriesList } from "./samples.ts";

/** The columns of process rows after the id, and those of them that rates are taken from, as numbers in the list. */
interface Layout {
  readonly columns: readonly number[];
  /** The columns that mean something for the sum of the others; the rest is undefined. */
  readonly othersColumns: readonly (number | undefined)[];
  readonly counters: readonly {
    /** Who reads it, at its own time. */
    readonly collector: string;
    readonly number: number;
    readonly rates: readonly { readonly number: number; readonly factor: number }[];
    readonly leastSpan: number;
  }[];
}

/** What is known of one process between its rows. */
interface Process {
  name: string;
  pid: number | undefined;
  /** The last known reading of each counter and its elapsed, by number so that it outlives a change of columns. */
  readonly values: number[];
  readonly times: number[];
}

/** Spells out process rows: names from the events, and rates since the process's row before. */
export class ProcessSamples {
  readonly #columns = new Map<string, readonly string[]>();
  readonly #processes = new Map<number, Process>();
  readonly #ended: number[] = [];
  readonly #list = new SeriesList();
  #layout: Layout = { columns: [], othersColumns: [], counters: [] };

  /** Takes the process columns of one collector; they stand in rows in the order of their first records. */
  columns(record: ColumnsRecord): void {
    if (record.processes === undefined) return;
    this.#columns.set(record.collector, record.processes);
    this.#layout = createLayout(this.#columns, this.#list);
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
    const samples = tick.processes?.map((row) => this.#sample(row, tick)) ?? [];
    // An exit is told before the tick that brings the last row.
    for (const id of this.#ended) this.#processes.delete(id);
    this.#ended.length = 0;
    return samples;
  }

  #sample(row: ProcessRow, tick: TickRecord): ProcessSample {
    const [id] = row;
    if (id === OTHERS) return this.#others(row);
    const process = this.#of(id);
    const values = this.#values(row, this.#layout.columns);
    this.#addRates(process, values, tick);
    const { name, pid } = process;
    const sample = { id, name, values: new Samples(this.#list, values) };
    return pid === undefined ? sample : { ...sample, pid };
  }

  #others(row: ProcessRow): ProcessSample {
    return {
      id: OTHERS,
      name: "others",
      values: new Samples(this.#list, this.#values(row, this.#layout.othersColumns)),
    };
  }

  #values(row: ProcessRow, columns: Layout["othersColumns"]): number[] {
    const values = this.#list.noValues();
    for (let column = 0; column < columns.length; column++) {
      const number = columns[column];
      if (number !== undefined) values[number] = row[column + 1] ?? NaN;
    }
    return values;
  }

  #addRates(process: Process, values: number[], tick: TickRecord): void {
    for (const { collector, number, rates, leastSpan } of this.#layout.counters) {
      const elapsed = tick.at?.[collector] ?? tick.elapsed;
      const value = values[number] ?? NaN;
      if (Number.isNaN(value)) continue;
      const before = process.values[number] ?? NaN;
      const span = elapsed - (process.times[number] ?? NaN);
      if (Math.abs(span) < SAME_READING_SECONDS) continue;
      const step = value - before;
      if (step >= 0 && span > 0 && span < leastSpan) continue;
      process.values[number] = value;
      process.times[number] = elapsed;
      if (!(step >= 0 && span > 0)) continue;
      for (const rate of rates) values[rate.number] = step / span * rate.factor;
    }
  }

  #of(id: number): Process {
    const known = this.#processes.get(id);
    if (known !== undefined) return known;
    const process: Process = { name: "", pid: undefined, values: [], times: [] };
    this.#processes.set(id, process);
    return process;
  }
}

/** The columns of process samples: those of the rows, then the rates derived from them. */
export function processSeries(columns: readonly string[]): string[] {
  return [...columns, ...columns.flatMap((column) => processRates(column).map(({ name }) => name))];
}

function createLayout(columnsOf: ReadonlyMap<string, readonly string[]>, list: SeriesList): Layout {
  const columns = [...columnsOf.values()].flat();
  const collectors = [...columnsOf].flatMap(([collector, names]) => names.map(() => collector));
  const numbers = columns.map((name) => list.add(name));
  const counters = columns.map((name, column) => ({
    collector: collectors[column] ?? "",
    number: numbers[column] ?? NaN,
    rates: processRates(name).map((rate) => ({ number: list.add(rate.name), factor: rate.factor })),
    leastSpan: leastSpan(name),
  }));
  return {
    columns: numbers,
    othersColumns: numbers.map((number, column) => isGauge(columns[column] ?? "") ? number : undefined),
    counters: counters.filter(({ rates }) => rates.length > 0),
  };
}

function processRates(counter: string): Rate[] {
  return ratesOf(counter).filter(isForProcesses);
}

/** A rate without labels means the same for one process as for the tree. */
function isForProcesses({ metric }: Rate): boolean {
  return metric.labels === undefined && metric.sumOver === undefined;
}

/** The counters of the others fall when one of them leaves, so only their gauges tell something. */
function isGauge(name: string): boolean {
  return isMetricName(name) && describeMetric(name).kind === "gauge";
}
