import type { Reading } from "../lib/contracts.ts";
import { isMetricName, type MetricName } from "../lib/metrics.ts";
import { isPlausible } from "../lib/plausible.ts";
import { parseSeries } from "../lib/series.ts";

/** The values of each series that a source told last; `null` is unknown. */
export type SeriesValues = ReadonlyMap<string, number | null>;

/** What a source that is slower than the tick said last, and when: the columns and readings of its collector. */
export class Latest {
  #series: readonly string[] = [];
  #metrics: readonly MetricName[] = [];
  #reading: Reading = { values: [] };

  /** The columns; a new array when others came. */
  get series(): readonly string[] {
    return this.#series;
  }

  /** The values with their own time. */
  get reading(): Reading {
    return this.#reading;
  }

  /** Takes what was read at `at` in monotonic seconds; what cannot be is unknown. */
  update(values: SeriesValues, at: number): void {
    const series = [...values.keys()];
    const isSame = series.length === this.#series.length && series.every((name, index) => name === this.#series[index]);
    if (!isSame) {
      this.#series = series;
      this.#metrics = series.map((name) => parseSeries(name).name).filter(isMetricName);
    }
    this.#reading = { values: Array.from(values.values(), (value, index) => this.#believe(value, index)), at };
  }

  #believe(value: number | null, index: number): number | null {
    const metric = this.#metrics[index];
    return value === null || metric === undefined || !isPlausible(metric, value) ? null : value;
  }
}
