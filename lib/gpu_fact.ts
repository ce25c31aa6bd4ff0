import { formatBytes, formatCount, formatPercent } from "./format.ts";
import type { MetricName } from "./metrics.ts";
import { tryParseSeries } from "./series.ts";
import type { Fact } from "./story.ts";
import type { MetricSummary, Summary } from "./summary.ts";

/** How busy the GPUs were and how full their memory was at most. */
export function gpuFact({ metrics, devices }: Summary): Fact | undefined {
  const use = byGpu(metrics, "gpu_utilization_percent");
  const used = byGpu(metrics, "gpu_memory_used_bytes");
  const own = byGpu(metrics, "process_gpu_memory_bytes");
  // Instances of a GPU that MIG divides, such as 0/mig1, are parts of it.
  const gpus = new Set([...use.keys(), ...used.keys()].filter((gpu) => !gpu.includes("/")));
  if (gpus.size === 0) return undefined;
  const fullest = [...used].sort(([, a], [, b]) => b.max - a.max)[0];
  const parts = [
    ...(use.size === 0 ? [] : [`${formatPercent(mean([...use.values()].map((each) => each.mean ?? 0)))} busy`]),
    ...(fullest === undefined ? [] : [memoryText(fullest, byGpu(metrics, "gpu_memory_total_bytes"), gpus.size)]),
  ];
  const names = devices.filter(({ label, id }) => label === "gpu" && gpus.has(id)).map(({ name }) => name);
  const peak = Math.max(0, ...[...own.values()].map(({ max }) => max));
  return {
    subject: "gpu",
    label: gpus.size === 1 ? "GPU" : "GPUs",
    figure: parts.join(", "),
    note: gpus.size === 1 ? names[0] ?? "all programs" : `${formatCount(gpus.size)} GPUs, all programs`,
    detail: [
      ...(use.size > 1 ? [`${[...use].map(([gpu, each]) => useText(gpu, each)).join(", ")}.`] : []),
      ...(own.size === 0 ? [] : [`The command's processes had up to ${formatBytes(peak)} on one GPU.`]),
      "A GPU is busy while any kernel runs on it, also one that uses a small part of it.",
    ].join(" "),
  };
}

function memoryText(
  [gpu, { max }]: [string, MetricSummary],
  totals: ReadonlyMap<string, MetricSummary>,
  gpus: number,
): string {
  const total = totals.get(gpu)?.last;
  const text = total === undefined ? formatBytes(max) : `${formatBytes(max)} of ${formatBytes(total)}`;
  return gpus === 1 ? text : `fullest ${text}`;
}

function useText(gpu: string, { mean, max }: MetricSummary): string {
  return `GPU ${gpu} ${formatPercent(mean ?? 0)} (up to ${formatPercent(max)})`;
}

/** The statistics of a metric by the GPU that its series name. */
export function byGpu(metrics: Summary["metrics"], name: MetricName): Map<string, MetricSummary> {
  const found = new Map<string, MetricSummary>();
  for (const [series, summary] of Object.entries(metrics)) {
    if (!series.startsWith(`${name}{`)) continue;
    const gpu = tryParseSeries(series)?.labels["gpu"];
    if (gpu !== undefined) found.set(gpu, summary);
  }
  return found;
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
