import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import type { ResmonRecord } from "../lib/records.ts";
import { Derive } from "../lib/derive.ts";
import { CsvSink, formatColumn } from "../sinks/csv.ts";
import { sampleColumns, sampleEvent, sampleTick } from "./sample_records.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";

/** Feeds records to a sink and gives both files. */
async function writeCsv(records: readonly ResmonRecord[]): Promise<{ samples: string; processes: string }> {
  const files = { samples: "", processes: "" };
  await withTemporaryFolder(async (folder) => {
    const sink = new CsvSink(folder, { onFailure: assert.fail });
    const derive = new Derive();
    for (const record of records) {
      const frame = derive.accept(record);
      sink.record(record);
      if (frame !== undefined) sink.frame(frame);
    }
    sink.end();
    await sink.close();
    files.samples = await Deno.readTextFile(`${folder}/samples.csv`);
    files.processes = await Deno.readTextFile(`${folder}/processes.csv`);
    assert.deepEqual(listFolder(folder), ["processes.csv", "samples.csv"]);
  });
  return files;
}

Deno.test("CsvSink writes one row a tick, an empty cell for what is missing", async () => {
  const { samples } = await writeCsv([
    sampleColumns({ series: ["cpu_seconds_total", "memory_rss_bytes"] }),
    sampleTick(0, { values: { process: [0, 100] } }),
    sampleTick(0.5, { values: { process: [0.25, null] } }),
    sampleTick(1),
  ]);
  assert.equal(
    samples,
    `time,elapsed_seconds,cpu_seconds_total,memory_rss_bytes,cpu_percent
2026-11-21T09:12:33.250Z,0,0,100,
2026-11-21T09:12:33.750Z,0.5,0.25,,50
2026-11-21T09:12:34.250Z,1,,,
`,
  );
});

Deno.test("CsvSink appends columns that come later and gives the file its whole header at the end", async () => {
  const disk = { collector: "disk", series: ['disk_reads_total{disk="sda"}'] };
  const { samples } = await writeCsv([
    sampleColumns({ series: ["threads"] }),
    sampleTick(0, { values: { process: [1] } }),
    sampleColumns(disk),
    sampleColumns(disk),
    sampleTick(1, { values: { process: [2], disk: [10] } }),
    sampleColumns({ collector: "disk", series: [...disk.series, 'disk_reads_total{disk="sdb"}'] }),
    sampleTick(2, { values: { process: [3], disk: [14, 7] } }),
    sampleColumns({ collector: "load", series: ["system_load1"] }),
  ]);
  assert.equal(
    samples,
    `time,elapsed_seconds,threads,disk_reads_total_sda,disk_reads_per_second_sda,disk_reads_total_sdb,disk_reads_per_second_sdb,system_load1
2026-11-21T09:12:33.250Z,0,1,,,,,
2026-11-21T09:12:34.250Z,1,2,10,,,,
2026-11-21T09:12:35.250Z,2,3,14,4,7,,
`,
  );
});

Deno.test("CsvSink writes one row a process and tick", async () => {
  const { processes } = await writeCsv([
    sampleColumns({ processes: ["cpu_seconds_total", "memory_rss_bytes"] }),
    sampleEvent("process_start", 0, { id: 1, pid: 4711, attributes: { name: "my job, (2)" } }),
    sampleTick(0, { processes: [[1, 0, 100]] }),
    sampleTick(2, { processes: [[1, 1, null], [0, 9, 50]] }),
  ]);
  assert.equal(
    processes,
    `time,elapsed_seconds,id,pid,name,cpu_seconds_total,memory_rss_bytes,cpu_percent
2026-11-21T09:12:33.250Z,0,1,4711,"my job, (2)",0,100,
2026-11-21T09:12:35.250Z,2,1,4711,"my job, (2)",1,,50
2026-11-21T09:12:35.250Z,2,0,,others,,50,
`,
  );
});

Deno.test("CsvSink writes a header even for a run without a tick", async () => {
  const files = await writeCsv([]);
  assert.deepEqual(files, { samples: "time,elapsed_seconds\n", processes: "time,elapsed_seconds,id,pid,name\n" });
});

