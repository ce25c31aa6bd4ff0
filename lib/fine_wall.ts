// A clock that is slewed gains or loses less than this in a second; what is behind by more than a second was set back.
const SLEW = 1e-4;
const SET_BACK_SECONDS = 1;

/**
 * The wall clock finer than the whole milliseconds in which the runtime tells it, so that marks that are made a moment after
 * each other keep their order.
 */
export class FineWall {
  #offset = -Infinity;
  #read = 0;

  /** Unix seconds at the monotonic `now`, which was read after the clock had told `told`. */
  at(told: number, now: number): number {
    const offset = told - now;
    const expected = this.#offset - SLEW * (now - this.#read);
    // What is told is too early by up to a millisecond, and by what passed until `now` was read: the latest is the truest.
    const isSetBack = offset < expected - SET_BACK_SECONDS;
    this.#offset = isSetBack ? offset : Math.max(offset, expected);
    this.#read = now;
    return now + this.#offset;
  }
}
