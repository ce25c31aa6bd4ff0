import { type EnergyEstimate, estimateEnergy } from "./energy_estimate.ts";
import { type DeviceEnergy, type EnergySources, isPackage, joulesOf, type Part, partsOf } from "./energy_parts.ts";
import type { Baseline } from "./records.ts";

/** What an energy covers. `machine`: all that it draws; `module`: the computer module of a board; `parts`: those listed, no more. */
export type EnergyScope = "machine" | "module" | "parts";

/** The energy of a run, in joules and watts. */
export interface EnergySummary {
  readonly scope: EnergyScope;
  readonly joules: number;
  readonly mean_watts: number;
  /** For how long it was measured: of several devices the shortest. The source of a device may answer late, or be lost. */
  readonly seconds: number;
  /** What the joules are the sum of; nothing in it is a part of another. */
  readonly devices: readonly DeviceEnergy[];
  /** The same devices before the command started, as far as `--baseline` measured them; never subtracted. */
  readonly baseline?: { readonly seconds: number; readonly mean_watts: number };
  readonly command_estimate?: EnergyEstimate;
}

// Of a run, or of what another source has measured of it: no more than moments at its start and end are missing.
const NEARLY_ALL = 0.9;

/** Works the energy of a run out of its metrics; undefined where no source told any. */
export function summarizeEnergy(sources: EnergySources): EnergySummary | undefined {
  const all = partsOf(sources);
  const [scope, parts] = chooseParts(all);
  if (parts.length === 0) return undefined;
  const baseline = baselineOf(parts, sources.baseline);
  const estimate = estimateEnergy(all, sources);
  return {
    scope,
    joules: joulesOf(parts),
    ...together(scope, parts, sources.run.wall_seconds),
    devices: parts.map(({ name, series, power_series, joules, mean_watts, seconds }) => ({
      name,
      series,
      power_series,
      joules,
      mean_watts,
      seconds,
    })),
    ...(baseline === undefined ? {} : { baseline }),
    ...(estimate === undefined ? {} : { command_estimate: estimate }),
  };
}

/** The series whose sum is the energy of the run. */
export function energySeriesOf(sources: Pick<EnergySources, "metrics" | "devices">): string[] {
  return chooseParts(partsOf(sources))[1].map(({ series }) => series);
}

// What contains the others comes first: nothing is ever added to what it is a part of.
function chooseParts(parts: readonly Part[]): [EnergyScope, readonly Part[]] {
  const machine = chooseMachine(parts);
  if (machine !== undefined) return ["machine", machine];
  const modules = parts.filter(({ scope }) => scope === "module");
  if (modules.length > 0) return ["module", modules];
  // What only root may read of a processor, the GPU within it tells to everybody.
  const isCounted = parts.some(isPackage);
  return [
    "parts",
    parts.filter((part) => isPackage(part) || (part.gpu !== undefined && !(part.isIntegrated && isCounted))),
  ];
}

// A machine runs on its batteries together or one after the other, and they tell its power only while they discharge: of a part
// of the run they are not its energy.
function chooseMachine(parts: readonly Part[]): readonly Part[] | undefined {
  const machines = parts.filter(({ scope }) => scope === "machine");
  const groups = [...Map.groupBy(machines, ({ series, isBattery }) => isBattery ? "batteries" : series).values()];
  const longest = Math.max(...parts.map(({ seconds }) => seconds));
  return groups.filter((group) => sum(group.map(({ seconds }) => seconds)) > NEARLY_ALL * longest)
    .sort((a, b) => joulesOf(b) - joulesOf(a))[0];
}

function together(
  scope: EnergyScope,
  parts: readonly Part[],
  wallSeconds: number,
): Pick<EnergySummary, "mean_watts" | "seconds"> {
  if (scope === "machine" && parts.length > 1) {
    const seconds = Math.min(wallSeconds, sum(parts.map((part) => part.seconds)));
    return { mean_watts: joulesOf(parts) / seconds, seconds };
  }
  return {
    mean_watts: sum(parts.map(({ mean_watts }) => mean_watts)),
    seconds: Math.min(...parts.map(({ seconds }) => seconds)),
  };
}

function baselineOf(parts: readonly Part[], baseline: Baseline | undefined): EnergySummary["baseline"] {
  const watts = parts.map(({ power_series }) => baseline?.watts[power_series]);
  if (baseline === undefined || !watts.every((value) => value !== undefined)) return undefined;
  return { seconds: baseline.seconds, mean_watts: sum(watts) };
}

/** Whether an energy is that of the run but for moments at its start and end. */
export function isNearlyAll({ seconds }: Pick<EnergySummary, "seconds">, wallSeconds: number): boolean {
  return seconds > NEARLY_ALL * wallSeconds;
}

/** Joules of a power over some time. */
export function joulesOver(watts: number, seconds: number): number {
  return watts * seconds;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
