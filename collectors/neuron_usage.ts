import type { TreeProcess } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { formatSeries } from "../lib/series.ts";
import type { Amounts, NeuronReport, NeuronRuntime } from "./neuron_report.ts";

/** The series of a reading with their values; null where the value is unknown. */
export type Told = Map<string, number | null>;

// Told from the start, so that the first of each kind is not lost: what counts is the increase.
const RESULTS = [
  "completed",
  "completed_with_err",
  "completed_with_num_err",
  "timed_out",
  "incorrect_input",
  "failed_to_queue",
];
const ERRORS = ["generic", "numerical", "transient", "model", "runtime", "hardware"];

/** Adds up the executions and errors of the periods, which the program tells one by one. */
export class NeuronCounts {
  readonly #executions = new Map(RESULTS.map((result) => [result, 0]));
  readonly #errors = new Map(ERRORS.map((kind) => [kind, 0]));

  /** Takes each report once. */
  add({ runtimes }: NeuronReport): void {
    for (const { executions, errors } of runtimes) {
      addAll(this.#executions, executions);
      addAll(this.#errors, errors);
    }
  }

  /** The counters so far. */
  tell(told: Told): void {
    for (const [result, count] of this.#executions) {
      told.set(formatSeries("neuron_executions_total", { result }), count);
    }
    for (const [kind, count] of this.#errors) told.set(formatSeries("neuron_execution_errors_total", { kind }), count);
  }
}

/** Tells what all programs together use, by one report. */
export function tellMachine(told: Told, { runtimes, devices, cores }: NeuronReport): void {
  tellUtilization(told, runtimes, cores ?? 0);
  told.set("neuron_memory_used_bytes", sumKnown(runtimes.map(({ deviceBytes }) => deviceBytes)));
  told.set("neuron_host_memory_used_bytes", sumKnown(runtimes.map(({ hostBytes }) => hostBytes)));
  tellCoreMemory(told, runtimes);
  tellLatencies(told, runtimes);
  for (const [device, errors] of devices) {
    for (const [kind, count] of errors) told.set(formatSeries("neuron_ecc_errors_total", { device, kind }), count);
  }
}

/** What the command's processes use: percent of cores and bytes of the devices, of each of them and of the tree. */
export interface NeuronShares {
  readonly tree: readonly [utilization: number | null, memory: number | null];
  readonly processes: ReadonlyMap<number, readonly (number | null)[]>;
  /** Whether the programs are known by numbers that mean nothing here. */
  readonly isForeign: boolean;
}

/** Finds the programs of the tree by their pids: each rank of a training has a program of its own. */
export function sharesOf(
  { runtimes }: NeuronReport,
  tree: ReadonlyMap<number, TreeProcess> | undefined,
): NeuronShares {
  const own = runtimes.flatMap((runtime) => {
    const process = runtime.pid === undefined ? undefined : tree?.get(runtime.pid);
    return process === undefined ? [] : [{ runtime, process }];
  });
  const isForeign = own.length === 0 && runtimes.some((runtime) => runtime.isForeign || runtime.pid === undefined);
  const shares = own.map(({ runtime }) => shareOf(runtime));
  return {
    tree: isForeign
      ? [null, null]
      : [sumOrNull(shares.map(([use]) => use)), sumOrNull(shares.map(([, bytes]) => bytes))],
    processes: new Map(own.map(({ runtime, process }) => [process.id, shareOf(runtime)])),
    isForeign,
  };
}

function shareOf({ utilization, deviceBytes }: NeuronRuntime): [utilization: number | null, memory: number | null] {
  const used = utilization === undefined ? null : [...utilization.values()].reduce((sum, percent) => sum + percent, 0);
  return [used, deviceBytes ?? null];
}

function tellUtilization(told: Told, runtimes: readonly NeuronRuntime[], cores: number): void {
  const sums = new Map(Array.from({ length: cores }, (_, core) => [String(core), 0]));
  for (const { utilization } of runtimes) addAll(sums, utilization ?? new Map());
  // A program whose use is unknown may be on any core.
  const isKnown = runtimes.every(({ utilization }) => utilization !== undefined);
  for (const [core, percent] of sums) {
    const series = formatSeries("neuron_core_utilization_percent", { core });
    told.set(series, isKnown ? Math.min(100, percent) : null);
  }
}

function tellCoreMemory(told: Told, runtimes: readonly NeuronRuntime[]): void {
  for (const { coreBytes } of runtimes) {
    for (const [core, parts] of coreBytes) {
      for (const [category, bytes] of parts) {
        add(told, "neuron_core_memory_used_bytes", { core, category }, (before) => before + bytes);
      }
    }
  }
}

// Percentiles of several programs cannot be added up: the slowest program's are told.
function tellLatencies(told: Told, runtimes: readonly NeuronRuntime[]): void {
  for (const { latencies } of runtimes) {
    for (const [latency, percentiles] of latencies) {
      for (const [percentile, seconds] of percentiles) {
        const labels = { latency, percentile };
        add(told, "neuron_execution_latency_seconds", labels, (before) => Math.max(before, seconds));
      }
    }
  }
}

function add(told: Told, name: MetricName, labels: Record<string, string>, combine: (before: number) => number): void {
  const series = formatSeries(name, labels);
  told.set(series, combine(told.get(series) ?? 0));
}

function addAll(sums: Map<string, number>, amounts: Amounts): void {
  for (const [name, amount] of amounts) sums.set(name, (sums.get(name) ?? 0) + amount);
}

function sumKnown(amounts: readonly (number | undefined)[]): number | null {
  return sumOrNull(amounts.map((amount) => amount ?? null));
}

/** The sum; unknown where one of its parts is. */
export function sumOrNull(amounts: readonly (number | null)[]): number | null {
  return amounts.reduce<number | null>((sum, amount) => sum === null || amount === null ? null : sum + amount, 0);
}
