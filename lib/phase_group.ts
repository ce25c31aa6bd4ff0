import { IntervalAccount } from "./interval_account.ts";
import type { Interval, IntervalMeter } from "./interval_meter.ts";
import { figuresOf, type PhaseRepetition, type PhaseSummary } from "./phase_summary.ts";
import type { Event } from "./records.ts";

/** A phase that has begun, and perhaps ended. */
export interface Phase {
  readonly group: PhaseGroup;
  readonly start: Event;
  readonly repetition: number;
  readonly depth: number;
  readonly interval: Interval;
  /** What ended it; absent while it goes on, and where only the end of its process or of the run did. */
  end?: Event;
}

/** Phases of one name, or of many that are told together. */
export class PhaseGroup {
  /** The phases that are told one by one, in the order of their starts. */
  readonly told: Phase[] = [];
  readonly #name: string;
  readonly #meter: IntervalMeter;
  readonly #account = new IntervalAccount();
  /** While at least one goes on. */
  #interval: Interval | undefined;
  #open = 0;
  #count = 0;
  #unfinished = 0;
  #failed = 0;
  #started = 0;
  #seconds = 0;
  #sum = 0;
  #longest = 0;

  constructor(name: string, meter: IntervalMeter) {
    this.#name = name;
    this.#meter = meter;
  }

  /** Begins a phase at the elapsed `at`. */
  begin(start: Event, at: number, depth: number): Phase {
    if (this.#count === 0) this.#started = at;
    this.#count++;
    this.#open++;
    this.#interval ??= this.#meter.open(at, this.#account);
    return { group: this, start, repetition: this.#count, depth, interval: this.#meter.open(at) };
  }

  /** Ends a phase at the elapsed `time`, but not before its start; without `end` it did not end by itself. */
  end(phase: Phase, time: number, end?: Event): void {
    const at = Math.max(time, phase.interval.from);
    phase.interval.to = at;
    if (end !== undefined) phase.end = end;
    else this.#unfinished++;
    if (end?.attributes?.["error"] !== undefined) this.#failed++;
    const seconds = at - phase.interval.from;
    this.#sum += seconds;
    this.#longest = Math.max(this.#longest, seconds);
    this.#open--;
    if (this.#open > 0 || this.#interval === undefined) return;
    this.#interval.to = at;
    this.#seconds += at - this.#interval.from;
    this.#interval = undefined;
  }

  /** What all came to; the last call, when all have ended. `energySeries` as of {@linkcode figuresOf}. */
  result(energySeries: readonly string[]): PhaseSummary {
    const metrics = this.#meter.resultOf(this.#account, this.#seconds);
    return {
      name: this.#name,
      count: this.#count,
      ...(this.#unfinished > 0 && { unfinished: this.#unfinished }),
      ...(this.#failed > 0 && { failed: this.#failed }),
      started: this.#started,
      seconds: this.#seconds,
      mean_seconds: this.#sum / this.#count,
      longest_seconds: this.#longest,
      ...figuresOf(metrics, energySeries),
      metrics,
      repetitions: this.told.map((phase) => this.#repetition(phase, energySeries)),
    };
  }

  #repetition({ start, end, repetition, depth, interval }: Phase, energySeries: readonly string[]): PhaseRepetition {
    const seconds = interval.to - interval.from;
    const metrics = this.#meter.resultOf(interval.account, seconds);
    const attributes = { ...start.attributes, ...end?.attributes };
    return {
      repetition,
      started: interval.from,
      seconds,
      depth,
      ...(end === undefined && { unfinished: true }),
      ...(start.pid !== undefined && { pid: start.pid }),
      ...(start.tid !== undefined && { tid: start.tid }),
      ...(Object.keys(attributes).length > 0 && { attributes }),
      ...figuresOf(metrics, energySeries),
      metrics,
    };
  }
}
