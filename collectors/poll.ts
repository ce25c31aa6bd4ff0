import { type Clock, SystemClock } from "../lib/clock.ts";
import { Unavailable } from "../lib/contracts.ts";
import { ToolError, type Tools } from "../lib/tools.ts";

/** What a poll is made of. */
export interface PollOptions {
  readonly tools: Tools;
  /** Programs and their arguments, run one after the other; their answers belong together. */
  readonly commands: readonly (readonly string[])[];
  /** Seconds between two runs. */
  readonly period: number;
  /**
   * Takes what the programs printed, which was complete at `at` in monotonic seconds. Throws SyntaxError, and Unavailable where
   * they say that there is nothing to tell.
   */
  readonly accept: (texts: readonly string[], at: number) => void;
  /** The clock of the recorder, where a test brings its own. */
  readonly clock?: Clock;
}

// Programs that never gave numbers are not worth more attempts.
const MAX_BARREN_RUNS = 2;
const TIMEOUT_SECONDS = 10;
const STALE_PERIODS = 3;
const STALE_SECONDS = 2;

/**
 * Programs that print once and end, run again and again in the background, as the source of a collector. One that fails or
 * hangs costs gaps, nothing else.
 */
export class Poll {
  readonly #options: PollOptions;
  readonly #clock: Clock;
  readonly #first = Promise.withResolvers<void>();
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #isWanted = false;
  #lastAt: number | undefined;
  #barrenRuns = 0;
  #failure: Unavailable | undefined;
  #trouble = "no answer";
  #isClosed = false;

  constructor(options: PollOptions) {
    this.#options = options;
    this.#clock = options.clock ?? new SystemClock();
    // Whoever does not wait for the first numbers learns of a failure from `check`.
    this.#first.promise.catch(() => undefined);
  }

  /** Runs the programs now, or once more directly after a run that is under way. */
  start(): void {
    this.#isWanted = this.#running !== undefined;
    if (this.#isWanted || this.#isClosed || this.#failure !== undefined) return;
    this.#cancel?.();
    this.#running = this.#run();
  }

  /** Resolves with the first numbers. Rejects with Unavailable where none come. */
  ready(): Promise<void> {
    return this.#first.promise;
  }

  /**
   * Whether there are numbers that are not stale. Throws Unavailable where there never were any, and Error, a gap, where they
   * are too old.
   */
  check(time: number): boolean {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#lastAt === undefined) return false;
    const { period, commands } = this.#options;
    const age = time - this.#lastAt;
    if (age <= Math.max(STALE_PERIODS * period, period + STALE_SECONDS)) return true;
    throw new Error(`Cannot tell what ${commands[0]?.[0]} reads: ${this.#trouble} for ${age.toFixed(1)} s`);
  }

  /** Takes no further runs; resolves when none is under way. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    return this.#running ?? Promise.resolve();
  }

  async #run(): Promise<void> {
    const started = this.#clock.now();
    try {
      const texts = await this.#answers();
      if (!this.#isClosed) this.#take(texts);
    } catch (error) {
      this.#fail(error);
    }
    this.#running = undefined;
    if (this.#isWanted || this.#isBarren) this.start();
    else if (!this.#isClosed) this.#cancel = this.#clock.at(started + this.#options.period, () => this.start());
  }

  get #isBarren(): boolean {
    return this.#lastAt === undefined;
  }

  async #answers(): Promise<string[]> {
    const { tools, commands } = this.#options;
    const texts: string[] = [];
    for (const words of commands) texts.push(await tools.run(words, TIMEOUT_SECONDS));
    return texts;
  }

  #take(texts: readonly string[]): void {
    const at = this.#clock.now();
    this.#options.accept(texts, at);
    this.#lastAt = at;
    this.#trouble = "no answer";
    this.#first.resolve();
  }

  #fail(error: unknown): void {
    if (error instanceof Unavailable) return this.#giveUp(error);
    if (!(error instanceof ToolError || error instanceof SyntaxError)) throw error;
    this.#trouble = error.message;
    if (this.#isBarren && ++this.#barrenRuns === MAX_BARREN_RUNS) {
      this.#giveUp(new Unavailable("unsupported", error.message));
    }
  }

  #giveUp(failure: Unavailable): void {
    this.#failure = failure;
    this.#first.reject(failure);
  }
}
