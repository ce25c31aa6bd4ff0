const ACCURACY = 0.005;
const GAMMA = (1 + ACCURACY) / (1 - ACCURACY);
const LOG_GAMMA = Math.log(GAMMA);

/** What is smaller than this counts as 0, so that every other value has a bucket on its own side of 0. */
const LEAST = 1e-12;
const LEAST_KEY = Math.ceil(Math.log(LEAST) / LOG_GAMMA);

/**
 * Quantiles of any number of weighted values in bounded memory, each within 0.5 % of a true one: the buckets of DDSketch
 * (https://arxiv.org/abs/1908.10693), whose bounds grow by a constant factor.
 */
export class Sketch {
  readonly #weights = new Map<number, number>();
  #total = 0;

  /** `weight`: any positive number, such as the seconds for which the value held. */
  add(value: number, weight: number): void {
    const key = keyOf(value);
    this.#weights.set(key, (this.#weights.get(key) ?? 0) + weight);
    this.#total += weight;
  }

  /** The value that the share `q` (0 to 1) of all weight does not exceed; `undefined` without any. */
  quantile(q: number): number | undefined {
    const keys = [...this.#weights.keys()].sort((a, b) => a - b);
    let left = q * this.#total;
    for (const key of keys) {
      left -= this.#weights.get(key) ?? 0;
      if (left <= 0) return valueOf(key);
    }
    const last = keys.at(-1);
    return last === undefined ? undefined : valueOf(last);
  }
}

/** Keys are in the order of their values: negative ones below 0, zero at 0. */
function keyOf(value: number): number {
  const size = Math.abs(value);
  if (size < LEAST) return 0;
  return Math.sign(value) * (Math.ceil(Math.log(size) / LOG_GAMMA) - LEAST_KEY + 1);
}

function valueOf(key: number): number {
  if (key === 0) return 0;
  return Math.sign(key) * 2 * Math.exp((Math.abs(key) + LEAST_KEY - 1) * LOG_GAMMA) / (GAMMA + 1);
}
