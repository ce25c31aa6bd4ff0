import { type EnergySummary, isNearlyAll, joulesOver } from "./energy.ts";
import type { DeviceEnergy } from "./energy_parts.ts";
import { formatCount, formatPercent, formatSeconds, formatValue } from "./format.ts";
import { tryParseSeries } from "./series.ts";
import type { Fact, FactPart } from "./story.ts";
import type { Summary } from "./summary.ts";

/** The energy of the run, saying what it covers; what the command used of it is an estimate, and told as one. */
export function energyFact({ energy, run }: Summary): Fact | undefined {
  if (energy === undefined) return undefined;
  const measured = measuredOf(energy, run.wall_seconds);
  const sentences = [
    `Of ${energy.scope === "parts" ? "" : "the "}${coverOf(energy)}, whatever ran there.`,
    measured && `It was measured for ${measured}.`,
    baselineOf(energy),
    estimateOf(energy),
  ].filter((sentence) => sentence !== undefined);
  return {
    subject: "energy",
    label: "Energy",
    figure: `${formatValue(energy.joules, "joules")} (${formatValue(energy.mean_watts, "watts")} on average)`,
    note: measured === undefined ? coverOf(energy) : `${coverOf(energy)}, for ${measured}`,
    ...(energy.devices.length > 1 && { parts: energy.devices.toSorted(byJoules).map(partOf) }),
    asides: asidesOf(energy),
    detail: sentences.join(" "),
  };
}

// Where the source of a device was there for a part of the run only, as one that takes long to start.
function measuredOf(energy: EnergySummary, wallSeconds: number): string | undefined {
  if (isNearlyAll(energy, wallSeconds)) return undefined;
  return `${formatSeconds(energy.seconds)} of ${formatSeconds(wallSeconds)}`;
}

/** What the energy covers: `whole machine`, `CPUs, memory and 4 GPUs only`. */
function coverOf({ scope, devices }: EnergySummary): string {
  if (scope === "machine") return "whole machine";
  if (scope === "module") return "computer module";
  const kinds = [...Map.groupBy(devices, kindOf)].map(([kind, all]) => {
    if (kind === "memory") return kind;
    return all.length === 1 ? kind : `${kind === "GPU" ? `${formatCount(all.length)} ` : ""}${kind}s`;
  });
  const last = kinds.pop() ?? "";
  return `${kinds.length === 0 ? "" : `${kinds.join(", ")} and `}${last} only`;
}

function kindOf({ series }: DeviceEnergy): string {
  const { name, labels } = tryParseSeries(series) ?? {};
  if (name === "gpu_energy_joules_total") return "GPU";
  return labels?.["rail"] === "dram" ? "memory" : "CPU";
}

function byJoules(a: DeviceEnergy, b: DeviceEnergy): number {
  return b.joules - a.joules;
}

function partOf({ name, joules, mean_watts }: DeviceEnergy): FactPart {
  return { name, figure: formatValue(joules, "joules"), note: formatValue(mean_watts, "watts") };
}

// What is told beside the sum and is no part of it.
function asidesOf({ baseline, seconds, command_estimate: estimate }: EnergySummary): FactPart[] {
  const idle = baseline === undefined ? [] : [{
    name: "Idle",
    figure: formatValue(joulesOver(baseline.mean_watts, seconds), "joules"),
    note: `if it had stayed so, at ${formatValue(baseline.mean_watts, "watts")}`,
  }];
  const own = estimate === undefined ? [] : [{
    name: "Estimate",
    figure: formatValue(estimate.joules, "joules"),
    note: "for the command alone",
  }];
  return [...idle, ...own];
}

function baselineOf({ baseline, mean_watts, seconds }: EnergySummary): string | undefined {
  if (baseline === undefined) return undefined;
  const idle = formatValue(baseline.mean_watts, "watts");
  const share = mean_watts > 0 ? `, ${formatPercent(100 * baseline.mean_watts / mean_watts)} of the run's average` : "";
  const joules = formatValue(joulesOver(baseline.mean_watts, seconds), "joules");
  return `Idle, in the ${formatSeconds(baseline.seconds)} before, it drew ${idle}${share}: ${joules} in the same time.`;
}

function estimateOf({ command_estimate: estimate }: EnergySummary): string | undefined {
  if (estimate === undefined) return undefined;
  return `Estimate for the command alone: ${formatValue(estimate.joules, "joules")} (${estimate.method}).`;
}
