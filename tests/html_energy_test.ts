import assert from "node:assert/strict";
import type { EnergySummary } from "../lib/energy.ts";
import { energySection } from "../sinks/html_energy.ts";
import { bareSummary } from "./sample_run.ts";

const ENERGY: EnergySummary = {
  scope: "parts",
  joules: 3600,
  mean_watts: 360,
  seconds: 10,
  devices: [
    { name: "GPU 0 (<Fast> & loud)", series: "a", power_series: "b", joules: 3000, mean_watts: 300, seconds: 10 },
    { name: "package-0", series: "c", power_series: "d", joules: 600, mean_watts: 60, seconds: 10 },
  ],
  baseline: { seconds: 5, mean_watts: 100 },
  command_estimate: { joules: 1800, method: "energy of GPUs by its share of their use" },
};

/** The cells of each row of the table. */
function rowsOf(html: string): string[][] {
  return [...html.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = ""]) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = ""]) => cell)
  );
}

Deno.test("energySection() tells each device, their sum, and beside it the idle machine and the estimate", () => {
  const html = energySection(bareSummary({ energy: ENERGY }))?.text ?? "";
  assert.deepEqual(rowsOf(html), [
    ["Device", "Energy", "Watt-hours", "Mean power"],
    ["GPU 0 (&lt;Fast&gt; &amp; loud)", "3 kJ", "0.83 Wh", "300 W"],
    ["package-0", "600 J", "0.17 Wh", "60 W"],
    ["Together", "3.6 kJ", "1.00 Wh", "360 W"],
    ["If it had stayed idle", "1 kJ", "0.28 Wh", "100 W"],
    ["The command alone, an estimate", "1.8 kJ", "0.50 Wh", ""],
  ]);
  assert.match(html, /drew in the 5 s before the command started; nothing is subtracted/);
  assert.match(html, /The estimate: energy of GPUs by its share of their use\./);
});

Deno.test("energySection() says where it was measured for a part of the run", () => {
  const html = energySection(bareSummary({ energy: { ...ENERGY, seconds: 7 } }))?.text ?? "";
  assert.match(html, /the rest of the machine is not measured\. It was measured for 7 s of the 10 s of the run\./);
});

Deno.test("energySection() is not there where no energy is known", () => {
  assert.equal(energySection(bareSummary()), undefined);
});
