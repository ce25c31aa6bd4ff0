import type { Samples } from "./samples.ts";

/** One series over the time of a run: one value a bucket, `NaN` where a bucket holds none. */
export interface Column {
  /** Weighted by the time since the tick before. With one tick a bucket, the value itself. */
  readonly mean: Float32Array;
  /** Where a bucket holds several ticks: the least and the largest of them, so that no peak is lost. */
  readonly min?: Float32Array;
  readonly max?: Float32Array;
}

/** What a history is planned by, once the length of the run is known. */
export interface HistoryPlan {
  readonly series: readonly string[];
  /** Ticks of the run; later ones are left out. */
  readonly ticks: number;
  /** Numbers that may be kept, over all series together: as few ticks a bucket as that allows. */
  readonly budget: number;
}

const NUMBERS_IN_A_BUCKET = 3;

// Keeps a value whose weight in time is not known (the first one) from being divided by zero.
const LEAST_SECONDS = 1e-9;

/** Some series over the whole length of a run that has ended, in memory that was decided on before. */
export class History {
  /** Ticks in a bucket. */
  readonly ticksPerBucket: number;
  /** Buckets that all ticks need. */
  readonly buckets: number;
  readonly #columns: readonly NamedColumn[];
  readonly #first: Float64Array;
  readonly #last: Float64Array;
  readonly #ticks: number;
  #tick = 0;
  #previous = 0;

  constructor({ series, ticks, budget }: HistoryPlan) {
    this.ticksPerBucket = ticksPerBucket(series.length * ticks, budget);
    // Without series there is nothing to keep, not even times.
    this.#ticks = series.length === 0 ? 0 : ticks;
    this.buckets = Math.ceil(this.#ticks / this.ticksPerBucket);
    const create = this.ticksPerBucket === 1 ? createWhole : createBucketed;
    this.#columns = series.map((name) => ({ name, number: undefined, column: create(this.buckets) }));
    this.#first = new Float64Array(this.buckets);
    this.#last = this.ticksPerBucket === 1 ? this.#first : new Float64Array(this.buckets);
  }

  /**
   * Takes one tick; `elapsed` in seconds does not step back. A series that is not in `samples` has a gap here. All samples are
   * of one stream, so that a series has the same number in all of them.
   */
  add(elapsed: number, { list, values }: Samples): void {
    if (this.#tick === this.#ticks) return;
    const bucket = Math.floor(this.#tick / this.ticksPerBucket);
    if (this.#tick % this.ticksPerBucket === 0) this.#first[bucket] = elapsed;
    this.#last[bucket] = elapsed;
    const seconds = Math.max(LEAST_SECONDS, elapsed - this.#previous);
    for (const each of this.#columns) {
      each.number ??= list.find(each.name);
      const value = each.number === undefined ? NaN : values[each.number] ?? NaN;
      if (!Number.isNaN(value)) each.column.add(bucket, value, seconds);
    }
    this.#previous = elapsed;
    this.#tick++;
  }

  /** The middle of each bucket that has a tick, in seconds. */
  times(): Float64Array {
    const first = this.#first.subarray(0, this.#used);
    return this.ticksPerBucket === 1 ? first : first.map((time, bucket) => (time + (this.#last[bucket] ?? time)) / 2);
  }

  /** One series, as long as `times()`; `undefined` for one that it was not planned for. */
  column(series: string): Column | undefined {
    return this.#columns.find(({ name }) => name === series)?.column.close(this.#used);
  }

  get #used(): number {
    return Math.ceil(this.#tick / this.ticksPerBucket);
  }
}

// The fewest with which `values` need no more than `budget` numbers.
function ticksPerBucket(values: number, budget: number): number {
  return values <= budget ? 1 : Math.ceil(values * NUMBERS_IN_A_BUCKET / budget);
}

interface NamedColumn {
  readonly name: string;
  /** In the list of the stream, once it is there. */
  number: number | undefined;
  readonly column: OpenColumn;
}

interface OpenColumn {
  add(bucket: number, value: number, seconds: number): void;
  close(buckets: number): Column;
}

function createWhole(buckets: number): OpenColumn {
  const mean = new Float32Array(buckets).fill(NaN);
  return {
    add: (bucket, value) => mean[bucket] = value,
    close: (used) => ({ mean: mean.subarray(0, used) }),
  };
}

function createBucketed(buckets: number): OpenColumn {
  const min = new Float32Array(buckets).fill(NaN);
  const max = new Float32Array(buckets).fill(NaN);
  const mean = new Float32Array(buckets).fill(NaN);
  const open = { bucket: -1, sum: 0, seconds: 0 };
  return {
    add: (bucket, value, seconds) => {
      if (bucket !== open.bucket) Object.assign(open, { bucket, sum: 0, seconds: 0 });
      open.sum += value * seconds;
      open.seconds += seconds;
      mean[bucket] = open.sum / open.seconds;
      // A comparison with NaN is false: the first value is taken.
      if (!((min[bucket] ?? NaN) <= value)) min[bucket] = value;
      if (!((max[bucket] ?? NaN) >= value)) max[bucket] = value;
    },
    close: (used) => ({
      mean: mean.subarray(0, used),
      min: min.subarray(0, used),
      max: max.subarray(0, used),
    }),
  };
}
