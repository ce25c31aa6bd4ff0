import type { Collector } from "../lib/contracts.ts";
import { formatSeries } from "../lib/series.ts";
import { FedCollector } from "./fed_collector.ts";
import type { SeriesValues } from "./latest.ts";
import { powermetricsSource, type PowerSample } from "./powermetrics_darwin.ts";

/** The GPU of a Mac's chip, from powermetrics(1) as root. */
export function createGpuCollector(): Collector {
  return new FedCollector({
    name: "apple_gpu",
    metrics: ["gpu_utilization_percent", "gpu_power_watts", "gpu_clock_hertz"],
    ...powermetricsSource("gpu_power", readGpu),
  });
}

function readGpu({ watts, gpuHertz, gpuPercent }: PowerSample): SeriesValues {
  const power = watts.get("GPU");
  if (gpuPercent === undefined && power === undefined) return new Map();
  const gpu = "0";
  return new Map([
    [formatSeries("gpu_utilization_percent", { gpu }), gpuPercent ?? null],
    [formatSeries("gpu_power_watts", { gpu }), power ?? null],
    [formatSeries("gpu_clock_hertz", { gpu, clock: "graphics" }), gpuHertz ?? null],
  ]);
}
