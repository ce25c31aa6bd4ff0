import type { Clock } from "./clock.ts";
import type { Mark, MarkLine } from "./mark.ts";
import { MarkBudget } from "./mark_budget.ts";
import { ProgressBook } from "./progress_book.ts";
import type { Event, MarkSource, Status } from "./records.ts";
import { microseconds, milliseconds } from "./tick_writer.ts";

// A mark that is older was not on its way for so long: its sender's clock is another one.
const MAX_LAG_SECONDS = 5;
const SAME_INSTANT_SECONDS = 0.0001;
const CLOCK_TRIES = 5;
const MARK_BYTES = 100;
// A record of it.
const PROGRESS_BYTES = 200;

const PHASES: readonly string[] = ["phase_start", "phase_end"];

/** What an intake is connected to. */
export interface MarkIntakeOptions {
  readonly clock: Clock;
  /** Seconds since elapsed 0. */
  readonly elapsed: () => number;
  /** Takes each event as it comes. */
  readonly write: (event: Event) => void;
  /** Called when a phase begins or ends: a moment at which to read the counters. */
  readonly onPhase: () => void;
}

/**
 * Where all marks come together: puts them in their place in time, adds up what is progress, and lets no more through than a
 * log can take. What is given up is counted, with the first reason of each kind.
 */
export class MarkIntake {
  readonly #options: MarkIntakeOptions;
  readonly #budget = new MarkBudget();
  readonly #progress = new ProgressBook();
  readonly #dropped = new Map<string, number>();
  #firstRefusal: string | undefined;
  #lastPlace: { readonly sent: number; readonly place: Place } | undefined;

  constructor(options: MarkIntakeOptions) {
    this.#options = options;
  }

  /** What there is room for, see {@linkcode MarkBudget.room}: what would not be kept need not be parsed. */
  get room(): ReturnType<MarkBudget["room"]> {
    return this.#budget.room(this.#options.clock.now());
  }

  /** Takes a mark; `size` is the bytes of its line. Never throws. */
  accept(mark: MarkLine, source: MarkSource, size = MARK_BYTES): void {
    if (mark.kind === "hello") return;
    if (mark.kind === "dropped") return this.drop("were given up by the program", mark.count);
    if (mark.kind === "progress") return this.#advance(mark, source);
    const isPhase = PHASES.includes(mark.kind);
    if (!this.#budget.take(size, { at: this.#options.clock.now(), isPhase })) return this.drop(TOO_MANY);
    const { kind, time: _, ...content } = mark;
    this.#options.write({ kind, ...this.#place(mark.time), source, ...content });
    if (isPhase) this.#options.onPhase();
  }

  /** Counts marks that could not be kept; `why` completes "marks ...". */
  drop(why: string, count = 1): void {
    this.#dropped.set(why, (this.#dropped.get(why) ?? 0) + count);
  }

  /** Counts what came and was not parsed, because of {@linkcode room}. */
  dropUnread(count: number): void {
    this.drop(TOO_MANY, count);
  }

  /** Counts a line of `size` bytes that is no mark. Reading it takes as long as reading one, so it takes its room as well. */
  refuse(error: SyntaxError, size = MARK_BYTES): void {
    this.#firstRefusal ??= error.message;
    this.#budget.take(size, { at: this.#options.clock.now(), isPhase: false });
    this.drop("could not be read");
  }

  /** Writes what has moved on since the last call, where there is room: once a tick. */
  flushProgress(): void {
    if (this.room !== "all") return;
    const at = this.#options.clock.now();
    const events = this.#writeMoved();
    this.#budget.take(events * PROGRESS_BYTES, { at, isPhase: true });
  }

  /** Writes how far every progress is at the end. */
  finishProgress(): void {
    this.#writeMoved();
  }

  /** What was lost; undefined where nothing was. */
  status(): Status | undefined {
    if (this.#dropped.size === 0) return undefined;
    const reasons = Array.from(this.#dropped, ([why, count]) => `${count} ${why}`);
    const first = this.#firstRefusal === undefined ? "" : ` (the first: ${this.#firstRefusal})`;
    return {
      collector: "marks",
      state: "lost",
      reason: `Marks of the program are missing: ${reasons.join(", ")}${first}`,
    };
  }

  #advance(mark: Mark, source: MarkSource): void {
    const { clock } = this.#options;
    const event = this.#progress.accept(mark, source, clock.wall());
    if (event === "full") return this.drop("are of too many progresses");
    if (event === undefined) return;
    if (!this.#budget.take(PROGRESS_BYTES, { at: clock.now(), isPhase: false })) return this.drop(TOO_MANY);
    this.#options.write({ ...event, ...this.#place(event.time) });
  }

  #writeMoved(): number {
    const events = this.#progress.takeMoved();
    for (const event of events) this.#options.write({ ...event, ...this.#place(event.time) });
    return events.length;
  }

  // Two marks of one moment, such as the end of a phase and the start of the next, stay of one moment.
  // Both clocks at the same instant: where resmon is held up between them, they are read again.
  #readClocks(): { readonly wall: number; readonly elapsed: number } {
    const { clock, elapsed } = this.#options;
    for (let tries = CLOCK_TRIES;; tries--) {
      const before = elapsed();
      const wall = clock.wall();
      const after = elapsed();
      if (after - before < SAME_INSTANT_SECONDS || tries <= 1) return { wall, elapsed: (before + after) / 2 };
    }
  }

  #place(sent: number | undefined): Place {
    const { wall, elapsed } = this.#readClocks();
    const lag = wall - (sent ?? wall);
    const isPlausible = lag >= 0 && lag <= MAX_LAG_SECONDS;
    if (isPlausible && sent !== undefined && sent === this.#lastPlace?.sent) return this.#lastPlace.place;
    const at = elapsed - (isPlausible ? lag : 0);
    const place = { time: milliseconds(sent ?? wall), elapsed: microseconds(Math.max(0, at)) };
    this.#lastPlace = sent === undefined ? undefined : { sent, place };
    return place;
  }
}

type Place = Pick<Event, "time" | "elapsed">;

const TOO_MANY = "came faster than a log can take them";
