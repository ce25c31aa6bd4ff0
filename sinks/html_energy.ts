import { type EnergySummary, isNearlyAll, joulesOver } from "../lib/energy.ts";
import { formatSeconds, formatValue } from "../lib/format.ts";
import type { Summary } from "../lib/summary.ts";
import { type Html, markup } from "./html_template.ts";

/** The energy of each device in a table, with the idle power before and the estimate for the command; nothing where none is known. */
export function energySection({ energy, run }: Summary): Html | undefined {
  if (energy === undefined) return undefined;
  const rows = energy.devices.map(({ name, joules, mean_watts }) => row(name, joules, mean_watts));
  const whole = energy.devices.length > 1 ? [row("Together", energy.joules, energy.mean_watts)] : [];
  return markup`<section id="energy"><h2>Energy</h2>
<p class="lead">${LEADS[energy.scope]}${measured(energy, run.wall_seconds)}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Energy"><table class="energy">
<thead><tr><th scope="col">Device</th><th scope="col" class="number">Energy</th><th scope="col" class="number">Watt-hours</th>
<th scope="col" class="number">Mean power</th></tr></thead>
<tbody>${[...rows, ...whole, ...baselineRow(energy), ...estimateRow(energy)]}</tbody></table></div>
${notesOf(energy).map((note) => markup`<p class="note">${note}</p>`)}
</section>`;
}

function notesOf({ baseline, command_estimate: estimate }: EnergySummary): string[] {
  return [
    ...(baseline === undefined ? [] : [
      `Idle is what it drew in the ${
        formatSeconds(baseline.seconds)
      } before the command started; nothing is subtracted.`,
    ]),
    ...(estimate === undefined ? [] : [`The estimate: ${estimate.method}.`]),
  ];
}

const LEADS: Readonly<Record<EnergySummary["scope"], string>> = {
  machine: "Of the whole machine, whatever ran on it.",
  module: "Of the computer module, whatever ran on it; the board around it is not measured.",
  parts: "Of the parts that tell it, whatever ran on them; the rest of the machine is not measured.",
};

// The source of a device may take long to start, or be lost.
function measured(energy: EnergySummary, wallSeconds: number): string {
  if (isNearlyAll(energy, wallSeconds)) return "";
  return ` It was measured for ${formatSeconds(energy.seconds)} of the ${formatSeconds(wallSeconds)} of the run.`;
}

function row(name: string, joules: number, watts: number | undefined): Html {
  return markup`<tr><th scope="row">${name}</th><td class="number">${formatValue(joules, "joules")}</td>
<td class="number">${wattHours(joules)}</td><td class="number">${
    watts === undefined ? "" : formatValue(watts, "watts")
  }</td></tr>`;
}

function baselineRow({ baseline, seconds }: EnergySummary): Html[] {
  if (baseline === undefined) return [];
  const name = "If it had stayed idle";
  return [row(name, joulesOver(baseline.mean_watts, seconds), baseline.mean_watts)];
}

function estimateRow({ command_estimate: estimate }: EnergySummary): Html[] {
  return estimate === undefined ? [] : [row("The command alone, an estimate", estimate.joules, undefined)];
}

const JOULES_PER_WATT_HOUR = 3600;

function wattHours(joules: number): string {
  const hours = joules / JOULES_PER_WATT_HOUR;
  return `${hours < 0.1 ? hours.toPrecision(2) : hours.toFixed(hours < 10 ? 2 : 1)} Wh`;
}
