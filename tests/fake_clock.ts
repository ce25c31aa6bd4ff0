import type { Clock } from "../lib/clock.ts";

interface Timer {
  readonly instant: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now: number;
  #timers: Timer[] = [];

  constructor(now = 1000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return 1_800_000_000 + this.#now;
  }

  at(instant: number, callback: () => void): () => void {
    const timer = { instant, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets time pass without any timer firing: the program was busy, or stopped. */
  jump(seconds: number): void {
    this.#now += seconds;
  }

  /** Lets time pass; timers fire at their instants, or at once if these are past. */
  advance(seconds: number): void {
    const end = this.#now + seconds;
    for (;;) {
      const due = this.#timers.filter(({ instant }) => instant <= end).sort((a, b) => a.instant - b.instant)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now = Math.max(this.#now, due.instant);
      due.callback();
    }
    this.#now = end;
  }
}
