import { realSeconds } from "./ffi/libc.ts";
import { FineWall } from "./fine_wall.ts";
import { PLATFORM } from "./platform.ts";

/** Time, passed in so that tests need not wait for it. */
export interface Clock {
  /** Monotonic seconds since some fixed instant. */
  now(): number;
  /** Wall clock in Unix seconds, as finely as the system tells it. */
  wall(): number;
  /** Calls back once at a monotonic instant, or as soon as possible after it; gives a function that takes it back. */
  at(instant: number, callback: () => void): () => void;
}

const MAX_DELAY_MS = 2 ** 31 - 1;

/** The clocks of this machine: CLOCK_MONOTONIC and CLOCK_REALTIME, see clock_gettime(2). */
export class SystemClock implements Clock {
  readonly #fine = new FineWall();

  now(): number {
    return performance.now() / 1000;
  }

  wall(): number {
    return PLATFORM === "linux" ? realSeconds() : this.#fine.at(Date.now() / 1000, this.now());
  }

  at(instant: number, callback: () => void): () => void {
    // Rounded up: the runtime fires fractions of a millisecond early, and a tick must not come before its deadline.
    const delay = Math.ceil(Math.max(0, instant * 1000 - performance.now()));
    // Not setTimeout(): the runtime's is Node's, and loading it takes 4 ms of the start of every run. The runtime waits for a
    // signal as long as it has listeners.
    const signal = AbortSignal.timeout(Math.min(delay, MAX_DELAY_MS));
    const listener = (): void => callback();
    signal.addEventListener("abort", listener);
    return () => signal.removeEventListener("abort", listener);
  }
}
