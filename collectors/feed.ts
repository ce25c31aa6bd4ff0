import { type Clock, SystemClock } from "../lib/clock.ts";
import { Unavailable } from "../lib/contracts.ts";
import { type RunningTool, ToolError, type Tools } from "../lib/tools.ts";

/** What a feed is made of. */
export interface FeedOptions {
  readonly tools: Tools;
  /** The program and its arguments. */
  readonly words: readonly string[];
  /** What people call it, where that is not the name of the program. */
  readonly name?: string;
  /** Nominal seconds between what it prints. */
  readonly interval: number;
  /** Seconds from its end to its next start: of a tool that prints its numbers once, and is run again and again. */
  readonly pause?: number;
  /** Called before each start: what the one before has half said is void. */
  readonly begin?: () => void;
  /** Seconds that its first numbers may take. */
  readonly patience?: number;
  /**
   * Takes a line that came at `at` in monotonic seconds and says whether it brought numbers. Throws SyntaxError for one that
   * should have, and Unavailable where the tool says that it never will.
   */
  readonly accept: (line: string, at: number) => boolean;
  /** The clock of the recorder, where a test brings its own. */
  readonly clock?: Clock;
}

// A tool that has given numbers is started again after it ended or fell silent; one that has not is not worth many attempts.
const MAX_BARREN_STARTS = 3;
const FIRST_PAUSE_SECONDS = 1;
const LONGEST_PAUSE_SECONDS = 60;
const PATIENCE_SECONDS = 10;
// A timer that fires so late has waited for resmon itself, which was stopped as by Ctrl-Z, and has not heard the tool.
const STANDSTILL_SECONDS = 2;
const STALE_INTERVALS = 3;
const STALE_SECONDS = 2;

/**
 * A tool that streams lines as the source of a collector: what it said last and when. It is started again when it ends, and
 * abandoned when it is silent for too long: a tool that hangs costs gaps, nothing else.
 */
export class Feed {
  readonly #options: FeedOptions;
  readonly #program: string;
  readonly #clock: Clock;
  readonly #first = Promise.withResolvers<void>();
  #tool: RunningTool | undefined;
  #lastAt: number | undefined;
  #startedAt = 0;
  #lastHeard = 0;
  #barrenStarts = 0;
  #pause = FIRST_PAUSE_SECONDS;
  #failure: Unavailable | undefined;
  #trouble = "nothing so far";
  #generation = 0;
  #isClosed = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#clock = options.clock ?? new SystemClock();
    const [path = ""] = options.words;
    this.#program = options.name ?? path.slice(path.lastIndexOf("/") + 1);
    // Whoever does not wait for the first numbers learns of a failure from `check`.
    this.#first.promise.catch(() => undefined);
  }

  /** Starts the tool. A failure shows in {@linkcode check} and {@linkcode ready}. */
  start(): void {
    if (this.#isClosed || this.#failure !== undefined) return;
    const generation = ++this.#generation;
    this.#startedAt = this.#lastHeard = this.#clock.now();
    this.#barrenStarts++;
    this.#options.begin?.();
    try {
      this.#tool = this.#options.tools.start(this.#options.words, {
        line: (text) => this.#take(text, generation),
        end: (reason) => this.#ended(reason, generation),
      });
      this.#watchSilence(generation);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      this.#ended(error.message, generation);
    }
  }

  /** Resolves with the first numbers. Rejects with Unavailable where none come, or the tool has been silent for its patience. */
  ready(): Promise<void> {
    return this.#first.promise;
  }

  /** Monotonic seconds of the last numbers; undefined before the first. */
  get at(): number | undefined {
    return this.#lastAt;
  }

  /**
   * Whether there are numbers that are not stale. Throws Unavailable once the tool was given up, and Error, a gap, where it has
   * been silent for too long.
   */
  check(time: number): boolean {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#lastAt === undefined) return false;
    const age = time - this.#lastAt;
    if (age <= this.#staleSeconds) return true;
    throw new Error(`Cannot tell what ${this.#program} reads: ${this.#trouble} for ${age.toFixed(1)} s`);
  }

  /** Ends the tool; resolves once it is gone. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.#tool?.close() ?? Promise.resolve();
  }

  get #staleSeconds(): number {
    return Math.max(STALE_INTERVALS * this.#options.interval, this.#options.interval + STALE_SECONDS);
  }

  #take(line: string, generation: number): void {
    if (generation !== this.#generation) return;
    try {
      const at = this.#clock.now();
      if (!this.#options.accept(line, at)) return;
      this.#lastAt = this.#lastHeard = at;
      this.#barrenStarts = 0;
      this.#shortenPause(at);
      this.#trouble = "no answer";
      this.#first.resolve();
    } catch (error) {
      if (error instanceof Unavailable) this.#giveUp(error);
      else if (error instanceof SyntaxError) this.#trouble = error.message;
      else throw error;
    }
  }

  // One that ends soon after its first numbers, or floods, is started less and less often.
  #shortenPause(at: number): void {
    const { pause } = this.#options;
    if (pause !== undefined || at - this.#startedAt > this.#pause) this.#pause = pause ?? FIRST_PAUSE_SECONDS;
  }

  #ended(reason: string, generation: number): void {
    if (generation !== this.#generation || this.#isClosed) return;
    this.#generation++;
    this.#trouble = `it ended (${reason})`;
    if (this.#barrenStarts >= MAX_BARREN_STARTS) {
      return this.#giveUp(new Unavailable("unsupported", `Cannot read numbers from ${this.#program}: ${reason}`));
    }
    this.#clock.at(this.#clock.now() + this.#pause, () => this.start());
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE_SECONDS);
  }

  // The kernel may not be able to kill it: it is left behind, and another one is tried.
  #watchSilence(generation: number): void {
    const { interval, patience = PATIENCE_SECONDS } = this.#options;
    const hasSpoken = this.#barrenStarts === 0;
    const limit = Math.max(hasSpoken ? PATIENCE_SECONDS : patience, 5 * interval);
    const due = this.#lastHeard + limit;
    this.#clock.at(due, () => {
      if (generation !== this.#generation || this.#isClosed) return;
      const now = this.#clock.now();
      if (now - due > STANDSTILL_SECONDS) this.#lastHeard = now;
      if (now - this.#lastHeard < limit) return this.#watchSilence(generation);
      const silent = this.#tool;
      const reason = `Cannot read numbers from ${this.#program}: none for ${limit} s`;
      this.#first.reject(new Unavailable("unsupported", reason));
      this.#ended(`no numbers for ${limit} s`, generation);
      silent?.close().catch((error) => this.#trouble = String(error));
    });
  }

  #giveUp(failure: Unavailable): void {
    this.#failure ??= failure;
    this.#first.reject(this.#failure);
    this.close().catch((error) => this.#trouble = String(error));
  }
}
