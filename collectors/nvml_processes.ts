import type { NvmlDevice, ProcessKind } from "../lib/ffi/nvml_device.ts";
import type { ProcessInfo, ProcessSample } from "../lib/ffi/nvml_structs.ts";
import type { GpuProcess } from "./nvidia_reading.ts";
import { plausible } from "./nvidia_reading.ts";
import { orNothing, type Refusal, refusalOf } from "./nvml_refusals.ts";

const KINDS: readonly ProcessKind[] = ["Compute", "Graphics", "MPSCompute"];

// The driver takes samples of processes as seldom as once a second.
const SAMPLED_MICROSECONDS = 1_000_000;

/** The processes of one GPU or MIG instance. */
export class ProcessReader {
  /** Whether it tells the memory of each. */
  readonly hasMemory: boolean;
  /** Whether it tells the utilization by each. */
  readonly hasUtilization: boolean;
  readonly refusals: readonly Refusal[];
  readonly #device: NvmlDevice;
  readonly #kinds: readonly ProcessKind[];

  /** Throws NvmlError where the GPU is lost or the driver is gone. */
  constructor(device: NvmlDevice) {
    const [compute, ...others] = KINDS.map((kind) => ({ kind, code: refusalOf(() => device.processes(kind)) }));
    const utilization = refusalOf(() => device.processSamples(0));
    this.#device = device;
    this.hasMemory = compute?.code === undefined;
    this.hasUtilization = this.hasMemory && utilization === undefined;
    // Without the list of programs that compute, the others are not the whole.
    this.#kinds = this.hasMemory
      ? ["Compute", ...others.filter(({ code }) => code === undefined).map(({ kind }) => kind)]
      : [];
    this.refusals = [
      ...refusal("process_gpu_memory_bytes", compute?.code),
      ...refusal("process_gpu_utilization_percent", utilization),
    ];
  }

  /** The processes now, `time` being Unix seconds; undefined where the driver does not tell. */
  read(time: number): GpuProcess[] | undefined {
    if (!this.hasMemory) return undefined;
    return orNothing(() => {
      const lists = this.#kinds.map((kind) => this.#device.processes(kind));
      const since = Math.floor(time * 1e6) - SAMPLED_MICROSECONDS;
      const samples = this.hasUtilization ? this.#device.processSamples(since) : undefined;
      return mergeProcesses(lists.flat(), samples);
    });
  }
}

/**
 * Joins lists in which a program that computes and draws stands twice, with its memory in both. A process without a sample did
 * nothing in the driver's last period, see `nvmlDeviceGetProcessUtilization` in nvml.h; the latest sample of a process counts.
 */
export function mergeProcesses(
  listed: readonly ProcessInfo[],
  samples: readonly ProcessSample[] | undefined,
): GpuProcess[] {
  const memory = new Map<number, number | null>();
  for (const { pid, memory: bytes } of listed) {
    const known = memory.get(pid) ?? null;
    const told = plausible(bytes, "bytes");
    memory.set(pid, known === null || told === null ? known ?? told : Math.max(known, told));
  }
  const sm = new Map<number, number | null>();
  for (const sample of samples?.toSorted((a, b) => a.time - b.time) ?? []) {
    sm.set(sample.pid, plausible(sample.sm, "percent"));
  }
  return Array.from(memory, ([pid, bytes]) => ({
    pid,
    memory: bytes,
    utilization: samples === undefined ? null : sm.has(pid) ? sm.get(pid) ?? null : 0,
  }));
}

function refusal(metric: Refusal["metrics"][number], code: number | undefined): Refusal[] {
  return code === undefined ? [] : [{ metrics: [metric], code }];
}
