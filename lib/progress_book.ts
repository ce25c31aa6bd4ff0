import type { Mark } from "./mark.ts";
import type { Event, MarkSource, ProgressState } from "./records.ts";

const MAX_RUNNING = 1000;
const MAX_ENDED = 10_000;

/** An event of a progress whose place in time is not told yet. */
export type ProgressEvent = Omit<Event, "elapsed">;

interface Entry {
  readonly span: string;
  readonly source: MarkSource;
  pid: number | undefined;
  name: string | undefined;
  total: number | undefined;
  completed: number;
  state: ProgressState;
  time: number;
  hasMoved: boolean;
}

/**
 * Adds up what many processes tell of the same progress. A step counts as it comes, whoever sends it; an absolute number
 * counts where it is larger than what is there; a progress is done when its whole is, or when somebody says so.
 */
export class ProgressBook {
  readonly #entries = new Map<string, Entry>();
  // A step of one process may come after another one has ended it.
  readonly #ended = new Set<string>();

  /** The event of a beginning or an end; nothing between them; `full` where too many run at once. */
  accept(mark: Mark, source: MarkSource, now: number): ProgressEvent | "full" | undefined {
    const { span = "" } = mark;
    if (this.#ended.has(span)) return undefined;
    const known = this.#entries.get(span);
    if (known === undefined && this.#entries.size >= MAX_RUNNING) return "full";
    const entry = known ?? begin(mark, source);
    this.#entries.set(span, entry);
    advance(entry, mark, now);
    if (entry.state === "running") return known === undefined ? tell(entry) : undefined;
    this.#end(span);
    return tell(entry);
  }

  /** The events of those that have moved since the last call. */
  takeMoved(): ProgressEvent[] {
    return [...this.#entries.values()].filter(({ hasMoved }) => hasMoved).map(tell);
  }

  #end(span: string): void {
    this.#entries.delete(span);
    this.#ended.add(span);
    const [oldest] = this.#ended;
    if (this.#ended.size > MAX_ENDED && oldest !== undefined) this.#ended.delete(oldest);
  }
}

function begin({ span = "", pid }: Mark, source: MarkSource): Entry {
  return {
    span,
    source,
    pid,
    name: undefined,
    total: undefined,
    completed: 0,
    state: "running",
    time: 0,
    hasMoved: true,
  };
}

function advance(entry: Entry, mark: Mark, now: number): void {
  entry.name = mark.name ?? entry.name;
  entry.total = mark.total ?? entry.total;
  entry.completed = Math.max(entry.completed + (mark.advance ?? 0), mark.completed ?? 0);
  const { total = Infinity } = entry;
  if (mark.state === "done") entry.completed = Math.max(entry.completed, entry.total ?? 0);
  entry.state = mark.state === "failed"
    ? "failed"
    : mark.state === "done" || entry.completed >= total
    ? "done"
    : "running";
  entry.time = mark.time ?? now;
  entry.hasMoved = true;
}

function tell(entry: Entry): ProgressEvent {
  entry.hasMoved = false;
  const { span, source, pid, name, total, completed, state, time } = entry;
  return {
    kind: "progress",
    time,
    source,
    span,
    ...(pid === undefined ? {} : { pid }),
    ...(name === undefined ? {} : { name }),
    ...(total === undefined ? {} : { total }),
    completed,
    state,
  };
}
