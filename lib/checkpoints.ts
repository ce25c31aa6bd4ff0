import type { IntervalMetric } from "./interval_account.ts";
import type { Interval, IntervalMeter } from "./interval_meter.ts";
import { figuresOf, type PhaseFigures } from "./phase_summary.ts";
import type { Attributes, Event } from "./records.ts";
import { toMillionths } from "./rounding.ts";

const MOST_TOLD = 1000;

/** A point that the program has come to, with all that was used since the checkpoint before, or since the start of the run. */
export interface CheckpointSummary extends PhaseFigures {
  readonly name: string;
  /** The parts of its name, where it has several. */
  readonly names?: readonly string[];
  /** Wall clock of the sender, in Unix seconds. */
  readonly time: number;
  readonly elapsed: number;
  readonly pid?: number;
  readonly tid?: number;
  readonly attributes?: Attributes;
  /** Since the checkpoint before, or since the start of the run. */
  readonly seconds: number;
  readonly metrics: Readonly<Record<string, IntervalMetric>>;
}

/** The checkpoints of a run, of all its processes together: the first 1,000. */
export class Checkpoints {
  readonly #meter: IntervalMeter;
  readonly #told: { readonly mark: Event; readonly interval: Interval }[] = [];
  #interval: Interval | undefined;
  #count = 0;

  constructor(meter: IntervalMeter) {
    this.#meter = meter;
    this.#interval = meter.open(0);
  }

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** Takes a checkpoint that counts from the elapsed `at` on. */
  add(mark: Event, at: number): void {
    this.#count++;
    if (this.#interval === undefined) return;
    this.#interval.to = Math.max(at, this.#interval.from);
    this.#told.push({ mark, interval: this.#interval });
    this.#interval = this.#told.length < MOST_TOLD ? this.#meter.open(this.#interval.to) : undefined;
  }

  /** What was used up to each of them since the one before; the last call. `energySeries`: of the run's energy. */
  result(energySeries: readonly string[]): CheckpointSummary[] {
    return this.#told.map(({ mark, interval }) => {
      const { name = "", names, time, elapsed, pid, tid, attributes } = mark;
      const seconds = interval.to - interval.from;
      const metrics = this.#meter.resultOf(interval.account, seconds);
      return {
        name,
        ...(names !== undefined && { names }),
        time,
        elapsed,
        ...(pid !== undefined && { pid }),
        ...(tid !== undefined && { tid }),
        ...(attributes !== undefined && { attributes }),
        seconds: toMillionths(seconds),
        ...figuresOf(metrics, energySeries),
        metrics,
      };
    });
  }
}
