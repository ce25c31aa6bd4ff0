import type { Collector, Reading } from "./contracts.ts";
import { ProcessRows } from "./process_rows.ts";
import type { Event, ResmonRecord, TickRecord, Unnumbered } from "./records.ts";

/** What was read in one pass over the collectors. */
export interface Readings {
  /** Monotonic seconds. */
  readonly now: number;
  /** Wall clock in Unix seconds. */
  readonly wall: number;
  /** With the columns at that time: a reading may be written after others. */
  readonly readings: ReadonlyMap<Collector, Reading & { readonly series: readonly string[] }>;
}

// Rows of the largest processes, of those whose values changed by more than 1 %, and at least once a minute.
const ROWS = { maxProcesses: 100, tolerance: 0.01, maxAgeSeconds: 60 };

/** Turns readings into records: columns where they are new, events, and the tick with the process rows that changed. */
export class TickWriter {
  readonly #write: (record: Unnumbered<ResmonRecord>) => void;
  readonly #columns = new Map<string, readonly string[]>();
  // Where the columns of each collector begin in a process row; fixed, also when a collector is lost.
  readonly #offsets = new Map<Collector, number>();
  readonly #width: number;
  readonly #rows: ProcessRows;

  constructor(collectors: readonly Collector[], write: (record: Unnumbered<ResmonRecord>) => void) {
    this.#write = write;
    const columns: string[] = [];
    for (const collector of collectors) {
      this.#offsets.set(collector, columns.length);
      columns.push(...collector.processColumns ?? []);
    }
    this.#width = columns.length;
    this.#rows = new ProcessRows({
      ...ROWS,
      cpuColumn: columns.indexOf("cpu_seconds_total"),
      memoryColumn: columns.indexOf("memory_rss_bytes"),
    });
  }

  /** Writes the records of one pass; `origin` is elapsed 0 in monotonic seconds. */
  write({ now, wall, readings }: Readings, origin: number): void {
    const time = milliseconds(wall);
    const elapsed = microseconds(now - origin);
    const values: Record<string, readonly (number | null)[]> = {};
    const at: Record<string, number> = {};
    const processes = new Map<number, readonly (number | null)[]>();
    const events: Omit<Event, "time" | "elapsed">[] = [];
    for (const [collector, reading] of readings) {
      this.#writeColumns(collector, reading.series);
      values[collector.name] = reading.values;
      if (reading.at !== undefined) at[collector.name] = microseconds(reading.at - origin);
      if (reading.processes !== undefined) this.#mergeProcesses(processes, collector, reading.processes);
      events.push(...reading.events ?? []);
    }
    const rows = this.#rows.select(processes, now);
    for (const event of events) this.#write({ type: "event", ...event, time, elapsed });
    this.#write(
      {
        type: "tick",
        time,
        elapsed,
        values,
        ...(Object.keys(at).length === 0 ? {} : { at }),
        ...(rows.length === 0 ? {} : { processes: rows }),
      } satisfies Unnumbered<TickRecord>,
    );
  }

  #writeColumns({ name, processColumns }: Collector, series: readonly string[]): void {
    if (this.#columns.get(name) === series) return;
    this.#columns.set(name, series);
    const processes = processColumns === undefined ? {} : { processes: processColumns };
    this.#write({ type: "columns", collector: name, series, ...processes });
  }

  #mergeProcesses(
    rows: Map<number, readonly (number | null)[]>,
    collector: Collector,
    values: ReadonlyMap<number, readonly (number | null)[]>,
  ): void {
    const offset = this.#offsets.get(collector) ?? 0;
    for (const [id, own] of values) {
      // A row that is already whole stays the same array, which tells that it has not changed.
      if (own.length === this.#width) rows.set(id, own);
      else {rows.set(
          id,
          (rows.get(id) ?? new Array<null>(this.#width).fill(null)).toSpliced(offset, own.length, ...own),
        );}
    }
  }
}

/** Rounds seconds of the monotonic clock as records tell them. */
export function microseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

/** Rounds seconds of the wall clock as records tell them. */
export function milliseconds(seconds: number): number {
  return Math.round(seconds * 1e3) / 1e3;
}
