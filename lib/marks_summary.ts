import { Checkpoints, type CheckpointSummary } from "./checkpoints.ts";
import type { Frame } from "./frame.ts";
import { IntervalMeter } from "./interval_meter.ts";
import { LogCounts, type LogsSummary } from "./log_counts.ts";
import type { MeasuredPhase, PhaseSummary, PhaseTroubles } from "./phase_summary.ts";
import { Phases } from "./phases.ts";
import { Progresses, type ProgressSummary } from "./progresses.ts";
import type { Event } from "./records.ts";

/** What the marks of the program come to; what it did not mark is absent, but for the phases. */
export interface MarksSummary {
  /** In the order of their first starts; at most 200 names. */
  readonly phases: readonly PhaseSummary[];
  readonly phase_troubles?: PhaseTroubles;
  /** The first 1,000. */
  readonly checkpoints?: readonly CheckpointSummary[];
  /** The first 200. */
  readonly progress?: readonly ProgressSummary[];
  readonly logs?: LogsSummary;
}

/** Adds the marks of a run up, in memory that does not grow with their number. */
export class MarksSummarizer {
  readonly #meter = new IntervalMeter((mark, at) => this.#due(mark, at));
  readonly #phases = new Phases(this.#meter);
  readonly #checkpoints = new Checkpoints(this.#meter);
  readonly #progresses = new Progresses();
  readonly #logs = new LogCounts();

  /** The nominal seconds between two ticks. */
  set interval(seconds: number) {
    this.#meter.interval = seconds;
  }

  /** Takes a mark, or the exit of a process; other events are none of its business. */
  event(event: Event): void {
    if (event.kind === "progress") this.#progresses.add(event);
    if (event.kind === "log") this.#logs.add(event);
    if (isMeasured(event) || event.kind === "process_exit") this.#meter.mark(event);
  }

  /** Takes a frame. */
  frame(frame: Frame): void {
    this.#meter.frame(frame);
  }

  /** Takes out the next phases that have ended, in the order of their ends: after each frame and at the end, until there are none. */
  takePhases(energySeries: () => readonly string[]): MeasuredPhase[] {
    return this.#phases.takeEnded(energySeries);
  }

  /** Measures all up to the end of the run: before the result. */
  finish(end: number): void {
    this.#meter.finish(end);
    this.#phases.finish(end);
  }

  /** What it came to; the last call. `energySeries`: those whose sum is the energy of the run. */
  result(energySeries: readonly string[]): MarksSummary {
    const troubles = this.#phases.troubles();
    const progress = this.#progresses.result();
    const logs = this.#logs.result();
    return {
      phases: this.#phases.result(energySeries),
      ...(troubles !== undefined && { phase_troubles: troubles }),
      ...(this.#checkpoints.count > 0 && { checkpoints: this.#checkpoints.result(energySeries) }),
      ...(progress.length > 0 && { progress }),
      ...(logs !== undefined && { logs }),
    };
  }

  #due(mark: Event, at: number): void {
    if (mark.kind === "phase_start") this.#phases.start(mark, at);
    if (mark.kind === "phase_end") this.#phases.end(mark, at);
    if (mark.kind === "process_exit") this.#phases.exit(mark, at);
    if (mark.kind === "checkpoint") this.#checkpoints.add(mark, at);
  }
}

/** Whether what a mark tells stands in a part of its own of the summary, and not among its events. */
export function isToldApart({ kind }: Pick<Event, "kind">): boolean {
  return kind === "progress" || kind === "log" || isMeasured({ kind });
}

function isMeasured({ kind }: Pick<Event, "kind">): boolean {
  return kind === "phase_start" || kind === "phase_end" || kind === "checkpoint";
}
