// More than any package, and much less than a wrap-around that was none would make.
const MOST_WATTS = 5_000;

/**
 * A counter of energy that starts over after its range, as one that does not. One that was set back, as by a suspend, goes on
 * from where it was: what it missed is not known.
 */
export class EnergyCounter {
  readonly #range: number | undefined;
  #joules: number | undefined;
  #raw = 0;
  #at = 0;

  /** Joules after which the counter starts over; undefined where it is not known. */
  constructor(range: number | undefined) {
    this.#range = range;
  }

  /** Takes what the counter says, in joules, at a time in seconds; null where the increase since the last time is not known. */
  take(raw: number, time: number): number | null {
    if (this.#range !== undefined && raw > this.#range) return null;
    const increase = this.#increase(raw, time);
    this.#joules = (this.#joules ?? raw) + (increase ?? 0);
    this.#raw = raw;
    this.#at = time;
    return increase === undefined ? null : this.#joules;
  }

  #increase(raw: number, time: number): number | undefined {
    if (this.#joules === undefined) return 0;
    const step = raw - this.#raw;
    const increase = step >= 0 || this.#range === undefined ? step : step + this.#range;
    const most = MOST_WATTS * Math.max(1, time - this.#at);
    return increase >= 0 && increase <= most ? increase : undefined;
  }
}
