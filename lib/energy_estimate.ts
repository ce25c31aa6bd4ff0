import { type EnergySources, isPackage, joulesOf, type Part, partsOf } from "./energy_parts.ts";
import { formatSeries } from "./series.ts";
import type { Summary } from "./summary.ts";

/** What the command's processes are estimated to have used of it. */
export interface EnergyEstimate {
  readonly joules: number;
  /** Of which how much is estimated by CPU time, and how much by use of GPUs. */
  readonly cpu_joules?: number;
  readonly gpu_joules?: number;
  readonly method: string;
}

const CPU_METHOD = "energy of CPU packages and memory × its share of the busy CPU time";
const GPU_METHOD = "energy of GPUs × its share of their use (SM utilisation)";

/** Estimates what the command used; undefined where nothing tells its share. */
export function estimateEnergy(parts: readonly Part[], sources: EnergySources): EnergyEstimate | undefined {
  const cpu = cpuEstimate(sources);
  const gpus = parts.map((part) => gpuEstimate(part, sources.metrics)).filter((joules) => joules !== undefined);
  const gpu = gpus.length === 0 ? undefined : gpus.reduce((total, joules) => total + joules, 0);
  if (cpu === undefined && gpu === undefined) return undefined;
  const methods = [...(cpu === undefined ? [] : [CPU_METHOD]), ...(gpu === undefined ? [] : [GPU_METHOD])];
  return {
    joules: (cpu ?? 0) + (gpu ?? 0),
    ...(cpu === undefined ? {} : { cpu_joules: cpu }),
    ...(gpu === undefined ? {} : { gpu_joules: gpu }),
    method: methods.join(" + "),
  };
}

function cpuEstimate(sources: EnergySources): number | undefined {
  const seconds = sources.exact.cpu_seconds ?? sources.metrics["cpu_seconds_total"]?.total;
  const perSecond = joulesPerCpuSecond(sources);
  if (seconds === undefined || perSecond === undefined) return undefined;
  return Math.min(packageJoules(sources), seconds * perSecond);
}

function gpuEstimate({ gpu, joules }: Part, metrics: Summary["metrics"]): number | undefined {
  if (gpu === undefined) return undefined;
  const own = metrics[formatSeries("process_gpu_utilization_percent", { gpu })]?.mean;
  const all = metrics[formatSeries("gpu_utilization_percent", { gpu })]?.mean;
  if (own === undefined || all === undefined) return undefined;
  return all > 0 ? joules * Math.min(1, own / all) : 0;
}

/**
 * Joules of package energy for a second of CPU time, where both are known: by it a process's share is estimated. The idle part
 * of the energy is in it too.
 */
export function joulesPerCpuSecond(sources: EnergySources): number | undefined {
  const joules = packageJoules(sources);
  const busy = sources.metrics["system_cpu_percent"]?.mean;
  const seconds = busy === undefined ? 0 : busy / 100 * sources.run.wall_seconds;
  return joules > 0 && seconds > 0 ? joules / seconds : undefined;
}

function packageJoules(sources: EnergySources): number {
  return joulesOf(partsOf(sources).filter(isPackage));
}
