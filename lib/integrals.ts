import { describeMetric, isMetricName, METRIC_NAMES, type MetricName } from "./metrics.ts";
import { spellSeries, tryParseSeries } from "./series.ts";

/** A counter that no source tells, and the column of the gauge whose integral over time it is. */
export interface IntegralPlan {
  readonly series: string;
  readonly column: number;
}

const INTEGRALS = new Map(METRIC_NAMES.flatMap(integralOf));

/** Every counter that the vocabulary integrates from the columns of a collector, where none of them tells it itself. */
export function derivedIntegrals(columns: readonly string[]): IntegralPlan[] {
  const told = new Set(columns);
  return columns.flatMap((text, column) => {
    const gauge = tryParseSeries(text);
    const name = INTEGRALS.get(gauge?.name ?? "");
    if (gauge === undefined || name === undefined) return [];
    const series = spellSeries({ ...gauge, name });
    return told.has(series) ? [] : [{ series, column }];
  });
}

/** Whether a series is of a counter of energy. */
export function isEnergy(series: string): boolean {
  const name = tryParseSeries(series)?.name ?? "";
  return isMetricName(name) && describeMetric(name).integralOf !== undefined;
}

function integralOf(name: MetricName): [gauge: string, counter: MetricName][] {
  const gauge = describeMetric(name).integralOf;
  return gauge === undefined || !isMetricName(gauge) ? [] : [[gauge, name]];
}

// A gap may be a source that was slow, or is read seldom because it is slow, or a device that was off for an hour.
const BRIDGED_SECONDS = 30;
const BRIDGED_INTERVALS = 5;

/** The seconds between two readings beyond which nobody knows what was in between: nothing is added. */
export function longestBridge(interval: number): number {
  return Math.max(BRIDGED_SECONDS, BRIDGED_INTERVALS * interval);
}

/** The integral of a gauge over real time, by the trapezoid rule. */
export class Integral {
  sum = 0;
  #value = NaN;
  #time = NaN;

  /**
   * Takes a reading and gives the seconds that it adds; `bridge` is the longest distance to the one before. Times are elapsed:
   * what was before the command started is not counted. The same reading again adds nothing. The sum never falls: what a sensor's offset makes negative is nothing.
   */
  add(value: number, time: number, bridge: number): number {
    const span = time - this.#time;
    if (span <= 0) return 0;
    const isKnown = span <= bridge;
    const counted = isKnown ? Math.max(0, time - Math.max(0, this.#time)) : 0;
    if (counted > 0) this.sum += Math.max(0, counted * (value + this.#value) / 2);
    this.#value = value;
    this.#time = time;
    return counted;
  }
}
