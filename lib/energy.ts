import { formatSeries, tryParseSeries } from "./series.ts";
import type { Baseline, Device } from "./records.ts";
import type { MetricSummary, Summary } from "./summary.ts";

/** What an energy covers. `machine`: all that it draws; `module`: the computer module of a board; `parts`: those listed, no more. */
export type EnergyScope = "machine" | "module" | "parts";

/** The energy of a run, in joules and watts. */
export interface EnergySummary {
  readonly scope: EnergyScope;
  readonly joules: number;
  readonly mean_watts: number;
  /** What the joules are the sum of; nothing in it is a part of another. */
  readonly devices: readonly DeviceEnergy[];
  /** The same devices before the command started, as far as `--baseline` measured them; never subtracted. */
  readonly baseline?: { readonly seconds: number; readonly mean_watts: number };
  readonly command_estimate?: EnergyEstimate;
}

/** The energy of one device, socket or rail. */
export interface DeviceEnergy {
  readonly name: string;
  /** The series that tells it, and the one of its power. */
  readonly series: string;
  readonly power_series: string;
  readonly joules: number;
  readonly mean_watts: number;
}

/** What the command's processes are estimated to have used of it. */
export interface EnergyEstimate {
  readonly joules: number;
  /** Of which how much is estimated by CPU time, and how much by use of GPUs. */
  readonly cpu_joules?: number;
  readonly gpu_joules?: number;
  readonly method: string;
}

/** What the energy of a run is worked out from. */
export type EnergySources = Pick<Summary, "metrics" | "devices" | "exact" | "run"> & {
  readonly baseline: Baseline | undefined;
};

interface Part extends DeviceEnergy {
  readonly scope: string;
  readonly gpu: string | undefined;
}

const CPU_METHOD = "of CPU packages and memory by its share of the busy CPU time";
const GPU_METHOD = "of GPUs by its share of their use (SM utilisation)";

/** Works the energy of a run out of its metrics; undefined where no source told any. */
export function summarizeEnergy(sources: EnergySources): EnergySummary | undefined {
  const all = partsOf(sources);
  const [scope, parts] = chooseParts(all);
  if (parts.length === 0) return undefined;
  const baseline = baselineOf(parts, sources.baseline);
  const estimate = estimateOf(all, sources);
  return {
    scope,
    joules: sum(parts.map(({ joules }) => joules)),
    mean_watts: sum(parts.map(({ mean_watts }) => mean_watts)),
    devices: parts.map(({ scope: _scope, gpu: _gpu, ...device }) => device),
    ...(baseline === undefined ? {} : { baseline }),
    ...(estimate === undefined ? {} : { command_estimate: estimate }),
  };
}

/**
 * Joules of package energy for a second of CPU time, where both are known: by it a process's share is estimated. The idle part
 * of the energy is in it too.
 */
export function joulesPerCpuSecond(sources: EnergySources): number | undefined {
  const joules = sum(partsOf(sources).filter(isPackage).map((part) => part.joules));
  const busy = sources.metrics["system_cpu_percent"]?.mean;
  const seconds = busy === undefined ? 0 : busy / 100 * sources.run.wall_seconds;
  return joules > 0 && seconds > 0 ? joules / seconds : undefined;
}

// What contains the others comes first: nothing is ever added to what it is a part of.
function chooseParts(parts: readonly Part[]): [EnergyScope, readonly Part[]] {
  const machine = parts.filter(({ scope }) => scope === "machine").sort((a, b) => b.joules - a.joules).slice(0, 1);
  if (machine.length > 0) return ["machine", machine];
  const modules = parts.filter(({ scope }) => scope === "module");
  if (modules.length > 0) return ["module", modules];
  return ["parts", parts.filter((part) => isPackage(part) || part.gpu !== undefined)];
}

function isPackage({ scope }: Part): boolean {
  return scope === "package";
}

