import assert from "node:assert/strict";
import { compareMetrics, compareRuns, differenceOf, runLabels } from "../lib/compare.ts";
import { comparePhases } from "../lib/compare_phases.ts";
import type { Summary } from "../lib/summary.ts";
import { differenceText } from "../sinks/html_comparison.ts";
import { phaseOf, repetition } from "./sample_marks.ts";
import { bareSummary, counter, gauge } from "./sample_run.ts";

function tagged(tags: Record<string, string>, command = ["train"]): Summary {
  return bareSummary({ run: { ...bareSummary().run, tags, command } });
}

Deno.test("compareRuns() takes the exact value, else the sampled one, and leaves out what no run tells", () => {
  const exact = bareSummary({ exact: { cpu_seconds: 5, sources: {} } });
  const sampled = bareSummary({ metrics: { cpu_seconds_total: counter(4) } });
  const rows = new Map(compareRuns([exact, sampled, bareSummary()]).map(({ label, values }) => [label, values]));
  assert.deepEqual(rows.get("CPU time"), [5, 4, undefined]);
  assert.deepEqual(rows.get("CPU use, mean (100 % is one core)"), [50, 40, undefined]);
  assert.deepEqual(rows.get("Duration"), [10, 10, 10]);
  assert.equal(rows.has("Read from storage"), false);
});

Deno.test("compareMetrics() compares the increase of counters and the mean of anything else", () => {
  const a = bareSummary({ metrics: { threads: gauge(3), minor_faults_total: counter(7) } });
  const b = bareSummary({ metrics: { threads: gauge(5) } });
  assert.deepEqual(compareMetrics([a, b]).map(({ label, values }) => [label, values]), [
    ["threads", [3, 5]],
    ["minor_faults_total", [7, undefined]],
  ]);
});

Deno.test("differenceOf() has no percent of nothing", () => {
  assert.deepEqual(differenceOf(4, 5), { absolute: 1, percent: 25 });
  assert.deepEqual(differenceOf(-4, -5), { absolute: -1, percent: -25 });
  assert.deepEqual(differenceOf(0, 5), { absolute: 5 });
});

Deno.test("differenceText() tells the difference with its sign, absolute and in percent", () => {
  assert.equal(differenceText(10, 13, "seconds"), "+3 s (+30 %)");
  assert.equal(differenceText(1024, 512, "bytes"), "−512 B (−50 %)");
  assert.equal(differenceText(80, 100.25, "percent"), "+20 points (+25 %)");
  assert.equal(differenceText(0, 2, ""), "+2");
  assert.equal(differenceText(1e6, 1e6 + 1, "bytes"), "+1 B (< 0.1 %)");
  assert.equal(differenceText(2, 2, ""), "same");
  assert.equal(differenceText(undefined, 2, ""), undefined);
});

Deno.test("runLabels() keeps labels short, and still apart", () => {
  const long = "x".repeat(200);
  const labels = runLabels([tagged({}, [long, "1"]), tagged({}, [long, "2"]), tagged({}, ["a"])]);
  assert.deepEqual(labels, [`${"x".repeat(39)}… (1)`, `${"x".repeat(39)}… (2)`, "a"]);
});

Deno.test("runLabels() takes what tells the runs apart: tags, commands, or when they began", () => {
  assert.deepEqual(runLabels([tagged({ model: "a", fold: "1" }), tagged({ model: "a", fold: "2" })]), [
    "fold=1",
    "fold=2",
  ]);
  assert.deepEqual(runLabels([tagged({ fold: "1" }), tagged({})]), ["fold=1", "no tags"]);
  assert.deepEqual(runLabels([tagged({}, ["a"]), tagged({}, ["b", "c d"])]), ["a", "b 'c d'"]);
  const repeated = [tagged({ fold: "1" }), tagged({ fold: "1" }), tagged({ fold: "2" })];
  assert.deepEqual(runLabels(repeated), ["fold=1 (1)", "fold=1 (2)", "fold=2"]);
  assert.deepEqual(runLabels([tagged({ fold: "1" }, ["a"]), tagged({}, ["b"]), tagged({}, ["c"])]), ["a", "b", "c"]);
  assert.deepEqual(runLabels([tagged({}), tagged({})]), ["2026-11-21 09:12:33 (1)", "2026-11-21 09:12:33 (2)"]);
});

Deno.test("compareRuns() sets energies side by side that cover the same, and never others", () => {
  const energy = { joules: 500, mean_watts: 50, seconds: 10, devices: [] };
  const runs = (["machine", "parts", "machine"] as const).map((scope) => bareSummary({ energy: { ...energy, scope } }));
  const rows = new Map(compareRuns(runs).map(({ label, values }) => [label, values]));
  assert.deepEqual(rows.get("Energy, whole machine"), [500, undefined, 500]);
  assert.deepEqual(rows.get("Energy, measured parts"), [undefined, 500, undefined]);
});

Deno.test("compareRuns() compares the mean use of all GPUs and the memory of the fullest", () => {
  const metrics = {
    'gpu_utilization_percent{gpu="0"}': gauge(80),
    'gpu_utilization_percent{gpu="1"}': gauge(40),
    'gpu_memory_used_bytes{gpu="0"}': gauge(2e9),
    'gpu_memory_used_bytes{gpu="1"}': gauge(3e9),
  };
  const rows = new Map(compareRuns([bareSummary({ metrics })]).map(({ label, values }) => [label, values]));
  assert.deepEqual([rows.get("GPU use, mean"), rows.get("GPU memory, fullest GPU")], [[60], [3e9]]);
});

Deno.test("comparePhases() compares phases of the same name, and tells no quantity that no run knows", () => {
  const [a, b] = [
    bareSummary({
      phases: [phaseOf("load", [repetition(0, 1)]), phaseOf("epoch", [repetition(1, 4), repetition(5, 5)])],
    }),
    bareSummary({ phases: [phaseOf("load", [repetition(0, 2)])] }),
  ];
  const rows = comparePhases([a, b]).map(({ label, values }) => [label, values]);
  assert.deepEqual(rows.filter(([label]) => !/RSS|storage/.test(String(label))), [
    ["load: time", [1, 2]],
    ["load: CPU time", [4, 8]],
    ["epoch: times", [2, undefined]],
    ["epoch: time", [9, undefined]],
    ["epoch: CPU time", [36, undefined]],
  ]);
});
