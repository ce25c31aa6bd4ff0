import type { Event, ProgressState } from "./records.ts";

const MOST_TOLD = 200;

/** How far something came, and how fast. */
export interface ProgressSummary {
  /** What the program calls it by. */
  readonly span: string;
  /** Its message. */
  readonly name: string;
  /** The whole; absent where it is not known. */
  readonly total?: number;
  readonly completed: number;
  readonly state: ProgressState;
  /** Elapsed when it began, and seconds until it ended or last moved. */
  readonly started: number;
  readonly seconds: number;
  /** Completed a second, on the average since it began, perhaps with some done before; absent where no time has passed. */
  readonly rate?: number;
}

interface Told extends Event {
  readonly started: number;
  /** What was completed when it began. */
  readonly from: number;
}

/** What the progress events of a run come to: the first 200 of them. */
export class Progresses {
  readonly #told = new Map<string, Told>();

  /** Takes how far a progress has come. */
  add(mark: Event): void {
    const span = mark.span ?? "";
    const known = this.#told.get(span);
    if (known === undefined && this.#told.size >= MOST_TOLD) return;
    const { started = mark.elapsed, from = mark.completed ?? 0 } = known ?? {};
    // Steps of several processes come in any order.
    const elapsed = Math.max(known?.elapsed ?? started, mark.elapsed);
    this.#told.set(span, { ...known, ...mark, elapsed, started, from });
  }

  /** What they came to. */
  result(): ProgressSummary[] {
    return Array.from(
      this.#told,
      ([span, { name = "", total, completed = 0, state = "running", started, from, elapsed }]) => {
        const seconds = elapsed - started;
        return {
          span,
          name,
          ...(total !== undefined && { total }),
          completed,
          state,
          started,
          seconds,
          ...(seconds > 0 && { rate: (completed - from) / seconds }),
        };
      },
    );
  }
}
