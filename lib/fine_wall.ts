// A clock that is slewed gains or loses less than this in seconds; what differs by more was set.
const SET_BY_SECONDS = 0.002;

/**
 * The wall clock finer than the whole milliseconds in which the runtime tells it, so that marks that are made a moment after
 * each other keep their order.
 */
export class FineWall {
  #offset = NaN;

  /** Unix seconds at the monotonic `now`, when the clock tells `told`. */
  at(now: number, told: number): number {
    const offset = told - now;
    // What is told is up to a millisecond old: the largest difference is the true one.
    const isKnown = offset <= this.#offset && offset > this.#offset - SET_BY_SECONDS;
    if (!isKnown) this.#offset = offset;
    return now + this.#offset;
  }
}
