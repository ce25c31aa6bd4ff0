import { describeMetric, isMetricName, type Metric, type Unit } from "./metrics.ts";
import { Sketch } from "./sketch.ts";
import type { MetricSummary } from "./summary.ts";

/** Statistics of one series in memory that does not grow with the run; a counter and a constant cost no sketch. */
export class SeriesStatistics {
  readonly #metric: Pick<Metric, "unit" | "kind">;
  readonly #isCounter: boolean;
  readonly #distribution = new Distribution();
  #count = 0;
  #min = Infinity;
  #max = -Infinity;
  #last = NaN;
  #elapsed = NaN;
  #total = 0;
  #seconds = 0;
  // Half of the time since the reading before: what the last reading of a gauge weighs so far.
  #pending = 0;

  /** `name`: of the metric, without labels. */
  constructor(name: string) {
    this.#metric = isMetricName(name) ? describeMetric(name) : guessMetric(name);
    this.#isCounter = this.#metric.kind === "counter";
  }

  /**
   * Takes the next reading, at `elapsed` monotonic seconds since just before the command started.
   *
   * @param span Of a rate: the seconds over which it was taken; of an energy: those over which it was counted; else `NaN`.
   */
  add(value: number, elapsed: number, span: number): void {
    if (this.#isCounter) this.#addStep(value, span);
    else if (span > 0) this.#distribution.add(value, span);
    else this.#addLevel(elapsed);
    this.#count++;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
    this.#last = value;
    this.#elapsed = elapsed;
  }

  /** The largest value so far. */
  get max(): number {
    return this.#max;
  }

  /** The last value. */
  get last(): number {
    return this.#last;
  }

  /** The increase of a counter so far; undefined where a single reading tells none. */
  get total(): number | undefined {
    return this.#count < 2 ? undefined : this.#total;
  }

  /** The statistics so far. */
  result(): MetricSummary {
    const { unit, kind } = this.#metric;
    const shared = { unit, kind, count: this.#count, min: this.#min, max: this.#max, last: this.#last };
    if (kind === "counter") {
      const { total } = this;
      return {
        ...shared,
        ...(total === undefined ? {} : { total }),
        ...(this.#seconds > 0 ? { seconds: this.#seconds } : {}),
      };
    }
    this.#distribution.add(this.#last, this.#pending);
    this.#pending = 0;
    // A single reading has no time to be weighed by, and is all there is.
    const { mean = this.#last, p50 = this.#last, p95 = this.#last } = this.#distribution.result();
    return { ...shared, mean: this.#clamp(mean), p50: this.#clamp(p50), p95: this.#clamp(p95) };
  }

  #addStep(value: number, span: number): void {
    if (span > 0 && this.#count > 0) this.#seconds += span;
    if (value > this.#last) this.#total += value - this.#last;
  }

  // The trapezoid rule gives each value half of the time before it and half of the time after it.
  #addLevel(elapsed: number): void {
    const half = elapsed > this.#elapsed ? (elapsed - this.#elapsed) / 2 : 0;
    this.#distribution.add(this.#last, this.#pending + half);
    this.#pending = half;
  }

  // The sketch and the rounding of sums may step beyond what was really read.
  #clamp(value: number): number {
    return Math.min(this.#max, Math.max(this.#min, value));
  }
}

/** Weighted mean and percentiles; a sketch only once there is more than one value. */
class Distribution {
  #first: number | undefined;
  #sketch: Sketch | undefined;
  #area = 0;
  #weight = 0;

  add(value: number, weight: number): void {
    if (weight <= 0) return;
    this.#first ??= value;
    if (this.#sketch === undefined && value !== this.#first) {
      this.#sketch = new Sketch();
      this.#sketch.add(this.#first, this.#weight);
    }
    this.#sketch?.add(value, weight);
    this.#area += value * weight;
    this.#weight += weight;
  }

  result(): { readonly mean?: number; readonly p50?: number; readonly p95?: number } {
    if (this.#first === undefined) return {};
    if (this.#sketch === undefined) return { mean: this.#first, p50: this.#first, p95: this.#first };
    const [p50, p95] = [this.#sketch.quantile(0.5), this.#sketch.quantile(0.95)];
    if (p50 === undefined || p95 === undefined) return {};
    return { mean: this.#area / this.#weight, p50, p95 };
  }
}

const UNITS: readonly Unit[] = [
  "bytes_per_second",
  "per_second",
  "bytes",
  "seconds",
  "percent",
  "celsius",
  "hertz",
  "watts",
  "joules",
  "rpm",
];

/** A name that another version of resmon has recorded says its unit and kind itself. */
function guessMetric(name: string): Pick<Metric, "unit" | "kind"> {
  const isCounter = name.endsWith("_total");
  const stem = isCounter ? name.slice(0, -"_total".length) : name;
  return { unit: UNITS.find((unit) => stem.endsWith(`_${unit}`)) ?? "", kind: isCounter ? "counter" : "gauge" };
}
