import type { Collector, Environment, Reading } from "../lib/contracts.ts";
import { libc } from "../lib/ffi/libc.ts";
import type { MetricName } from "../lib/metrics.ts";
import { parseProcStatus } from "../lib/proc_files.ts";
import type { RecorderStatistics } from "../lib/recorder.ts";
import type { OpenFile } from "../lib/root.ts";
import { decodeUsage } from "../lib/wait.ts";
import { HelperCost } from "./helper_cost.ts";
import { MONITOR_COLUMNS } from "./monitor_columns.ts";

const RUSAGE_SELF = 0;
const RUSAGE_BYTES = 144;

/** What resmon itself costs with its helpers, by getrusage(2), clock_gettime(2) and /proc/<pid>/status. */
export class MonitorCollector implements Collector {
  readonly name = "monitor";
  readonly metrics: readonly MetricName[] = MONITOR_COLUMNS;
  readonly sources = ["getrusage(2)", "/proc/self/status"];
  readonly series: readonly string[] = MONITOR_COLUMNS;
  readonly #statistics: () => RecorderStatistics;
  #status: OpenFile | undefined;
  #helpers: HelperCost | undefined;

  /** @param statistics Gives what the recorder did so far. */
  constructor(statistics: () => RecorderStatistics) {
    this.#statistics = statistics;
  }

  open(environment: Environment): void {
    this.#status = environment.root.open("/proc/self/status");
    this.#helpers = new HelperCost(environment);
  }

  collect(now: number): Reading {
    const { ticks, skipped, gaps, tickSeconds } = this.#statistics();
    const usage = new Uint8Array(RUSAGE_BYTES);
    libc().getrusage(RUSAGE_SELF, usage);
    const { userSeconds, systemSeconds } = decodeUsage(usage);
    return {
      values: [
        Math.round((userSeconds + systemSeconds + (this.#helpers?.cpuSeconds(now) ?? 0)) * 1e4) / 1e4,
        this.#readRss() ?? null,
        ticks,
        skipped,
        gaps,
        tickSeconds === undefined ? null : Math.round(tickSeconds * 1e6) / 1e6,
      ],
    };
  }

  close(): void {
    this.#status?.close();
  }

  #readRss(): number | undefined {
    const own = this.#status === undefined ? undefined : parseProcStatus(this.#status.read()).rssBytes;
    return own === undefined ? undefined : own + (this.#helpers?.rssBytes() ?? 0);
  }
}