function partsOf({ metrics, devices }: EnergySources): Part[] {
  return Object.entries(metrics).flatMap(([series, { total }]): Part[] => {
    const { name: metric, labels = {} } = tryParseSeries(series) ?? {};
    if (total === undefined) return [];
    if (metric === "power_energy_joules_total") {
      const power = formatSeries("power_watts", labels);
      const { device = "", rail = "", scope = "" } = labels;
      const name = rail === "" || device === rail ? device : `${device} ${rail}`;
      return [{ name, series, power_series: power, ...energyOf(total, metrics[power]), scope, gpu: undefined }];
    }
    const gpu = labels["gpu"];
    if (metric !== "gpu_energy_joules_total" || gpu === undefined || isIntegrated(devices, gpu)) return [];
    const power = formatSeries("gpu_power_watts", { gpu });
    const name = gpuName(devices, gpu);
    return [{ name, series, power_series: power, ...energyOf(total, metrics[power]), scope: "device", gpu }];
  });
}

function energyOf(
  joules: number,
  power: MetricSummary | undefined,
): Pick<DeviceEnergy, "joules" | "mean_watts"> {
  return { joules, mean_watts: power?.mean ?? 0 };
}

// Its energy is a part of its package's.
function isIntegrated(devices: readonly Device[], gpu: string): boolean {
  return devices.some(({ label, id, attributes }) =>
    label === "gpu" && id === gpu && attributes?.["integrated"] === "yes"
  );
}

function gpuName(devices: readonly Device[], gpu: string): string {
  const device = devices.find(({ label, id }) => label === "gpu" && id === gpu);
  return device === undefined ? `GPU ${gpu}` : `GPU ${gpu} (${device.name})`;
}

function baselineOf(parts: readonly Part[], baseline: Baseline | undefined): EnergySummary["baseline"] {
  const watts = parts.map(({ power_series }) => baseline?.watts[power_series]);
  if (baseline === undefined || !watts.every((value) => value !== undefined)) return undefined;
  return { seconds: baseline.seconds, mean_watts: sum(watts) };
}

function estimateOf(parts: readonly Part[], sources: EnergySources): EnergyEstimate | undefined {
  const cpu = cpuEstimate(sources);
  const gpus = parts.map((part) => gpuEstimate(part, sources.metrics)).filter((joules) => joules !== undefined);
  const gpu = gpus.length === 0 ? undefined : sum(gpus);
  if (cpu === undefined && gpu === undefined) return undefined;
  const methods = [...(cpu === undefined ? [] : [CPU_METHOD]), ...(gpu === undefined ? [] : [GPU_METHOD])];
  return {
    joules: (cpu ?? 0) + (gpu ?? 0),
    ...(cpu === undefined ? {} : { cpu_joules: cpu }),
    ...(gpu === undefined ? {} : { gpu_joules: gpu }),
    method: `energy ${methods.join(", and ")}`,
  };
}

function cpuEstimate(sources: EnergySources): number | undefined {
  const seconds = sources.exact.cpu_seconds ?? sources.metrics["cpu_seconds_total"]?.total;
  const perSecond = joulesPerCpuSecond(sources);
  if (seconds === undefined || perSecond === undefined) return undefined;
  const most = sum(partsOf(sources).filter(isPackage).map(({ joules }) => joules));
  return Math.min(most, seconds * perSecond);
}

function gpuEstimate({ gpu, joules }: Part, metrics: Summary["metrics"]): number | undefined {
  if (gpu === undefined) return undefined;
  const own = metrics[formatSeries("process_gpu_utilization_percent", { gpu })]?.mean;
  const all = metrics[formatSeries("gpu_utilization_percent", { gpu })]?.mean;
  if (own === undefined || all === undefined) return undefined;
  return all > 0 ? joules * Math.min(1, own / all) : 0;
}

/** Joules of a power over some time. */
export function joulesOver(watts: number, seconds: number): number {
  return watts * seconds;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
