import { type Event, type Level, LEVELS, type Message } from "./records.ts";

const MOST_TOLD = 20;
const IMPORTANT: readonly Level[] = ["warning", "error", "critical"];

/** What the program said. */
export interface LogsSummary {
  /** How often, by level; a level that was not used is absent. */
  readonly counts: Readonly<Partial<Record<Level, number>>>;
  /** The last 20 of the levels `warning`, `error` and `critical`. */
  readonly last: readonly LogSummary[];
}

/** One thing that it said. */
export interface LogSummary {
  readonly level: Level;
  /** The logger. */
  readonly name?: string;
  /** Wall clock of the sender, in Unix seconds. */
  readonly time: number;
  readonly elapsed: number;
  readonly pid?: number;
  /** Where in the source. */
  readonly path?: string;
  readonly line?: number;
  readonly messages: readonly Message[];
}

/** Counts the logs of a run, and keeps the last of those that matter. */
export class LogCounts {
  readonly #counts = new Map<Level, number>();
  readonly #last: Event[] = [];

  /** Takes a log. */
  add(mark: Event): void {
    const level = mark.level ?? "info";
    this.#counts.set(level, (this.#counts.get(level) ?? 0) + 1);
    if (!IMPORTANT.includes(level)) return;
    this.#last.push(mark);
    if (this.#last.length > MOST_TOLD) this.#last.shift();
  }

  /** What there was; `undefined` where there was nothing. */
  result(): LogsSummary | undefined {
    if (this.#counts.size === 0) return undefined;
    const counts = LEVELS.flatMap((level) => this.#counts.has(level) ? [[level, this.#counts.get(level)]] : []);
    return { counts: Object.fromEntries(counts), last: this.#last.map(logOf) };
  }
}

function logOf({ level = "info", name, time, elapsed, pid, path, line, messages = [] }: Event): LogSummary {
  return {
    level,
    ...(name !== undefined && { name }),
    time,
    elapsed,
    ...(pid !== undefined && { pid }),
    ...(path !== undefined && { path }),
    ...(line !== undefined && { line }),
    messages,
  };
}
