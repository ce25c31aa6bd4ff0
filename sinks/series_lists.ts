import type { FrameSink } from "../lib/contracts.ts";
import type { Frame } from "../lib/frame.ts";

type Column = (number | null)[];

/** Collects series as lists of the same length, one item a tick; `null` is unknown. */
export class SeriesListsSink implements FrameSink {
  readonly name = "stats";
  readonly #isWanted: (series: string) => boolean;
  readonly #times: number[] = [];
  readonly #elapsed: number[] = [];
  readonly #columns = new Map<string, Column>();

  constructor(isWanted: (series: string) => boolean) {
    this.#isWanted = isWanted;
  }

  frame({ time, elapsed, samples }: Frame): void {
    const ticks = this.#times.length;
    this.#times.push(time);
    this.#elapsed.push(elapsed);
    for (const [series, value] of samples) {
      if (this.#isWanted(series)) fill(this.#column(series), ticks).push(value);
    }
  }

  event(): void {}
  status(): void {}
  end(): void {}
  close(): void {}

  /** The names of the series that had a value. */
  get names(): readonly string[] {
    return [...this.#columns.keys()];
  }

  /** Every list by its name: wall clock in Unix seconds and elapsed seconds, then the series. */
  lists(): ReadonlyMap<string, readonly (number | null)[]> {
    const ticks = this.#times.length;
    const series = Array.from(this.#columns, ([name, column]) => [name, fill(column, ticks)] as const);
    return new Map([["time", this.#times], ["elapsed_seconds", this.#elapsed], ...series]);
  }

  #column(series: string): Column {
    const known = this.#columns.get(series) ?? [];
    this.#columns.set(series, known);
    return known;
  }
}

function fill(column: Column, length: number): Column {
  while (column.length < length) column.push(null);
  return column;
}
