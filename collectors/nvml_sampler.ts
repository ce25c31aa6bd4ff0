import { describeCode, NvmlError, remedyOfCode } from "../lib/ffi/nvml_codes.ts";
import type { Nvml } from "../lib/ffi/nvml.ts";
import type { NvmlDevice } from "../lib/ffi/nvml_device.ts";
import type { Clock } from "../lib/clock.ts";
import { Unavailable } from "../lib/contracts.ts";
import { type GpuProcess, gpuSeries, NVIDIA_METRICS } from "./nvidia_reading.ts";
import { DeviceReader } from "./nvml_gpu.ts";
import type { DeviceLine, NvmlLine } from "./nvml_lines.ts";
import { ProcessReader } from "./nvml_processes.ts";
import { orNothing, Refusals, remedyField } from "./nvml_refusals.ts";
import { TRAFFIC_METRICS, TrafficReader } from "./nvml_traffic.ts";

/** What a sampler is made of. */
export interface SamplerOptions {
  readonly nvml: Nvml;
  readonly clock: Clock;
  /** Seconds between two samples. */
  readonly interval: number;
  /** Takes each line. */
  readonly write: (line: NvmlLine) => void;
}

/** A GPU or MIG instance with what it tells. */
interface Gpu {
  readonly id: string;
  /** Of the GPU that it is, or is a part of. */
  readonly index: number;
  readonly device: NvmlDevice;
  readonly reader: DeviceReader;
  /** Undefined for a GPU that is divided into instances: then these have the processes. */
  readonly processes: ProcessReader | undefined;
  readonly traffic: TrafficReader | undefined;
}

// More of them than any GPU can have are damage.
const MOST_INSTANCES = 64;

/** Reads all GPUs of the machine through NVML, and tells them as lines. */
export class NvmlSampler {
  readonly #options: SamplerOptions;
  readonly #refusals = new Refusals();
  #driver: string | undefined;
  #gpus: readonly Gpu[] = [];
  /** What the GPUs are: told once it is known that there is something to read. */
  readonly #devices: DeviceLine[] = [];
  #loss: Unavailable | undefined;

  constructor(options: SamplerOptions) {
    this.#options = options;
  }

  /** Finds the GPUs and what each of them tells. Throws {@linkcode Unavailable} where there is nothing to read. */
  async open(): Promise<void> {
    const { nvml } = this.#options;
    const count = beforeAnyGpu(() => nvml.deviceCount());
    this.#driver = orNothing(() => nvml.driverVersion());
    if (count === 0) throw new Unavailable("absent", "Cannot find a GPU: NVML lists none");
    for (let index = 0; index < count; index++) this.#guard(index, () => this.#openGpu(index));
    if (this.#loss !== undefined && this.#gpus.length === 0) throw this.#loss;
    if (this.#gpus.every(({ reader }) => reader.series.length === 0)) {
      throw new Unavailable("unsupported", "Cannot read the GPUs: NVML tells nothing of any of them");
    }
    for (const device of this.#devices) this.#options.write(device);
    this.#gpus = await Promise.all(this.#gpus.map((gpu) => this.#openTraffic(gpu)));
    for (const status of this.#refusals.statuses()) this.#options.write(status);
    this.#tellColumns();
  }

  /** Reads every GPU once. Throws {@linkcode Unavailable} when none is left. */
  sample(): void {
    const now = this.#options.clock.now();
    const time = this.#options.clock.wall();
    const values: (number | null)[] = [];
    const processes: Record<string, readonly GpuProcess[]> = {};
    for (const gpu of this.#gpus) {
      // Of what is read of a GPU that is lost half way, nothing must stay.
      const own = this.#guard(gpu.index, () => ({
        values: [...gpu.reader.read(), ...gpu.traffic?.values(now) ?? []],
        processes: gpu.processes?.read(time),
      }));
      if (own === undefined) return this.sample();
      values.push(...own.values);
      if (own.processes !== undefined) processes[gpu.id] = own.processes;
    }
    this.#options.write({ type: "reading", values, processes });
  }

