import type { Collector, Reading } from "../lib/contracts.ts";
import type { RecorderStatistics } from "../lib/recorder.ts";
import { MONITOR_COLUMNS } from "./monitor_columns.ts";

/** What resmon itself costs, by its runtime and the table of processes; tools that run for a moment are not in it. */
export class PortableMonitorCollector implements Collector {
  readonly name = "monitor";
  readonly metrics = MONITOR_COLUMNS;
  readonly sources = ["the runtime", "the table of processes"];
  readonly series = MONITOR_COLUMNS;
  readonly #cpuSeconds: () => number | undefined;
  readonly #statistics: () => RecorderStatistics;

  /** @param cpuSeconds Gives what resmon used so far, as far as that is known. */
  constructor(cpuSeconds: () => number | undefined, statistics: () => RecorderStatistics) {
    this.#cpuSeconds = cpuSeconds;
    this.#statistics = statistics;
  }

  /** There is nothing to open. */
  open(): void {}

  collect(): Reading {
    const { ticks, skipped, gaps, tickSeconds } = this.#statistics();
    const seconds = tickSeconds === undefined ? null : Math.round(tickSeconds * 1e6) / 1e6;
    return { values: [this.#cpuSeconds() ?? null, Deno.memoryUsage().rss, ticks, skipped, gaps, seconds] };
  }

  /** There is nothing to close. */
  close(): void {}
}
