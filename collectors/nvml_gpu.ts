import type { NvmlDevice } from "../lib/ffi/nvml_device.ts";
import type { MetricName } from "../lib/metrics.ts";
import { gpuSeries, plausible, THROTTLE_REASONS, throttleStates } from "./nvidia_reading.ts";
import { orNothing, type Refusal, refusalOf } from "./nvml_refusals.ts";

interface Column {
  readonly metric: MetricName;
  readonly labels?: Readonly<Record<string, string>>;
}

/** One call and the columns that it fills, in base units. */
interface Read {
  readonly columns: readonly Column[];
  readonly read: (device: NvmlDevice) => readonly (number | null)[];
}

// NVML_FI_DEV_MEMORY_TEMP.
const MEMORY_TEMPERATURE = 82;

const MEMORY: Read = {
  columns: [{ metric: "gpu_memory_used_bytes" }, { metric: "gpu_memory_total_bytes" }],
  read: (device) => {
    const { used, total } = device.memory();
    return [plausible(used, "bytes"), plausible(total, "bytes")];
  },
};

const UTILIZATION: Read = {
  columns: [{ metric: "gpu_utilization_percent" }, { metric: "gpu_memory_busy_percent" }],
  read: (device) => {
    const { gpu, memory } = device.utilization();
    return [plausible(gpu, "percent"), plausible(memory, "percent")];
  },
};

const THROTTLE: Read = {
  columns: Object.keys(THROTTLE_REASONS).map((state) => ({ metric: "gpu_throttle", labels: { state } })),
  read: (device) => throttleStates(device.clockReasons()),
};

/** Everything that is asked of a whole GPU; how long a call takes differs, and PCIe throughput is asked elsewhere. */
const GPU_READS: readonly Read[] = [
  UTILIZATION,
  one({ metric: "gpu_encoder_percent" }, (gpu) => plausible(gpu.first("nvmlDeviceGetEncoderUtilization"), "percent")),
  one({ metric: "gpu_decoder_percent" }, (gpu) => plausible(gpu.first("nvmlDeviceGetDecoderUtilization"), "percent")),
  MEMORY,
  one({ metric: "gpu_power_watts" }, (gpu) => plausible(thousandth(gpu.number("nvmlDeviceGetPowerUsage")), "watts")),
  one(
    { metric: "gpu_power_limit_watts" },
    (gpu) => plausible(thousandth(gpu.number("nvmlDeviceGetEnforcedPowerLimit")), "watts"),
  ),
  one({ metric: "gpu_energy_joules_total" }, (gpu) => thousandth(gpu.energy())),
  one(temperature("gpu"), (gpu) => plausible(gpu.temperature(), "celsius")),
  one(temperature("memory"), (gpu) => plausible(gpu.field(MEMORY_TEMPERATURE), "celsius")),
  ...["graphics", "sm", "memory", "video"].map((clock, type) =>
    one({ metric: "gpu_clock_hertz", labels: { clock } }, (gpu) => hertz(plausible(gpu.clock(type), "megahertz")))
  ),
  one({ metric: "gpu_fan_percent" }, (gpu) => plausible(gpu.number("nvmlDeviceGetFanSpeed"), "fan")),
  THROTTLE,
  ...["corrected", "uncorrected"].map((kind, type) =>
    one({ metric: "gpu_ecc_errors_total", labels: { kind } }, (gpu) => gpu.eccErrors(type))
  ),
];

/** What a MIG instance tells; the rest is of its GPU. */
const MIG_READS: readonly Read[] = [MEMORY];

/** The numbers of one GPU or MIG instance: which of them it has is found out once. */
export class DeviceReader {
  readonly series: readonly string[];
  /** What it does not tell. */
  readonly refusals: readonly Refusal[];
  readonly #device: NvmlDevice;
  readonly #reads: readonly Read[];

  /** Throws {@linkcode NvmlError} where the GPU is lost or the driver is gone. */
  constructor(device: NvmlDevice, gpu: string, { isMig }: { readonly isMig: boolean }) {
    const refusals: Refusal[] = [];
    this.#device = device;
    this.#reads = (isMig ? MIG_READS : GPU_READS).filter(({ columns, read }) => {
      const code = refusalOf(() => read(device));
      if (code !== undefined) refusals.push({ metrics: columns.map(({ metric }) => metric), code });
      return code === undefined;
    });
    // A metric of which it lacks one sensor or clock is not missing.
    const told = new Set(this.#reads.flatMap(({ columns }) => columns.map(({ metric }) => metric)));
    this.refusals = refusals.filter(({ metrics }) => !metrics.some((metric) => told.has(metric)));
    this.series = this.#reads.flatMap(({ columns }) =>
      columns.map(({ metric, labels }) => gpuSeries(metric, gpu, labels))
    );
  }

  /** The values now; null where NVML does not answer this time. Throws as the constructor. */
  read(): (number | null)[] {
    return this.#reads.flatMap(({ columns, read }) =>
      orNothing(() => read(this.#device)) ?? new Array<null>(columns.length).fill(null)
    );
  }
}

function one(column: Column, read: (device: NvmlDevice) => number | null): Read {
  return { columns: [column], read: (device) => [read(device)] };
}

function temperature(sensor: string): Column {
  return { metric: "gpu_temperature_celsius", labels: { sensor } };
}

function thousandth(value: number | null): number | null {
  return value === null ? null : value / 1000;
}

function hertz(megahertz: number | null): number | null {
  return megahertz === null ? null : megahertz * 1_000_000;
}
