/** One series in buckets: `NaN` where a bucket holds no value. */
export interface Buckets {
  readonly min: Float64Array;
  /** Weighted by the time since the value before. */
  readonly mean: Float64Array;
  readonly max: Float64Array;
}

// Keeps a value whose weight in time is not known (the first one) from being divided by zero.
const LEAST_SECONDS = 1e-9;

/**
 * Many series over one time axis in bounded memory: each bucket holds the same number of ticks, and when all buckets are
 * full, neighbours merge and the number doubles. No minimum and no maximum is ever lost.
 */
export class Downsample {
  readonly #capacity: number;
  readonly #first: number[] = [];
  readonly #last: number[] = [];
  readonly #series = new Map<string, Series>();
  #ticksPerBucket = 1;
  #ticksInLast = 0;

  /** `capacity`: the largest number of buckets, even. Throws RangeError otherwise. */
  constructor(capacity: number) {
    if (!(capacity >= 2 && capacity % 2 === 0)) {
      throw new RangeError(`Cannot downsample to ${capacity} buckets: not an even number of at least 2`);
    }
    this.#capacity = capacity;
  }

  /** Takes one tick; `time` in seconds does not step back. A series that is not in `values` has a gap here. */
  add(time: number, values: Iterable<readonly [series: string, value: number]>): void {
    const weight = Math.max(time - (this.#last.at(-1) ?? time), LEAST_SECONDS);
    const bucket = this.#open(time);
    for (const [name, value] of values) this.#of(name).add(bucket, value, weight);
  }

  /** The series that have had a value, in the order of their first values. */
  get names(): string[] {
    return [...this.#series.keys()];
  }

  /** Ticks in a bucket: with 1, the minimum, mean and maximum are the value itself. */
  get ticksPerBucket(): number {
    return this.#ticksPerBucket;
  }

  /** The middle of each bucket in seconds. */
  times(): Float64Array {
    return Float64Array.from(this.#first, (first, bucket) => (first + (this.#last[bucket] ?? first)) / 2);
  }

  /** The buckets of one series, as long as `times()`; `undefined` for one that has had no value. */
  buckets(name: string): Buckets | undefined {
    return this.#series.get(name)?.buckets(this.#first.length);
  }

  #open(time: number): number {
    if (this.#ticksInLast === this.#ticksPerBucket || this.#first.length === 0) {
      if (this.#first.length === this.#capacity) this.#halve();
      this.#first.push(time);
      this.#last.push(time);
      this.#ticksInLast = 0;
    }
    const bucket = this.#first.length - 1;
    this.#last[bucket] = time;
    this.#ticksInLast++;
    return bucket;
  }

  #halve(): void {
    const length = this.#capacity / 2;
    for (let bucket = 0; bucket < length; bucket++) {
      this.#first[bucket] = this.#first[2 * bucket] ?? NaN;
      this.#last[bucket] = this.#last[2 * bucket + 1] ?? NaN;
    }
    this.#first.length = length;
    this.#last.length = length;
    for (const series of this.#series.values()) series.halve(length);
    this.#ticksPerBucket *= 2;
  }

  #of(name: string): Series {
    const known = this.#series.get(name);
    if (known !== undefined) return known;
    const series = new Series();
    this.#series.set(name, series);
    return series;
  }
}

class Series {
  readonly #min: number[] = [];
  readonly #max: number[] = [];
  readonly #sum: number[] = [];
  readonly #weight: number[] = [];

  add(bucket: number, value: number, weight: number): void {
    this.#fill(bucket + 1);
    this.#min[bucket] = Math.min(this.#min[bucket] ?? Infinity, value);
    this.#max[bucket] = Math.max(this.#max[bucket] ?? -Infinity, value);
    this.#sum[bucket] = (this.#sum[bucket] ?? 0) + value * weight;
    this.#weight[bucket] = (this.#weight[bucket] ?? 0) + weight;
  }

  halve(length: number): void {
    this.#fill(2 * length);
    const pairs: [number[], (a: number, b: number) => number][] = [
      [this.#min, Math.min],
      [this.#max, Math.max],
      [this.#sum, add],
      [this.#weight, add],
    ];
    for (const [column, merge] of pairs) mergePairs(column, length, merge);
  }

  buckets(length: number): Buckets {
    this.#fill(length);
    const known = (value: number, bucket: number): number => this.#weight[bucket] === 0 ? NaN : value;
    return {
      min: Float64Array.from(this.#min, known),
      mean: Float64Array.from(this.#sum, (sum, bucket) => sum / (this.#weight[bucket] || NaN)),
      max: Float64Array.from(this.#max, known),
    };
  }

  #fill(length: number): void {
    while (this.#weight.length < length) {
      this.#min.push(Infinity);
      this.#max.push(-Infinity);
      this.#sum.push(0);
      this.#weight.push(0);
    }
  }
}

function mergePairs(column: number[], length: number, merge: (a: number, b: number) => number): void {
  for (let bucket = 0; bucket < length; bucket++) {
    column[bucket] = merge(column[2 * bucket] ?? NaN, column[2 * bucket + 1] ?? NaN);
  }
  column.length = length;
}

function add(a: number, b: number): number {
  return a + b;
}

/**
 * The largest value in each of `spans` equal spans of time from 0 to the last time; a span without a value takes the one that
 * follows, since a rate holds for the time before it. `NaN` where none follows.
 */
export function overTime(times: Float64Array, values: Float64Array, spans: number): Float64Array {
  const seconds = times.at(-1) ?? 0;
  const peaks = new Float64Array(spans).fill(NaN);
  values.forEach((value, at) => {
    const span = seconds > 0 ? Math.max(0, Math.ceil((times[at] ?? 0) / seconds * spans) - 1) : 0;
    const peak = peaks[span] ?? NaN;
    if (!(value <= peak) && !Number.isNaN(value)) peaks[span] = value;
  });
  for (let span = spans - 2; span >= 0; span--) {
    if (Number.isNaN(peaks[span])) peaks[span] = peaks[span + 1] ?? NaN;
  }
  return peaks;
}

/**
 * The mean in each of `spans` equal spans of time from 0 to the last time, each value holding since the time before it, as a
 * rate does. `NaN` for a span without a value.
 */
export function meanOverTime(times: Float64Array, values: Float64Array, spans: number): Float64Array {
  const width = (times.at(-1) ?? 0) / spans;
  return Float64Array.from({ length: spans }, (_, span) => {
    let sum = 0;
    let seconds = 0;
    values.forEach((value, at) => {
      const from = Math.max(times[at - 1] ?? 0, span * width);
      const overlap = Math.min(times[at] ?? 0, (span + 1) * width) - from;
      if (!(overlap > 0) || Number.isNaN(value)) return;
      sum += value * overlap;
      seconds += overlap;
    });
    return seconds > 0 ? sum / seconds : NaN;
  });
}
