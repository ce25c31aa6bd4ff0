import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import { formatPhases } from "../sinks/csv_phases.ts";
import { phaseOf, repetition, trainingMarks } from "./sample_marks.ts";

function rowsOf(phases: ReturnType<typeof trainingMarks>["phases"]): Record<string, string>[] {
  return parse(formatPhases({ phases }), { columns: true });
}

Deno.test("formatPhases() writes a row for each phase, the same columns in each", () => {
  const rows = rowsOf(trainingMarks().phases);
  assert.deepEqual(rows.map(({ phase, repetition }) => `${phase} ${repetition}`), [
    "load 1",
    "train 1",
    "epoch 1",
    "epoch 2",
    "epoch 3",
    "save 1",
    "save 2",
    "test 1",
    "test 2",
  ]);
  const { attributes, ...last } = rows.at(-1) ?? {};
  assert.deepEqual(JSON.parse(attributes ?? ""), { error: "ValueError" });
  assert.deepEqual(last, {
    phase: "test",
    repetition: "2",
    started_seconds: "189",
    seconds: "11",
    depth: "0",
    pid: "4721",
    tid: "4721",
    unfinished: "1",
    error: "ValueError",
    cpu_seconds: "44",
    joules: "",
    memory_rss_mean_bytes: `${7.1 * 1024 ** 3}`,
    memory_rss_max_bytes: `${7.4 * 1024 ** 3}`,
    storage_read_bytes: "0",
    storage_write_bytes: `${40 * 1024 ** 2}`,
    syscall_read_bytes: "",
    syscall_write_bytes: "",
    gpu_percent: "",
    gpu_memory_max_bytes: "",
    cpu_seconds_total: "44",
    memory_rss_bytes: `${7.1 * 1024 ** 3}`,
  });
});

Deno.test("formatPhases() keeps hostile names in their cells, and metrics that only some phases have in their columns", () => {
  const metrics = { 'gpu_utilization_percent{gpu="0"}': { mean: 40, max: 90 } };
  const rows = rowsOf([
    phaseOf('=cmd(),"\n', [repetition(0, 1)]),
    phaseOf("b", [repetition(1, 1, { metrics })]),
  ]);
  assert.deepEqual(rows.map(({ phase, gpu_utilization_percent_0: use }) => [phase, use]), [
    [`'=cmd(),"\n`, ""],
    ["b", "40"],
  ]);
});
