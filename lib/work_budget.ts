import type { Clock } from "./clock.ts";

const BURST_SECONDS = 1;
const SHARE = 0.2;

/** Lets work that comes with the command's output take a fifth of resmon's time, and a second more now and then. */
export class WorkBudget {
  readonly #clock: Clock;
  #room = BURST_SECONDS;
  #since: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#since = clock.now();
  }

  /** Does some work where there is room for it, and says whether it did. */
  tryWork(work: () => void): boolean {
    const start = this.#clock.now();
    this.#room = Math.min(BURST_SECONDS, this.#room + (start - this.#since) * SHARE);
    this.#since = start;
    if (this.#room <= 0) return false;
    work();
    this.#room -= this.#clock.now() - start;
    return true;
  }
}
