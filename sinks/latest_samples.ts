import type { Samples } from "../lib/samples.ts";

// Sources may be read less often than the rest, within a budget of time.
const LEAST_SECONDS = 60;
const INTERVALS = 5;

/** The latest value of every series, for as long as it is not stale: a device that went away does not keep its last value. */
export class LatestSamples {
  /** Nominal seconds between two frames. */
  interval = 0;
  readonly #values: number[] = [];
  readonly #times: number[] = [];
  #names: readonly string[] = [];
  #now = 0;

  /** Takes the samples of the next frame, `elapsed` seconds after the start; all are of one stream. */
  add(elapsed: number, { list, values }: Samples): void {
    this.#names = list.names;
    this.#now = elapsed;
    for (let number = 0; number < values.length; number++) {
      const value = values[number] ?? NaN;
      if (Number.isNaN(value)) continue;
      this.#values[number] = value;
      this.#times[number] = elapsed;
    }
  }

  /** The series that are known now, each with its latest value. */
  *known(): Generator<readonly [series: string, value: number]> {
    const oldest = this.#now - Math.max(LEAST_SECONDS, INTERVALS * this.interval);
    for (const [number, series] of this.#names.entries()) {
      const value = this.#values[number];
      if (value !== undefined && (this.#times[number] ?? -Infinity) >= oldest) yield [series, value];
    }
  }
}