Deno.test("CsvSink keeps numbers as they are and lets no name become a formula", async () => {
  const { processes } = await writeCsv([
    sampleColumns({ processes: ["threads"] }),
    sampleEvent("process_start", 0, { id: 1, pid: 1, attributes: { name: "=cmd()" } }),
    sampleEvent("process_start", 0, { id: 2, pid: 2, attributes: { name: "-x" } }),
    sampleTick(-1, { processes: [[1, -1.5], [2, 1e-7]] }),
  ]);
  const rows: string[][] = parse(processes);
  assert.deepEqual(rows.slice(1).map((row) => row.slice(1)), [["-1", "1", "1", "'=cmd()", "-1.5"], [
    "-1",
    "2",
    "2",
    "'-x",
    "1e-7",
  ]]);
});

Deno.test("CsvSink gives each series a column of its own however alike the names", async () => {
  const series = ["a/b", "a-b", "a b", 'quo"te\n'].map((sensor) =>
    `system_temperature_celsius{sensor=${JSON.stringify(sensor)}}`
  );
  const { samples } = await writeCsv([sampleColumns({ series }), sampleTick(0, { values: { process: [1, 2, 3, 4] } })]);
  const [header, row]: string[][] = parse(samples);
  const name = "system_temperature_celsius_a_b";
  assert.deepEqual(header?.slice(2), [name, `${name}_2`, `${name}_3`, "system_temperature_celsius_quo_te_"]);
  assert.deepEqual(row?.slice(2), ["1", "2", "3", "4"]);
});

Deno.test("formatColumn() spells a series as an identifier", () => {
  assert.equal(formatColumn("cpu_percent"), "cpu_percent");
  assert.equal(formatColumn('disk_read_bytes_total{disk="nvme0n1"}'), "disk_read_bytes_total_nvme0n1");
  assert.equal(formatColumn('system_cpu_seconds_total{cpu="0",mode="user"}'), "system_cpu_seconds_total_0_user");
  assert.equal(formatColumn("not a series"), "not_a_series");
});

Deno.test("CsvSink writes any process names so that csv-parse reads them back, also after late columns", async () => {
  const name = fc.string({ unit: "binary", maxLength: 20 }).map((text) => text.toWellFormed());
  const property = fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 5 }), async (names) => {
    const { processes } = await writeCsv([
      sampleColumns({ processes: ["threads"] }),
      ...names.map((each, at) => sampleEvent("process_start", 0, { id: at + 1, pid: 1, attributes: { name: each } })),
      sampleTick(0, { processes: names.map((_, at) => [at + 1, 5]) }),
      sampleColumns({ collector: "late", processes: ["open_files"] }),
      sampleTick(1, { processes: [[1, 5, 6]] }),
    ]);
    const rows: string[][] = parse(processes);
    const expected = [...names, names[0] ?? ""].map((each) => /^[=+\-@\t\r=+-@]/.test(each) ? `'${each}` : each);
    assert.deepEqual(rows.slice(1).map((row) => row[4]), expected);
    assert.deepEqual(new Set(rows.map((row) => row.length)), new Set([7]));
  });
  await fc.assert(property, { numRuns: 60 });
});

Deno.test("CsvSink writes files of other names", () =>
  withTemporaryFolder(async (folder) => {
    const names = { samples: "mine.csv", processes: "mine-processes.csv" };
    await new CsvSink(folder, { names, onFailure: assert.fail }).close();
    assert.deepEqual(listFolder(folder), ["mine-processes.csv", "mine.csv"]);
  }));

Deno.test("CsvSink stops on a full disk and tells so", async () => {
  await withTemporaryFolder(async (folder) => {
    const failures: string[] = [];
    await Deno.symlink("/dev/full", `${folder}/samples.csv`);
    const sink = new CsvSink(folder, { force: true, onFailure: (reason) => failures.push(reason) });
    const derive = new Derive();
    for (const elapsed of [0, 1]) {
      const frame = derive.accept(sampleTick(elapsed));
      assert.ok(frame !== undefined);
      sink.frame(frame);
    }
    await sink.close();
    assert.deepEqual(failures, [`Cannot write ${folder}/samples.csv: no space left on device`]);
  });
});
