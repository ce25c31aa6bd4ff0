/** CPU time from the percents of a process between two rows. */
export class CpuSeconds {
  #time = NaN;
  #seconds = 0;

  /** The seconds so far; what the first row tells is not known and not counted. */
  next(time: number, percent: number): number {
    if (time > this.#time) this.#seconds += percent / 100 * (time - this.#time);
    this.#time = time;
    return this.#seconds;
  }
}