  #openGpu(index: number): void {
    const id = `${index}`;
    const device = this.#options.nvml.device(index);
    const isDivided = orNothing(() => device.first("nvmlDeviceGetMigMode")) === 1;
    const reader = this.#openReader(device, id, { isMig: false });
    const processes = isDivided ? undefined : this.#openProcesses(device, id);
    const instances = isDivided ? this.#openInstances(device, index) : [];
    this.#gpus = [...this.#gpus, { id, index, device, reader, processes, traffic: undefined }, ...instances];
  }

  // Numbers of instances that were destroyed are holes.
  #openInstances(whole: NvmlDevice, index: number): Gpu[] {
    const most = orNothing(() => whole.number("nvmlDeviceGetMaxMigDeviceCount")) ?? 0;
    return Array.from({ length: Math.min(most, MOST_INSTANCES) }, (_, number) => {
      const device = orNothing(() => whole.migDevice(number));
      if (device === undefined) return [];
      const id = `${index}/mig${number}`;
      const reader = this.#openReader(device, id, { isMig: true });
      return [{ id, index, device, reader, processes: this.#openProcesses(device, id), traffic: undefined }];
    }).flat();
  }

  async #openTraffic(gpu: Gpu): Promise<Gpu> {
    if (gpu.id.includes("/")) return gpu;
    const { clock, interval } = this.#options;
    const traffic = new TrafficReader(gpu.device, interval);
    const refusals = await traffic.probe(clock.now());
    this.#refusals.add(gpu.id, refusals);
    return refusals.length === 0 ? { ...gpu, traffic } : gpu;
  }

  #openReader(device: NvmlDevice, id: string, { isMig }: { readonly isMig: boolean }): DeviceReader {
    const reader = new DeviceReader(device, id, { isMig });
    this.#refusals.add(id, reader.refusals);
    const attributes = {
      uuid: orNothing(() => device.text("nvmlDeviceGetUUID")),
      bus: isMig ? undefined : orNothing(() => device.busId()),
      driver: this.#driver,
    };
    const known = Object.entries(attributes).flatMap(([key, value]) => value === undefined ? [] : [[key, value]]);
    const name = orNothing(() => device.text("nvmlDeviceGetName")) ?? "NVIDIA GPU";
    this.#devices.push({ type: "device", id, name, attributes: Object.fromEntries(known) });
    return reader;
  }

  #openProcesses(device: NvmlDevice, id: string): ProcessReader {
    const processes = new ProcessReader(device);
    this.#refusals.add(id, processes.refusals);
    return processes;
  }

  #tellColumns(): void {
    this.#options.write({
      type: "columns",
      series: this.#gpus.flatMap(({ id, reader, traffic }) => [
        ...reader.series,
        ...(traffic === undefined ? [] : TRAFFIC_METRICS.map((metric) => gpuSeries(metric, id))),
      ]),
      memory: this.#gpus.filter(({ processes }) => processes?.hasMemory).map(({ id }) => id),
      utilization: this.#gpus.filter(({ processes }) => processes?.hasUtilization).map(({ id }) => id),
    });
  }

  /** Does what reads a GPU; where the GPU is lost, says so, takes it out and gives undefined. */
  #guard<T>(index: number, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof NvmlError)) throw error;
      if (error.consequence === "off") {
        throw unusable(error);
      }
      this.#lose(index, error.code);
      return undefined;
    }
  }

  #lose(index: number, code: number): void {
    const reason = `Cannot read GPU ${index}: ${describeCode(code)}`;
    const wasTold = this.#gpus.some((gpu) => gpu.index === index);
    this.#gpus = this.#gpus.filter((gpu) => gpu.index !== index);
    this.#loss = new Unavailable("lost", reason, remedyOfCode(code));
    this.#options.write({ type: "status", state: "lost", metrics: NVIDIA_METRICS, reason, ...remedyField(code) });
    if (!wasTold) return;
    if (this.#gpus.length === 0) throw this.#loss;
    this.#tellColumns();
  }
}

/** What an error that concerns the driver as a whole means for the user. */
export function unusable({ code, consequence }: NvmlError): Unavailable {
  const state = consequence === "off" || consequence === "denied" ? consequence : "unsupported";
  return new Unavailable(state, `Cannot use NVML: ${describeCode(code)}`, remedyOfCode(code));
}

function beforeAnyGpu<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof NvmlError ? unusable(error) : error;
  }
}
