// At most this share of the time is spent in reading sources that are slow, such as sensors on an I2C bus.
const MAX_SHARE = 0.005;

/**
 * Seconds between two readings of a source that takes `cost` seconds, or undefined where it is cheap enough to be read in
 * every tick of `interval` seconds.
 */
export function affordablePeriod(cost: number, interval: number): number | undefined {
  const period = cost / MAX_SHARE;
  return period > interval ? period : undefined;
}

/** Seconds that the cheaper of two calls takes: the first one also warms caches up. */
export function measureCost(read: () => unknown): number {
  const started = performance.now();
  read();
  const warm = performance.now();
  read();
  return Math.min(warm - started, performance.now() - warm) / 1000;
}
