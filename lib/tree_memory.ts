import type { Summary } from "./summary.ts";

/** The sums over the processes of a tree that are sampled. */
export type TreeMemory = "memory_pss_bytes" | "memory_rss_bytes";

/**
 * The largest sum that was sampled, in bytes; undefined where one process alone is known to have had more: then it is no
 * peak, and says more of the moments at which it was read than of the run.
 */
export function treePeak({ exact, metrics }: Pick<Summary, "exact" | "metrics">, name: TreeMemory): number | undefined {
  const sampled = metrics[name]?.max;
  return sampled === undefined || sampled < (exact.memory_peak_bytes ?? 0) ? undefined : sampled;
}

// PSS counts less of one process than its peak does, and the kernel tells both a little late.
const NEARLY = 0.9;

/** Whether the sum that was sampled stayed so far below the peak of one process that sampling has missed it. */
export function isPeakMissed({ exact, metrics }: Pick<Summary, "exact" | "metrics">): boolean {
  const sampled = metrics["memory_rss_bytes"]?.max ?? metrics["memory_pss_bytes"]?.max;
  return sampled !== undefined && sampled < NEARLY * (exact.memory_peak_bytes ?? 0);
}
