import { type Collector, type Environment, type ProcessTree, type Reading, Unavailable } from "../lib/contracts.ts";
import { findNvml } from "./nvidia_library.ts";
import { GpuPids } from "./nvidia_pids.ts";
import { type GpuColumns, gpuSeries, NVIDIA_METRICS } from "./nvidia_reading.ts";
import { SmiSource } from "./nvidia_smi_source.ts";
import type { NvidiaSource } from "./nvidia_source.ts";
import { sumTree } from "./nvidia_tree.ts";
import { NvmlSource } from "./nvml_source.ts";

const NOTHING = "Cannot find the driver of NVIDIA: neither libnvidia-ml.so.1 nor nvidia-smi is there";
const REMEDY = "Where the machine has such a GPU, install its driver; a container needs it too (docker run --gpus all)";

// Only NVML tells them.
const NVML_ONLY = [
  "gpu_energy_joules_total",
  "gpu_pcie_receive_bytes_per_second",
  "gpu_pcie_transmit_bytes_per_second",
] as const;

/** NVIDIA GPUs: by NVML in a helper process, or by nvidia-smi where NVML cannot be loaded. */
export class NvidiaCollector implements Collector {
  readonly name = "nvidia";
  readonly metrics = NVIDIA_METRICS;
  readonly sources = ["NVML (libnvidia-ml.so.1)", "nvidia-smi", "nvidia-smi pmon"];
  readonly processColumns = ["process_gpu_memory_bytes", "process_gpu_utilization_percent"];
  series: readonly string[] = [];
  #columns: GpuColumns | undefined;
  #environment: Environment | undefined;
  #pids: GpuPids | undefined;
  #source: NvidiaSource | undefined;
  /** What is left to try when a source gives nothing. */
  #others: NvidiaSource[] = [];
  #closing: Promise<void>[] = [];

  async open(environment: Environment): Promise<void> {
    this.#environment = environment;
    this.#pids = new GpuPids(environment);
    [this.#source, ...this.#others] = findSources(environment);
    if (this.#source === undefined) throw new Unavailable("absent", NOTHING, REMEDY);
    this.#source.start();
    if (environment.isRequired) await this.#ready(this.#source);
  }

  collect(now: number, tree: ProcessTree | undefined): Reading {
    const numbers = this.#read(now);
    if (numbers === undefined) return { values: this.series.map(() => null) };
    const { columns, reading, at } = numbers;
    if (columns !== this.#columns) this.#spell(columns);
    const isOurs = tree !== undefined && this.#pids?.areOurs(reading, tree) === true;
    const use = sumTree(columns, reading, isOurs ? tree : undefined);
    return { values: [...reading.values, ...use.values], processes: use.processes, at };
  }

  async close(): Promise<void> {
    const sources = this.#source === undefined ? [] : [this.#source];
    await Promise.all([...this.#closing, ...sources.map((source) => source.close())]);
  }

  async #ready(source: NvidiaSource): Promise<void> {
    try {
      await source.ready();
    } catch (error) {
      await this.#ready(this.#replace(error));
    }
  }

  #read(now: number): ReturnType<NvidiaSource["read"]> {
    try {
      return this.#source?.read(now);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      return this.#replace(error).read(now);
    }
  }

  // Where the driver itself is not there, nvidia-smi cannot know more than NVML.
  #replace(error: unknown): NvidiaSource {
    const next = error instanceof Unavailable && error.state === "unsupported" ? this.#others.shift() : undefined;
    if (next === undefined || !(error instanceof Unavailable)) throw error;
    const { message, remedy } = error;
    const reason = `${message}; ${next.name} is read instead`;
    this.#environment?.report({
      state: "unsupported",
      metrics: NVML_ONLY,
      reason,
      ...(remedy === undefined ? {} : { remedy }),
    });
    if (this.#source !== undefined) this.#closing.push(this.#source.close());
    this.#source = next;
    next.start();
    return next;
  }

  #spell(columns: GpuColumns): void {
    const series = [
      ...columns.series,
      ...columns.memory.map((gpu) => gpuSeries("process_gpu_memory_bytes", gpu)),
      ...columns.utilization.map((gpu) => gpuSeries("process_gpu_utilization_percent", gpu)),
    ];
    this.#columns = columns;
    const isSame = series.length === this.series.length && series.every((name, at) => name === this.series[at]);
    if (!isSame) this.series = series;
  }
}

function findSources(environment: Environment): NvidiaSource[] {
  const library = findNvml(environment.root, (name) => Deno.env.get(name));
  const smi = environment.tools.find("nvidia-smi", ["/usr/lib/wsl/lib"]);
  return [
    ...(library === undefined ? [] : [new NvmlSource(environment, library)]),
    ...(smi === undefined ? [] : [new SmiSource(environment, smi)]),
  ];
}
