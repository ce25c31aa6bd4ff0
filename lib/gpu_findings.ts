import type { Finding } from "./findings.ts";
import { formatBytes, formatPercent } from "./format.ts";
import { byGpu } from "./gpu_fact.ts";
import { tryParseSeries } from "./series.ts";
import type { Summary } from "./summary.ts";

const FEWEST_TICKS = 5;
const NEARLY_FULL = 95;
const HARDLY_BUSY = 30;

// Reasons that are no trouble: clocks that somebody has set, for one GPU or for several together.
const HARMLESS = ["applications_clocks_setting", "sync_boost"];
const REASONS: Readonly<Record<string, string>> = {
  sw_power_cap: "by its power limit",
  hw_slowdown: "by the hardware, for heat or power",
  sw_thermal_slowdown: "for heat",
  hw_thermal_slowdown: "by the hardware, for heat",
  hw_power_brake_slowdown: "by an external power brake",
};

/** A GPU's clocks were held down at least 5 % of the time: the GPU and the reason that were so for longest. */
export function findGpuThrottling({ metrics }: Summary): Finding | undefined {
  const throttled = Object.entries(metrics).flatMap(([series, { mean = 0, count }]) => {
    const { name, labels } = tryParseSeries(series) ?? {};
    const { gpu, state } = labels ?? {};
    if (name !== "gpu_throttle" || gpu === undefined || state === undefined || HARMLESS.includes(state)) return [];
    return mean >= 0.05 && count >= FEWEST_TICKS ? [{ gpu, state, mean }] : [];
  }).sort((a, b) => b.mean - a.mean);
  const [worst] = throttled;
  if (worst === undefined) return undefined;
  const others = new Set(throttled.map(({ gpu }) => gpu)).size - 1;
  return {
    lead: `GPU ${worst.gpu} was slowed down ${formatPercent(100 * worst.mean)} of the time`,
    evidence: `${REASONS[worst.state] ?? worst.state}${
      others > 0 ? `, and so ${others === 1 ? "was 1 more" : `were ${others} more`}` : ""
    }`,
  };
}

/** The command kept memory on a GPU that was hardly busy: it waited for something else. */
export function findIdleGpu({ metrics }: Summary): Finding | undefined {
  const use = byGpu(metrics, "gpu_utilization_percent");
  const idle = [...byGpu(metrics, "process_gpu_memory_bytes")].flatMap(([gpu, { max }]) => {
    const { mean, count = 0 } = use.get(gpu) ?? {};
    return max > 0 && mean !== undefined && mean < HARDLY_BUSY && count >= FEWEST_TICKS ? [{ gpu, mean }] : [];
  });
  if (idle.length === 0) return undefined;
  const idleShare = 100 - idle.reduce((sum, { mean }) => sum + mean, 0) / idle.length;
  const which = idle.length === 1 ? `GPU ${idle[0]?.gpu}` : `${idle.length} GPUs`;
  return {
    lead: `The command let ${which} idle ${formatPercent(idleShare)} of the time`,
    evidence: "while it had memory there: it waited for something else",
  };
}

/** The memory of a GPU was nearly used up. */
export function findGpuMemory({ metrics }: Summary): Finding | undefined {
  const totals = byGpu(metrics, "gpu_memory_total_bytes");
  const full = [...byGpu(metrics, "gpu_memory_used_bytes")].flatMap(([gpu, { max }]) => {
    const total = totals.get(gpu)?.last ?? Infinity;
    return 100 * max / total >= NEARLY_FULL ? [{ gpu, max, total }] : [];
  }).sort((a, b) => b.max / b.total - a.max / a.total);
  const [fullest] = full;
  if (fullest === undefined) return undefined;
  return {
    lead: `The memory of GPU ${fullest.gpu} was nearly used up`,
    evidence: `${formatBytes(fullest.max)} of ${formatBytes(fullest.total)}`,
  };
}
