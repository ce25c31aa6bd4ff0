import assert from "node:assert/strict";
import { Pipeline } from "../lib/pipeline.ts";
import type { ResmonRecord } from "../lib/records.ts";
import type { Summary } from "../lib/summary.ts";
import { sampleEnd, sampleEvent, sampleRun, sampleSession, sampleStatus } from "./sample_records.ts";
import { assertValidRecords, assertValidSummary } from "./schema.ts";

function summaryOf(records: readonly ResmonRecord[]): Summary {
  const pipeline = new Pipeline({});
  for (const record of records) pipeline.accept(record);
  return pipeline.end();
}

/** A copy without one field. */
function without<T extends object>(value: T, field: string): T {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== field)) as T;
}

Deno.test("docs/records.schema.json describes a realistic run", () => {
  assertValidRecords(sampleRun(5));
});

Deno.test("docs/summary.schema.json describes a whole run, and one that breaks off at any record", () => {
  const records = sampleRun(5);
  for (let length = 1; length <= records.length; length++) assertValidSummary(summaryOf(records.slice(0, length)));
});

Deno.test("docs/summary.schema.json describes events, failed outputs and what was not recorded", () => {
  const records = [
    sampleSession(),
    sampleEvent("signal", 1, { attributes: { name: "SIGTERM" } }),
    sampleStatus({ collector: "sink:csv", state: "lost", reason: "disk full" }),
    sampleStatus({ collector: "cpu", state: "absent", metrics: ["system_cpu_frequency_hertz"] }),
  ];
  assertValidSummary(summaryOf(records));
});

const OPTIONAL: Readonly<Record<string, readonly string[]>> = {
  session: ["boot_id", "message"],
  status: ["reason", "remedy"],
  columns: ["processes"],
  tick: ["processes"],
  event: ["pid", "id", "attributes"],
  end: ["exit_code"],
};

Deno.test("docs/records.schema.json notices every missing field, and none that may be missing", () => {
  for (const record of sampleRun(3).map((each) => ({ ...each, seq: 2 }))) {
    for (const field of Object.keys(record)) {
      const check = (): void => assertValidRecords([sampleSession(), without(record, field)]);
      if (OPTIONAL[record.type]?.includes(field)) assert.doesNotThrow(check, field);
      else assert.throws(check, `${record.type} without ${field}`);
    }
  }
});

Deno.test("docs/records.schema.json refuses what is misspelt, of another type or out of order", () => {
  const { machine } = sampleSession();
  const damaged = [
    { ...sampleSession(), hostname: "x" },
    { ...sampleSession(), schema: 2 },
    { ...sampleSession(), run: "no uuid" },
    { ...sampleSession(), machine: { ...machine, cpus_usable: 0 } },
  ];
  for (const record of damaged) assert.throws(() => assertValidRecords([record]));
  assert.throws(() => assertValidRecords([sampleSession(), sampleEnd(1, { exact: { cpu_seconds: -1, sources: {} } })]));
  assert.throws(() => assertValidRecords([sampleSession({ seq: 3 }), sampleEnd(1, { seq: 3 })]), /seq does not go up/);
  assert.throws(() => assertValidRecords([sampleEnd(1)]), /no session/);
});

Deno.test("docs/summary.schema.json notices every missing field of a run, a series and a process", () => {
  const summary = summaryOf(sampleRun(3));
  for (const field of Object.keys(summary)) assert.throws(() => assertValidSummary(without(summary, field)), field);
  for (const field of ["id", "command", "wall_seconds", "started", "exit_code"]) {
    assert.throws(() => assertValidSummary({ ...summary, run: without(summary.run, field) }), field);
  }
  for (const [series, metric] of Object.entries(summary.metrics)) {
    // A counter that was read once has no total.
    for (const field of Object.keys(without(metric, "total"))) {
      const metrics = { ...summary.metrics, [series]: without(metric, field) };
      assert.throws(() => assertValidSummary({ ...summary, metrics }), `${series} without ${field}`);
    }
  }
  const [row] = summary.processes.rows;
  assert.ok(row !== undefined);
  for (const field of ["id", "pid", "name", "values"]) {
    assert.throws(() => assertValidSummary({ ...summary, processes: { seen: 1, rows: [without(row, field)] } }), field);
  }
});
