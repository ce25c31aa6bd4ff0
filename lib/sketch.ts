const ACCURACY = 0.005;
const GAMMA = (1 + ACCURACY) / (1 - ACCURACY);
const LOG_GAMMA = Math.log(GAMMA);

/** What is smaller than this counts as 0, so that every other value has a bucket on its own side of 0. */
const LEAST = 1e-12;
const LEAST_KEY = Math.ceil(Math.log(LEAST) / LOG_GAMMA);

/** Buckets are allocated by so many at once: a power of 2, and about half of a factor of 10 in values. */
const PAGE = 128;

/**
 * Quantiles of any number of weighted values in bounded memory, each within 0.5 % of a true one: the buckets of DDSketch
 * (https://arxiv.org/abs/1908.10693), whose bounds grow by a constant factor.
 */
export class Sketch {
  readonly #negative = new Buckets();
  #zero = 0;
  readonly #positive = new Buckets();
  #total = 0;

  /** `weight`: any positive number, such as the seconds for which the value held. */
  add(value: number, weight: number): void {
    this.#total += weight;
    if (value >= LEAST) this.#positive.add(keyOf(value), weight);
    else if (value <= -LEAST) this.#negative.add(keyOf(-value), weight);
    else this.#zero += weight;
  }

  /** The value that the share `q` (0 to 1) of all weight does not exceed; `undefined` without any. */
  quantile(q: number): number | undefined {
    let left = q * this.#total;
    let last: number | undefined;
    for (const [value, weight] of this.#buckets()) {
      left -= weight;
      last = value;
      if (left <= 0) break;
    }
    return last;
  }

  /** In the order of their values. */
  *#buckets(): Generator<readonly [value: number, weight: number]> {
    for (const [key, weight] of [...this.#negative].reverse()) yield [-valueOf(key), weight];
    if (this.#zero > 0) yield [0, this.#zero];
    for (const [key, weight] of this.#positive) yield [valueOf(key), weight];
  }
}

/** Weights by key, from 0; only the pages that are used take memory. */
class Buckets {
  readonly #pages: (Float64Array | undefined)[] = [];

  add(key: number, weight: number): void {
    const page = this.#pages[Math.trunc(key / PAGE)] ??= new Float64Array(PAGE);
    const at = key % PAGE;
    page[at] = (page[at] ?? 0) + weight;
  }

  /** The keys that have a weight, in their order. */
  *[Symbol.iterator](): Generator<readonly [key: number, weight: number]> {
    for (const [number, page] of this.#pages.entries()) {
      for (const [at, weight] of page?.entries() ?? []) if (weight > 0) yield [number * PAGE + at, weight];
    }
  }
}

function keyOf(value: number): number {
  return Math.ceil(Math.log(value) / LOG_GAMMA) - LEAST_KEY;
}

function valueOf(key: number): number {
  return 2 * Math.exp((key + LEAST_KEY) * LOG_GAMMA) / (GAMMA + 1);
}
