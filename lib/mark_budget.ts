const MIN_BYTES = 100;
const BURST_BYTES = 16 * 2 ** 20;
const BYTES_PER_SECOND = 2 ** 20;
// For the starts and ends of phases: one without the other says nothing.
const RESERVE_BYTES = BURST_BYTES / 4;

/** How much of marks a log takes: 16 MiB at once and 1 MiB a second after that, of which phases have a quarter for themselves. */
export class MarkBudget {
  #room = BURST_BYTES;
  #since = 0;

  /** What would be taken at a monotonic second: everything, phases only, or nothing. */
  room(at: number): "all" | "phases" | "none" {
    this.#refill(at);
    if (this.#room < MIN_BYTES) return "none";
    return this.#room - MIN_BYTES < RESERVE_BYTES ? "phases" : "all";
  }

  /** Takes `bytes` and says whether there was room for them. */
  take(bytes: number, { at, isPhase }: { readonly at: number; readonly isPhase: boolean }): boolean {
    this.#refill(at);
    const cost = Math.max(MIN_BYTES, bytes);
    if (this.#room - cost < (isPhase ? 0 : RESERVE_BYTES)) return false;
    this.#room -= cost;
    return true;
  }

  #refill(at: number): void {
    this.#room = Math.min(BURST_BYTES, this.#room + Math.max(0, at - this.#since) * BYTES_PER_SECOND);
    this.#since = at;
  }
}
