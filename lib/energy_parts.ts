import { formatSeries, tryParseSeries } from "./series.ts";
import type { Baseline, Device } from "./records.ts";
import type { Summary } from "./summary.ts";

/** The energy of one device, socket or rail. */
export interface DeviceEnergy {
  readonly name: string;
  /** The series that tells it, and the one of its power. */
  readonly series: string;
  readonly power_series: string;
  readonly joules: number;
  readonly mean_watts: number;
  /** For how long of the run it was measured. */
  readonly seconds: number;
}

/** What the energy of a run is worked out from. */
export type EnergySources = Pick<Summary, "metrics" | "devices" | "exact" | "run"> & {
  readonly baseline: Baseline | undefined;
};

/** A device with what decides whether it is counted. */
export interface Part extends DeviceEnergy {
  readonly scope: string;
  readonly gpu: string | undefined;
  /** Whether it is a GPU within a processor: its energy is a part of its package's. */
  readonly isIntegrated: boolean;
  readonly isBattery: boolean;
}

/** Everything that tells an energy: what contains what is for the reader to tell by their scopes. */
export function partsOf({ metrics, devices }: Pick<EnergySources, "metrics" | "devices">): Part[] {
  return Object.entries(metrics).flatMap(([series, { total, seconds }]): Part[] => {
    if (total === undefined || seconds === undefined) return [];
    const { name, labels = {} } = tryParseSeries(series) ?? {};
    const gpu = labels["gpu"];
    const isGpu = name === "gpu_energy_joules_total" && gpu !== undefined;
    if (!isGpu && name !== "power_energy_joules_total") return [];
    const power_series = isGpu ? formatSeries("gpu_power_watts", { gpu }) : formatSeries("power_watts", labels);
    const what = isGpu ? gpuPart(devices, gpu) : railPart(labels);
    return [{ ...what, series, power_series, joules: total, mean_watts: total / seconds, seconds }];
  });
}

type What = Pick<Part, "name" | "scope" | "gpu" | "isIntegrated" | "isBattery">;

function gpuPart(devices: readonly Device[], gpu: string): What {
  return {
    name: gpuName(devices, gpu),
    scope: "device",
    gpu,
    isIntegrated: isIntegrated(devices, gpu),
    isBattery: false,
  };
}

function railPart({ device = "", rail = "", scope = "" }: Readonly<Record<string, string>>): What {
  const name = rail === "" || device === rail ? device : `${device} ${rail}`;
  return { name, scope, gpu: undefined, isIntegrated: false, isBattery: rail === "battery" };
}

function isIntegrated(devices: readonly Device[], gpu: string): boolean {
  return devices.some(({ label, id, attributes }) =>
    label === "gpu" && id === gpu && attributes?.["integrated"] === "yes"
  );
}

function gpuName(devices: readonly Device[], gpu: string): string {
  const device = devices.find(({ label, id }) => label === "gpu" && id === gpu);
  return device === undefined ? `GPU ${gpu}` : `GPU ${gpu} (${device.name})`;
}

/** Whether it is a processor, or its memory. */
export function isPackage({ scope }: Part): boolean {
  return scope === "package";
}

/** The joules of some parts together. */
export function joulesOf(parts: readonly Pick<DeviceEnergy, "joules">[]): number {
  return parts.reduce((total, { joules }) => total + joules, 0);
}
