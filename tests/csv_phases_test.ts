import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import type { MeasuredPhase } from "../lib/phase_summary.ts";
import { Pipeline } from "../lib/pipeline.ts";
import { PhasesCsvSink } from "../sinks/csv_phases.ts";
import { repetition, trainingMarks } from "./sample_marks.ts";
import { sampleColumns, sampleEnd, sampleEvent, sampleSession, sampleTick } from "./sample_records.ts";
import { withTemporaryFolder } from "./temporary.ts";

type Row = Record<string, string>;

/** The rows that a sink writes. */
function written(write: (sink: PhasesCsvSink) => void | Promise<void>): Promise<Row[]> {
  return withTemporaryFolder(async (folder) => {
    const path = `${folder}/phases.csv`;
    const sink = new PhasesCsvSink(path, { onFailure: assert.fail });
    await write(sink);
    sink.close();
    return parse(await Deno.readTextFile(path), { columns: true });
  });
}

function measured(name: string, parts: Partial<MeasuredPhase> = {}): MeasuredPhase {
  return { ...repetition(0, 1), name, ...parts };
}

Deno.test("PhasesCsvSink writes a row for each phase, and each value once", async () => {
  const all = trainingMarks().phases.flatMap(({ name, repetitions }) => repetitions.map((each) => ({ name, ...each })));
  const rows = await written((sink) => sink.phases(all));
  assert.deepEqual(rows.map(({ phase, repetition }) => `${phase} ${repetition}`).slice(0, 4), [
    "load 1",
    "train 1",
    "epoch 1",
    "epoch 2",
  ]);
  const { attributes, ...last } = rows.at(-1) ?? {};
  assert.deepEqual(JSON.parse(attributes ?? ""), { error: "ValueError" });
  assert.deepEqual(last, {
    phase: "test",
    repetition: "2",
    parent: "",
    parent_repetition: "",
    depth: "0",
    started_seconds: "189",
    seconds: "11",
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
  });
});

Deno.test("PhasesCsvSink names columns after what they tell, and keeps what only some phases have in its column", async () => {
  const metrics = {
    'gpu_utilization_percent{gpu="0"}': { mean: 40, max: 90 },
    minor_faults_total: { total: 7 },
    processes: { mean: 1.5, max: 2 },
    memory_pss_bytes: { mean: 10, max: 20 },
  };
  const rows = await written((sink) => {
    sink.phases([measured('=cmd(),"\n')]);
    sink.phases([measured("b", { metrics, parent: "a", parent_repetition: 2 })]);
  });
  const told = rows.map((row) => [row["phase"], row["parent_repetition"], ...Object.values(row).slice(-7)]);
  assert.deepEqual(told, [[`'=cmd(),"\n`, "", "", "", "", "", "", "", ""], [
    "b",
    "2",
    "40",
    "90",
    "7",
    "1.5",
    "2",
    "10",
    "20",
  ]]);
  assert.deepEqual(Object.keys(rows[0] ?? {}).slice(-7), [
    "gpu_utilization_mean_percent_0",
    "gpu_utilization_max_percent_0",
    "minor_faults",
    "processes_mean",
    "processes_max",
    "memory_pss_mean_bytes",
    "memory_pss_max_bytes",
  ]);
});

Deno.test("PhasesCsvSink has all phases of a run, also beyond those that the summary tells one by one", async () => {
  let told: readonly unknown[] = [];
  const rows = await written(async (sink) => {
    const pipeline = new Pipeline({
      frameSinks: [sink, {
        name: "summary",
        frame: () => undefined,
        event: () => undefined,
        status: () => undefined,
        end: ({ phases }) => void (told = phases.flatMap(({ repetitions }) => repetitions)),
        close: () => undefined,
      }],
    });
    pipeline.accept(sampleSession());
    pipeline.accept(sampleColumns({ series: ["cpu_seconds_total"] }));
    for (let second = 0; second <= 60; second++) {
      pipeline.accept(sampleTick(second, { values: { process: [second] } }));
      for (let step = 0; step < 50 && second < 60; step++) {
        const at = second + step / 50;
        pipeline.accept(sampleEvent("phase_start", at, { name: "step" }));
        pipeline.accept(sampleEvent("phase_end", at + 0.02, { name: "step" }));
      }
    }
    pipeline.accept(sampleEvent("phase_start", 59, { name: "open" }));
    pipeline.accept(sampleEnd(60));
    pipeline.end();
    await pipeline.close(1);
  });
  assert.equal(told.length, 1000);
  assert.equal(rows.length, 3001);
  const sum = rows.reduce((seconds, { cpu_seconds }) => seconds + parseFloat(cpu_seconds ?? ""), 0);
  assert.ok(Math.abs(sum - 61) < 0.001, `${sum}`);
  assert.deepEqual(rows.at(-1)?.["unfinished"], "1");
});
