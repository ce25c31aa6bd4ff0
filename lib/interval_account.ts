import type { IntervalSeries } from "./interval_series.ts";
import { roundAmount, toMillionths } from "./rounding.ts";

/** What one series came to in a part of a run: the increase of a counter, the level of a gauge. */
export interface IntervalMetric {
  /** Of a counter: its increase. Between two readings it is taken to grow evenly. */
  readonly total?: number;
  /** Of a gauge: weighted by time, by the trapezoid rule. */
  readonly mean?: number;
  /** Of a gauge: the largest reading, at its ends what lies between two. */
  readonly max?: number;
  /** For how long of the part it was known, where that is not all of it. */
  readonly seconds?: number;
}

/** What was read at one time, with the readings before it, by the numbers of {@linkcode IntervalSeries}. */
export interface Step {
  readonly elapsed: number;
  readonly values: readonly number[];
  /** Of each series the reading before; not there before its first. */
  readonly before: { readonly times: readonly number[]; readonly values: readonly number[] };
  readonly isCounter: readonly boolean[];
  /** Seconds between two readings of a gauge beyond which nobody knows what was in between. */
  readonly bridge: number;
}

// What is missing of a part are often the moments at its ends, between which its readings lie.
const NEARLY_ALL = 0.99;

/** Adds up what was used in a part of a run, or in several. */
export class IntervalAccount {
  /** Of counters the increase, of gauges the integral over time. */
  readonly #sums: number[] = [];
  readonly #seconds: number[] = [];
  readonly #peaks: number[] = [];

  /** Adds what lies between `from` and `to` of the time since the readings before. */
  add({ elapsed, values, before, isCounter, bridge }: Step, from: number, to: number): void {
    for (let number = 0; number < values.length; number++) {
      const value = values[number] ?? NaN;
      if (Number.isNaN(value)) continue;
      const time = before.times[number] ?? NaN;
      const old = before.values[number] ?? NaN;
      const begin = Math.max(from, time);
      const end = Math.min(to, elapsed);
      const seconds = end - begin;
      // Also where there is no reading before.
      if (!(seconds > 0)) continue;
      const slope = (value - old) / (elapsed - time);
      if (isCounter[number] === true) this.#add(number, Math.max(0, slope), seconds);
      else if (elapsed - time <= bridge) {
        const first = old + slope * (begin - time);
        const last = end === elapsed ? value : old + slope * (end - time);
        this.#add(number, (first + last) / 2, seconds);
        this.#peaks[number] = Math.max(this.#peaks[number] ?? first, first, last);
      }
    }
  }

  /** What it came to in a part, or parts, of `seconds` in all; what was worked out between readings is rounded. */
  result({ names, isCounter, units }: IntervalSeries, seconds: number): Record<string, IntervalMetric> {
    const told = names.flatMap((name, number): [string, IntervalMetric][] => {
      const [sum, known] = [this.#sums[number], this.#seconds[number]];
      if (sum === undefined || known === undefined) return [];
      const unit = units[number] ?? "";
      const partly = known < NEARLY_ALL * seconds ? { seconds: toMillionths(known) } : {};
      // Half of an event has not happened.
      if (isCounter[number] === true) {
        return [[name, { total: unit === "" ? Math.round(sum) : roundAmount(sum, unit), ...partly }]];
      }
      const max = roundAmount(this.#peaks[number] ?? sum / known, unit);
      return [[name, { mean: roundAmount(sum / known, unit), max, ...partly }]];
    });
    return Object.fromEntries(told);
  }

  #add(number: number, rate: number, seconds: number): void {
    this.#sums[number] = (this.#sums[number] ?? 0) + rate * seconds;
    this.#seconds[number] = (this.#seconds[number] ?? 0) + seconds;
  }
}
