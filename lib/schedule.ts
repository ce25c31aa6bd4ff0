// The first tick after the one at the start comes not before this, the next ones each twice as late, up to the interval.
const FIRST_SECONDS = 0.02;

/**
 * The elapsed seconds at which the next tick is due: a ramp of `interval / 2^n` from tens of milliseconds up to the first
 * interval, so that a half-second command has data too, then every multiple of the interval. Absolute, so that ticks never
 * drift and late ones are left out instead of queued.
 */
export function nextDeadline(elapsed: number, interval: number): number {
  if (elapsed >= interval) return (Math.floor(elapsed / interval + 1e-9) + 1) * interval;
  let deadline = interval;
  while (deadline / 2 > elapsed && deadline / 2 >= FIRST_SECONDS) deadline /= 2;
  return deadline;
}

/** How many deadlines passed unused between the one that was due and `elapsed`. */
export function skippedDeadlines(due: number, elapsed: number, interval: number): number {
  return elapsed <= due ? 0 : Math.floor((elapsed - due) / interval);
}
