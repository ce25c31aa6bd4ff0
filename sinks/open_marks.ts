import { OpenPhases } from "../lib/open_phases.ts";
import type { Event } from "../lib/records.ts";

const MOST_OPEN = 1000;

/** A progress that goes on. */
export interface OpenProgress {
  readonly name: string;
  readonly completed: number;
  /** Absent where it is not known. */
  readonly total?: number;
  /** Steps in a second, absent before there are two readings. */
  readonly rate?: number;
}

interface Moving extends OpenProgress {
  readonly since: number;
  readonly from: number;
}

/** The phases and progresses of a run that go on, as its events tell. */
export class OpenMarks {
  readonly #phases = new OpenPhases<string>();
  readonly #progresses = new Map<string, Moving>();

  event(event: Event): void {
    const { kind, name = "", span } = event;
    if (kind === "phase_start" && this.#phases.size < MOST_OPEN) this.#phases.add(event, name);
    if (kind === "phase_end") this.#phases.take(event);
    if (kind === "process_exit") this.#phases.takeOf(event);
    if (kind === "progress" && span !== undefined) this.#move(span, event);
  }

  /** The names of the phases that are open, in the order of their starts. */
  phases(): string[] {
    return this.#phases.all();
  }

  /** In the order of their starts. */
  progresses(): OpenProgress[] {
    return [...this.#progresses.values()];
  }

  #move(span: string, { name = "", completed = 0, total, state, elapsed }: Event): void {
    const before = this.#progresses.get(span);
    if (state === "done" || state === "failed") return void this.#progresses.delete(span);
    const { since, from } = before ?? { since: elapsed, from: completed };
    const rate = elapsed > since ? { rate: (completed - from) / (elapsed - since) } : {};
    this.#progresses.set(span, { name, completed, since, from, ...(total === undefined ? {} : { total }), ...rate });
  }
}
