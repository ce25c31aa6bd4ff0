import type { Frame } from "./frame.ts";
import { longestBridge } from "./integrals.ts";
import { IntervalAccount, type IntervalMetric, type Step } from "./interval_account.ts";
import { IntervalSeries } from "./interval_series.ts";
import type { Event } from "./records.ts";

/** A part of a run that is being measured. */
export interface Interval {
  readonly from: number;
  /** Infinity while it goes on. */
  to: number;
  readonly account: IntervalAccount;
}

interface Row {
  readonly elapsed: number;
  readonly values: number[];
}

// Marks come later than the ticks around them: frames wait for them so long, and no more than so many of them.
const DELAY_SECONDS = 10;
const MOST_WAITING = 100;

const CLOCK_SECONDS = 0.002;
// The end of a process is told as of the beginning of the reading that shows it, and what it has marked until then comes later.
const EXIT_SECONDS = 0.5;

/**
 * Measures parts of a run from its frames, in memory that does not grow with its length. Marks are handed out again in the
 * order of the times at which they were made, each before the time after it is measured. One that comes after its time was
 * measured counts from there on.
 */
export class IntervalMeter {
  readonly #series = new IntervalSeries();
  readonly #onDue: (mark: Event, at: number) => void;
  readonly #marks: Event[] = [];
  readonly #rows: Row[] = [];
  /** Of each series, its newest reading. */
  readonly #newest: { readonly row: number; readonly elapsed: number; readonly value: number }[] = [];
  /** Of each series, the last reading that was measured. */
  readonly #before: { readonly times: number[]; readonly values: number[] } = { times: [], values: [] };
  #open: Interval[] = [];
  /** Rows that have been measured. */
  #measured = 0;
  #reached = -Infinity;
  #end = Infinity;
  #bridge = longestBridge(0);

  /** `onDue` is told each mark, and from when on it counts, once its time has come. */
  constructor(onDue: (mark: Event, at: number) => void) {
    this.#onDue = onDue;
  }

  /** The nominal seconds between two ticks. */
  set interval(seconds: number) {
    this.#bridge = longestBridge(seconds);
  }

  /** Takes a mark; those of other times may come before it and after it. */
  mark(mark: Event): void {
    const at = this.#marks.findLastIndex((other) => other.elapsed <= mark.elapsed || isJustBefore(other, mark));
    this.#marks.splice(this.#exitBefore(at, mark) ?? at + 1, 0, mark);
  }

  /** Takes the next frame; all are of one stream. */
  frame({ elapsed, samples }: Frame): void {
    const row = { elapsed, values: this.#series.pick(samples) };
    this.#fillUpTo(row);
    this.#rows.push(row);
    for (let first = this.#rows[0]; first !== undefined && this.#isDue(first, elapsed); first = this.#rows[0]) {
      this.#rows.shift();
      this.#measure(first);
    }
  }

  /** Measures all that is still waiting, and hands out all marks, as of the end of the run at the latest; the last call before the results. */
  finish(end: number): void {
    for (const row of this.#rows.splice(0)) this.#measure(row);
    this.#end = end;
    this.#handOut(Infinity);
    this.#open = [];
  }

  /** Begins to measure at `from`; into an account that has measured other parts, where one is given. */
  open(from: number, account: IntervalAccount = new IntervalAccount()): Interval {
    const interval = { from, to: Infinity, account };
    this.#open.push(interval);
    return interval;
  }

  /** What an account came to in `seconds`. */
  resultOf(account: IntervalAccount, seconds: number): Record<string, IntervalMetric> {
    return account.result(this.#series, seconds);
  }

  /** Where the end of the process that made a mark waits, at `at` or just before. */
  #exitBefore(at: number, mark: Event): number | undefined {
    for (let place = at; place >= 0; place--) {
      const other = this.#marks[place];
      if (other === undefined || mark.elapsed - other.elapsed > EXIT_SECONDS) return undefined;
      if (isExitOf(other, mark)) return place;
    }
    return undefined;
  }

  #isDue(row: Row, now: number): boolean {
    return this.#rows.length > MOST_WAITING || now - row.elapsed > DELAY_SECONDS;
  }

  // Some sources are read more seldom than others: in between they are taken to change evenly.
  #fillUpTo({ elapsed, values }: Row): void {
    const row = this.#measured + this.#rows.length;
    for (const [number, value] of values.entries()) {
      if (Number.isNaN(value)) continue;
      const last = this.#newest[number];
      if (last !== undefined && last.row < row - 1) this.#fill(number, { from: last, to: { elapsed, value } });
      this.#newest[number] = { row, elapsed, value };
    }
  }

  #fill(number: number, { from, to }: { from: { row: number; elapsed: number; value: number }; to: Reading }): void {
    const seconds = to.elapsed - from.elapsed;
    if (this.#series.isCounter[number] !== true && seconds > this.#bridge) return;
    for (const { elapsed, values } of this.#rows.slice(Math.max(0, from.row + 1 - this.#measured))) {
      values[number] = from.value + (to.value - from.value) * (elapsed - from.elapsed) / seconds;
    }
  }

  #measure({ elapsed, values }: Row): void {
    this.#handOut(elapsed);
    const { isCounter } = this.#series;
    const step: Step = { elapsed, values, before: this.#before, isCounter, bridge: this.#bridge };
    for (const { account, from, to } of this.#open) account.add(step, from, to);
    this.#open = this.#open.filter(({ to }) => to > elapsed);
    for (const [number, value] of values.entries()) {
      if (Number.isNaN(value)) continue;
      this.#before.times[number] = elapsed;
      this.#before.values[number] = value;
    }
    this.#measured++;
    this.#reached = elapsed;
  }

  #handOut(until: number): void {
    const later = this.#marks.findIndex(({ elapsed }) => elapsed > until);
    const due = this.#marks.splice(0, later < 0 ? this.#marks.length : later);
    for (const mark of due) this.#onDue(mark, Math.min(Math.max(mark.elapsed, this.#reached), this.#end));
  }
}

// Times are told in fractions of a millisecond, but no clock is read as exactly: a thread's own marks keep their order.
function isJustBefore(other: Event, mark: Event): boolean {
  const { pid, tid, elapsed } = mark;
  if (isExitOf(mark, other)) return other.elapsed - elapsed < EXIT_SECONDS;
  return other.pid === pid && other.tid === tid && other.elapsed - elapsed < CLOCK_SECONDS;
}

function isExitOf(event: Event, { kind, pid }: Event): boolean {
  return event.kind === "process_exit" && kind !== "process_exit" && event.pid === pid && pid !== undefined;
}

interface Reading {
  readonly elapsed: number;
  readonly value: number;
}
