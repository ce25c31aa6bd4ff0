import { type DeviceEnergy, type EnergySummary, joulesOver } from "./energy.ts";
import { formatCount, formatPercent, formatSeconds, formatValue } from "./format.ts";
import type { Fact, FactPart } from "./story.ts";
import type { Summary } from "./summary.ts";

const MOST_DEVICES = 8;

/** The energy of the run, saying what it covers; what the command used of it is an estimate, and told as one. */
export function energyFact({ energy, run }: Summary): Fact | undefined {
  if (energy === undefined) return undefined;
  const sentences = [
    devicesOf(energy),
    baselineOf(energy, run.wall_seconds),
    estimateOf(energy),
  ].filter((sentence) => sentence !== undefined);
  return {
    subject: "energy",
    label: "Energy",
    figure: `${formatValue(energy.joules, "joules")} (${formatValue(energy.mean_watts, "watts")} on average)`,
    note: coverOf(energy),
    ...(energy.devices.length > 1 && { parts: energy.devices.toSorted(byJoules).map(partOf) }),
    detail: sentences.join(" "),
  };
}

/** What the energy covers: `whole machine`, `computer module`, `2 CPU packages and 4 GPUs only`. */
function coverOf({ scope, devices }: EnergySummary): string {
  if (scope === "machine") return "whole machine";
  if (scope === "module") return "computer module, all programs";
  const gpus = devices.filter(({ series }) => series.startsWith("gpu_")).length;
  const others = devices.filter(({ series }) => !series.startsWith("gpu_")).map(({ name }) => name);
  const parts = [...others.length > 3 ? [`${formatCount(others.length)} CPU and memory rails`] : others];
  if (gpus > 0) parts.push(gpus === 1 ? "1 GPU" : `${formatCount(gpus)} GPUs`);
  return `${parts.join(", ")} only, all programs`;
}

function byJoules(a: DeviceEnergy, b: DeviceEnergy): number {
  return b.joules - a.joules;
}

function partOf({ name, joules, mean_watts }: DeviceEnergy): FactPart {
  return { name, figure: formatValue(joules, "joules"), note: formatValue(mean_watts, "watts") };
}

function devicesOf({ devices }: EnergySummary): string | undefined {
  if (devices.length < 2) return undefined;
  const largest = devices.toSorted(byJoules);
  const told = largest.slice(0, MOST_DEVICES).map(deviceText);
  const rest = largest.length > MOST_DEVICES ? `, and ${formatCount(largest.length - MOST_DEVICES)} more` : "";
  return `${told.join(", ")}${rest}.`;
}

function deviceText({ name, joules, mean_watts }: DeviceEnergy): string {
  return `${name} ${formatValue(joules, "joules")} (${formatValue(mean_watts, "watts")})`;
}

function baselineOf({ baseline, mean_watts }: EnergySummary, wallSeconds: number): string | undefined {
  if (baseline === undefined) return undefined;
  const idle = formatValue(baseline.mean_watts, "watts");
  const share = mean_watts > 0 ? `, ${formatPercent(100 * baseline.mean_watts / mean_watts)} of the run's average` : "";
  const joules = formatValue(joulesOver(baseline.mean_watts, wallSeconds), "joules");
  return `Idle, in the ${formatSeconds(baseline.seconds)} before, it drew ${idle}${share}: ${joules} in the same time.`;
}

function estimateOf({ command_estimate: estimate }: EnergySummary): string | undefined {
  if (estimate === undefined) return undefined;
  return `Estimate for the command alone: ${formatValue(estimate.joules, "joules")}, ${estimate.method}.`;
}
