import { IntervalAccount } from "./interval_account.ts";
import type { Interval, IntervalMeter } from "./interval_meter.ts";
import { figuresOf, type MeasuredPhase, type PhaseRepetition, type PhaseSummary } from "./phase_summary.ts";
import type { Event } from "./records.ts";
import { toMillionths } from "./rounding.ts";

/** A phase that has begun, and perhaps ended. */
export interface Phase {
  readonly group: PhaseGroup;
  readonly start: Event;
  readonly repetition: number;
  readonly depth: number;
  /** The innermost phase of its thread that it lies in. */
  readonly parent: Pick<PhaseRepetition, "parent" | "parent_repetition">;
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
  readonly #isOthers: boolean;
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

  /** `isOthers`: that its phases have names of their own. */
  constructor(name: string, meter: IntervalMeter, isOthers = false) {
    this.#name = name;
    this.#meter = meter;
    this.#isOthers = isOthers;
  }

  /** Begins a phase at the elapsed `at`, within others of its thread, the outermost first. */
  begin(start: Event, at: number, around: readonly Phase[]): Phase {
    if (this.#count === 0) this.#started = at;
    this.#count++;
    this.#open++;
    this.#interval ??= this.#meter.open(at, this.#account);
    const parent = around.at(-1);
    return {
      group: this,
      start,
      repetition: this.#count,
      depth: around.length,
      parent: parent === undefined ? {} : parent.group.#asParent(parent),
      interval: this.#meter.open(at),
    };
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
      ...(this.#isOthers && { others: true }),
      count: this.#count,
      ...(this.#unfinished > 0 && { unfinished: this.#unfinished }),
      ...(this.#failed > 0 && { failed: this.#failed }),
      started: toMillionths(this.#started),
      seconds: toMillionths(this.#seconds),
      mean_seconds: toMillionths(this.#sum / this.#count),
      longest_seconds: toMillionths(this.#longest),
      ...figuresOf(metrics, energySeries),
      metrics,
      repetitions: this.told.map((phase) => this.#repetition(phase, energySeries)),
    };
  }

  /** What one phase came to, once it is measured. `energySeries` as of {@linkcode figuresOf}. */
  measured(phase: Phase, energySeries: readonly string[]): MeasuredPhase {
    const { repetition, ...rest } = this.#repetition(phase, energySeries);
    return { name: phase.start.name ?? "", ...(!this.#isOthers && { repetition }), ...rest };
  }

  #asParent({ start: { name = "" }, repetition }: Phase): Phase["parent"] {
    return { parent: name, ...(!this.#isOthers && { parent_repetition: repetition }) };
  }

  #repetition(phase: Phase, energySeries: readonly string[]): PhaseRepetition {
    const { start, end, repetition, depth, parent, interval } = phase;
    const seconds = interval.to - interval.from;
    const metrics = this.#meter.resultOf(interval.account, seconds);
    const attributes = { ...start.attributes, ...end?.attributes };
    return {
      repetition,
      started: toMillionths(interval.from),
      seconds: toMillionths(seconds),
      depth,
      ...parent,
      ...(end === undefined && { unfinished: true }),
      ...(start.pid !== undefined && { pid: start.pid }),
      ...(start.tid !== undefined && { tid: start.tid }),
      ...(Object.keys(attributes).length > 0 && { attributes }),
      ...figuresOf(metrics, energySeries),
      metrics,
    };
  }
}
