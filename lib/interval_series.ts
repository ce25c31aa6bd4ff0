import { describeMetric, type MetricName, type Unit } from "./metrics.ts";
import type { Samples } from "./samples.ts";

/** What is told of a part of a run. Rates are left out: they are a total divided by the seconds of the part. */
const METRICS: ReadonlySet<string> = new Set<MetricName>([
  "cpu_seconds_total",
  "cpu_user_seconds_total",
  "cpu_system_seconds_total",
  "memory_rss_bytes",
  "memory_pss_bytes",
  "memory_swap_bytes",
  "processes",
  "threads",
  "storage_read_bytes_total",
  "storage_write_bytes_total",
  "syscall_read_bytes_total",
  "syscall_write_bytes_total",
  "minor_faults_total",
  "major_faults_total",
  "voluntary_context_switches_total",
  "involuntary_context_switches_total",
  "gpu_utilization_percent",
  "gpu_memory_used_bytes",
  "gpu_energy_joules_total",
  "process_gpu_memory_bytes",
  "process_gpu_utilization_percent",
  "process_gpu_seconds_total",
  "neuron_core_utilization_percent",
  "neuron_memory_used_bytes",
  "power_energy_joules_total",
]);

/** The series of a stream of frames that are told of its parts, numbered in the order in which they come up. */
export class IntervalSeries {
  readonly names: string[] = [];
  readonly isCounter: boolean[] = [];
  readonly units: Unit[] = [];
  /** Of each, its number in the frames. */
  readonly #numbers: number[] = [];
  #seen = 0;

  /** The values of a frame, by the numbers of these series; `NaN` where there is none. */
  pick({ list, values }: Samples): number[] {
    for (; this.#seen < list.names.length; this.#seen++) this.#add(list.names[this.#seen] ?? "", this.#seen);
    return this.#numbers.map((number) => values[number] ?? NaN);
  }

  #add(series: string, number: number): void {
    const name = series.replace(/\{.*/s, "");
    if (!isTold(name)) return;
    this.names.push(series);
    const { kind, unit } = describeMetric(name);
    this.isCounter.push(kind === "counter");
    this.units.push(unit);
    this.#numbers.push(number);
  }
}

function isTold(name: string): name is MetricName {
  return METRICS.has(name);
}
