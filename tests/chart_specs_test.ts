import assert from "node:assert/strict";
import type { Summary } from "../lib/summary.ts";
import type { ChartSpec } from "../sinks/chart_lines.ts";
import { chartSpecs, comparedSpecs } from "../sinks/chart_specs.ts";
import { bareSummary, gauge } from "./sample_run.ts";

const GIB = 1024 ** 3;

function chart(id: string, metrics: Summary["metrics"]): ChartSpec | undefined {
  return chartSpecs(bareSummary({ metrics })).find((spec) => spec.id === id);
}

function labels(spec: ChartSpec | undefined): string[] {
  return spec?.lines.map(({ label }) => label) ?? [];
}

Deno.test("chartSpecs() shows a limit only where something comes near it", () => {
  assert.equal(chart("cpu", { cpu_percent: gauge(100) })?.limit, undefined);
  assert.deepEqual(chart("cpu", { cpu_percent: gauge(400) })?.limit, { label: "8 cores may be used", value: 800 });
});

Deno.test("chartSpecs() tells the machine's memory in words where it would press the command's to the ground", () => {
  const command = { memory_rss_bytes: gauge(GIB) };
  const near = chart("memory", { ...command, system_memory_used_bytes: gauge(2 * GIB) });
  assert.deepEqual([labels(near), near?.beyond], [["RSS of the command", "whole machine"], undefined]);
  const far = chart("memory", { ...command, system_memory_used_bytes: gauge(8 * GIB) });
  assert.deepEqual(labels(far), ["RSS of the command"]);
  assert.equal(far?.beyond, "whole machine: up to 8 GiB, beyond this scale");
});

Deno.test("chartSpecs() leaves out lines of fewer than three readings, and charts without lines", () => {
  const two = gauge(1, { count: 2 });
  assert.deepEqual(labels(chart("processes", { processes: gauge(1), threads: two })), ["processes"]);
  assert.equal(chart("processes", { processes: two, threads: two }), undefined);
});

Deno.test("chartSpecs() has no chart of what was 0 throughout, such as pressure", () => {
  const pressure = (percent: number): Summary["metrics"] => ({
    'system_pressure_percent{resource="io",kind="some"}': gauge(percent),
  });
  assert.equal(chart("pressure", pressure(0)), undefined);
  assert.deepEqual(labels(chart("pressure", pressure(3))), ["waiting for storage"]);
});

Deno.test("comparedSpecs() gives each run the colour of its place", () => {
  const [spec] = comparedSpecs(bareSummary({ metrics: { cpu_percent: gauge(1) } }), { label: "second", index: 1 });
  assert.deepEqual([spec?.id, spec?.lines], ["cpu", [{ color: "shade-1", label: "second", series: "cpu_percent" }]]);
});
