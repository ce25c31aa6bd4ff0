import type { MetricName } from "../lib/metrics.ts";
import { formatSeries } from "../lib/series.ts";

/** Everything that a source of NVIDIA GPUs may tell. */
export const NVIDIA_METRICS = [
  "gpu_utilization_percent",
  "gpu_memory_busy_percent",
  "gpu_encoder_percent",
  "gpu_decoder_percent",
  "gpu_memory_used_bytes",
  "gpu_memory_total_bytes",
  "gpu_power_watts",
  "gpu_power_limit_watts",
  "gpu_energy_joules_total",
  "gpu_temperature_celsius",
  "gpu_clock_hertz",
  "gpu_fan_percent",
  "gpu_throttle",
  "gpu_ecc_errors_total",
  "gpu_pcie_receive_bytes_per_second",
  "gpu_pcie_transmit_bytes_per_second",
  "process_gpu_memory_bytes",
  "process_gpu_utilization_percent",
] as const satisfies readonly MetricName[];

/** What a source tells of all GPUs, in which order. */
export interface GpuColumns {
  readonly series: readonly string[];
  /** The GPUs and MIG instances of which it tells the memory of each process. */
  readonly memory: readonly string[];
  /** Those of which it tells the utilization by each process. */
  readonly utilization: readonly string[];
}

/** A process on a GPU, as the source tells it; null is unknown. */
export interface GpuProcess {
  readonly pid: number;
  readonly memory: number | null;
  readonly utilization: number | null;
}

/** What a source read once. */
export interface GpuReading {
  /** In the order of the series. */
  readonly values: readonly (number | null)[];
  /** The processes by GPU; a GPU whose list could not be read is missing. */
  readonly processes: Readonly<Record<string, readonly GpuProcess[]>>;
}

/** Spells a series of one GPU. */
export function gpuSeries(metric: MetricName, gpu: string, labels: Readonly<Record<string, string>> = {}): string {
  return formatSeries(metric, { gpu, ...labels });
}

/** The bits of NVML's reasons for held down clocks, under the names of nvidia-smi. An idle GPU is not held down. */
export const THROTTLE_REASONS: Readonly<Record<string, number>> = {
  applications_clocks_setting: 0x2,
  sw_power_cap: 0x4,
  hw_slowdown: 0x8,
  sync_boost: 0x10,
  sw_thermal_slowdown: 0x20,
  hw_thermal_slowdown: 0x40,
  hw_power_brake_slowdown: 0x80,
};

/** 1 for each of the {@linkcode THROTTLE_REASONS} that is among the bits, 0 for the others. */
export function throttleStates(bits: number | null): readonly (number | null)[] {
  const isKnown = bits !== null && bits <= Number.MAX_SAFE_INTEGER;
  return Object.values(THROTTLE_REASONS).map((bit) => isKnown ? Math.floor(bits / bit) % 2 : null);
}

// Far beyond what any GPU can be: what is more is no number but damage, or a driver's way to say that it does not know.
const MOST = { percent: 100, fan: 1000, watts: 100_000, celsius: 250, megahertz: 100_000, bytes: 2 ** 50 } as const;

/** The number where it can be one of its kind, else null. */
export function plausible(value: number | null, kind: keyof typeof MOST): number | null {
  return value !== null && value >= 0 && value <= MOST[kind] ? value : null;
}
