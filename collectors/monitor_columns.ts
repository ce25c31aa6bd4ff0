import type { MetricName } from "../lib/metrics.ts";

/** The columns of resmon's own cost, on every system. */
export const MONITOR_COLUMNS = [
  "monitor_cpu_seconds_total",
  "monitor_memory_rss_bytes",
  "monitor_ticks_total",
  "monitor_ticks_skipped_total",
  "monitor_gaps_total",
  "monitor_tick_seconds",
] as const satisfies readonly MetricName[];
