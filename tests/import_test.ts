/** Files of other systems as runs of resmon. */

import assert from "node:assert/strict";
import { parseHeflwrLog } from "../lib/import_heflwr.ts";
import { parsePymlUsage } from "../lib/import_pyml.ts";
import { parseResengCsv, parseResengDump } from "../lib/import_reseng.ts";
import { importedRecords, type ImportedRun } from "../lib/imported_run.ts";
import { Pipeline } from "../lib/pipeline.ts";
import { openRun, openRuns } from "../lib/run_reader.ts";
import type { Summary } from "../lib/summary.ts";
import { foreignFile, foreignPath } from "./foreign_files.ts";
import { resmon } from "./program.ts";
import { assertValidRecords, assertValidSummary } from "./schema.ts";
import { withTemporaryFolder } from "./temporary.ts";

const MIB = 1024 ** 2;
const STARTED = 1_795_252_353.25;

function summaryOf(run: ImportedRun): Summary {
  const pipeline = new Pipeline({});
  for (const record of importedRecords(run, "/data/file")) pipeline.accept(record);
  return pipeline.end();
}

function column({ series, ticks }: ImportedRun, name: string): (number | null | undefined)[] {
  return ticks.map(({ values }) => values[series.indexOf(name)]);
}

Deno.test("Every imported record is one that docs/records.schema.json knows, and so is its summary", () => {
  for (const name of ["reseng.csv", "reseng.json", "heflwr.log", "heflwr_logger.log", "usage.json"]) {
    for (const run of openRuns(foreignPath(name))) {
      const records = [...run.read()];
      assertValidRecords(records);
      const pipeline = new Pipeline({});
      for (const record of records) pipeline.accept(record);
      assertValidSummary(pipeline.end());
    }
  }
});

Deno.test("parseResengCsv() adds CPU time up between rows, and leaves the first row's rates unknown", () => {
  const run = parseResengCsv(foreignFile("reseng.csv"));
  assert.equal(run.interval, 1);
  assert.deepEqual(column(run, "cpu_seconds_total"), [0, 0.995, 3.995, 4.495]);
  assert.deepEqual(column(run, "memory_rss_bytes"), [64 * MIB, 128 * MIB, 128 * MIB, 96 * MIB]);
  assert.deepEqual(column(run, "storage_read_bytes_per_second"), [null, 4096, 0, 0]);
  assert.deepEqual(column(run, "syscall_write_bytes_per_second"), [null, 100, 2048, 0]);
  const { metrics, run: told, machine } = summaryOf(run);
  assert.equal(metrics["cpu_percent"]?.max, 150);
  assert.deepEqual(machine, {});
  assert.deepEqual(told.attributes, { imported_from: "reseng", imported_file: "/data/file" });
  assert.deepEqual(
    [told.command, told.wall_seconds, told.end_unknown],
    [["file"], 4, "reseng does not record how a process ends"],
  );
});

Deno.test("parseResengCsv() takes for unknown what is 0 throughout, as reseng writes it on other systems, and says so", () => {
  const run = parseResengCsv(
    "time,cpu,memory,read_bytes,read_chars,write_bytes,write_chars\n1,0,9,0,0,0,0\n2,5,9,0,0,7,0\n",
  );
  assert.deepEqual(run.series, ["cpu_seconds_total", "memory_rss_bytes", "storage_write_bytes_per_second"]);
  const [unknown] = summaryOf(run).unavailable;
  assert.deepEqual(unknown?.metrics, [
    "storage_read_bytes_per_second",
    "syscall_read_bytes_per_second",
    "syscall_write_bytes_per_second",
  ]);
  assert.match(unknown?.reason ?? "", /^read_bytes, read_chars, write_chars are 0 throughout/);
});

Deno.test("parseResengCsv() leaves out a traceback, half a line and a step back in time, and says where", () => {
  const text = "time,cpu,memory\n1,0,9\n2,5,9\nTraceback (most recent call last):\n1.5,5,9\n2,-1,9\n3,5,9\n4,5,";
  const run = parseResengCsv(text);
  assert.deepEqual(run.ticks.map(({ time }) => time), [1, 2, 3]);
  assert.deepEqual(run.notes.map(({ reason }) => reason).slice(0, 1), [
    '3 lines were left out; the first is line 4: "Traceback (most recent call last):"',
  ]);
});

Deno.test("parseResengDump() takes pairs of tags as phases, and other tags as they are", () => {
  const { events, ticks } = parseResengDump(foreignFile("reseng.json"));
  assert.equal(ticks.length, 4);
  assert.deepEqual(events, [
    { kind: "phase_start", time: STARTED + 0.5, name: "cpu" },
    { kind: "tag", time: STARTED + 1, name: "half" },
    { kind: "phase_end", time: STARTED + 3.5, name: "cpu" },
    { kind: "tag", time: STARTED + 3.75, name: "mem v" },
  ]);
});

Deno.test("parseHeflwrLog() places lines an interval apart after each start, and takes no first percent for true", () => {
  const run = parseHeflwrLog(foreignFile("heflwr.log"));
  const first = new Date(2026, 10, 20, 9, 40, 58).getTime() / 1000;
  const second = new Date(2026, 10, 20, 10, 0, 0).getTime() / 1000;
  assert.deepEqual(run.ticks.map(({ time }) => time), [
    ...[0, 5, 10, 15].map((seconds) => first + seconds),
    ...[0, 5].map((seconds) => second + seconds),
  ]);
  assert.match(run.assumed ?? "", /^5 s apart, because the file tells none/);
  assert.deepEqual(column(run, "memory_percent"), [null, 0.10837747511596131, 0.25, 0.25, null, 0.5]);
  assert.deepEqual(column(run, 'network_receive_bytes_total{interface="all"}'), [0, 272, 272, 300, 0, 0]);
  assert.deepEqual(column(run, 'power_watts{device="module",rail="VDD_IN",scope="module"}').slice(1, 4), [
    null,
    5.024,
    6.024,
  ]);
  const [, one, two, three] = column(run, "cpu_seconds_total");
  assert.deepEqual([one, two, three].map((seconds) => seconds?.toFixed(6)), ["0.000000", "4.995000", "7.500000"]);
});

Deno.test("parseHeflwrLog() places lines closer where the next start leaves no room, and as told", () => {
  const text = "2026-11-20 09:00:00\nCPU Usage: 0.0%, \nCPU Usage: 1.0%, \n2026-11-20 09:00:06\nCPU Usage: 0.0%, \n";
  const spans = (interval?: number): number[] => {
    const times = parseHeflwrLog(text, interval).ticks.map(({ time }) => time);
    return times.map((time) => time - (times[0] ?? 0));
  };
  assert.deepEqual(spans(), [0, 2, 4, 6, 11]);
  assert.deepEqual(spans(1.5), [0, 1.5, 3, 6, 7.5]);
});

Deno.test("parseHeflwrLog() says what is not known between starts, beside the lines that were left out", () => {
  const start = "2026-11-20 09:00:00\n";
  const run = parseHeflwrLog(`${start}2026-11-20 10:00:00\nCPU Usage: 1.0%, \nx\n2026-11-20 11:00:00\n`);
  const { unavailable } = summaryOf(run);
  assert.deepEqual(unavailable, [{
    collector: "imported file",
    state: "lost",
    reason: "it was started 3 times, 2 of them without a sample; what was used in between is not known; " +
      '1 line was left out; the first is line 4: "x"',
  }]);
  assert.deepEqual(parseHeflwrLog(`${start}CPU Usage: 1.0%, \n`).notes, []);
});

Deno.test("parseHeflwrLog() reads what the logger printed at its own times", () => {
  const run = parseHeflwrLog(foreignFile("heflwr_logger.log"));
  const first = new Date(2026, 10, 20, 9, 40, 53, 816).getTime() / 1000;
  assert.deepEqual(run.ticks.map(({ time }) => time), [first, first + 2]);
  assert.equal(run.assumed, undefined);
  assert.deepEqual(column(run, "cpu_seconds_total").map((seconds) => seconds?.toFixed(6)), ["0.000000", "1.510000"]);
});

Deno.test("parsePymlUsage() makes a run of each machine, and counts once who is told twice", () => {
  const [first, second, ...others] = parsePymlUsage(foreignFile("usage.json"));
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual([first.name, second.name, others.length], ["10.0.0.1", "10.0.0.2", 0]);
  assert.deepEqual(first.command, ["python", "train.py"]);
  // Process 101 tells of itself at 2 s, so that what its parent tells of it does not count.
  assert.deepEqual(first.ticks.map(({ time, processes }) => [time - STARTED, processes]), [
    [0, [[1, 0, 100 * MIB, null]]],
    [1, [[1, 1, 100 * MIB, 254 * MIB]]],
    [2, [[2, 0, 70 * MIB, null]]],
    [3, [[1, 2, 100 * MIB, 254 * MIB]]],
    [4, [[1, 2.5, 110 * MIB, null]]],
  ]);
  assert.deepEqual(column(first, "memory_rss_bytes"), [100, 100, 170, 100, 110].map((mib) => mib * MIB));
  assert.deepEqual(column(first, "processes"), [1, 1, 2, 1, 1]);
  const { processes } = summaryOf(first);
  assert.deepEqual(
    processes.rows.map(({ pid, parent, name, started, ended }) => ({ pid, parent, name, started, ended })),
    [
      { pid: 100, parent: undefined, name: "python", started: -10, ended: undefined },
      { pid: 101, parent: 1, name: "sh", started: 0.5, ended: 2 },
    ],
  );
  const checkpoints = first.events.filter(({ kind }) => kind === "checkpoint");
  assert.deepEqual(checkpoints.map(({ names, time }) => [names, time]), [[["step", "1"], STARTED + 1.5]]);
});

Deno.test("openRun() says what is wrong with a file, and where", () =>
  withTemporaryFolder(async (folder) => {
    const path = `${folder}/file`;
    const says = async (text: string, message: string): Promise<void> => {
      await Deno.writeTextFile(path, text);
      assert.throws(() => openRun(path), { message: `Cannot read ${path} ${message}` });
    };
    const header = "time,cpu,memory,read_bytes,read_chars,write_bytes,write_chars\n";
    await says(header, "as reseng's CSV: it has no row of numbers: its process was too short to be seen");
    await says(
      '{"tags":[],"data":',
      `as reseng's dump: Cannot parse the dump: "{\\"tags\\":[],\\"data\\":" is no JSON`,
    );
    await says(
      '{"tags":[],"data":null}',
      "as reseng's dump: it has no data: the monitor was dumped before it was stopped",
    );
    await says('{"data":"time,cpu\\n1,2\\n"}', "as reseng's dump: its first line has no column memory");
    await says("2026-11-20 09:40:58\nsomething else\n", "as heflwr's log: it has no line of numbers");
    await says(
      '{"usage":{},"process":{}}',
      "as pyml's usage.json: it has no records: nothing is in it without a checkpoint",
    );
    assert.throws(() => openRun(foreignPath("usage.json")), {
      message: /it holds 2 machines; resmon report lays them/,
    });
  }));

Deno.test("resmon export gives back reseng's and heflwr's files as they were", async () => {
  const reseng = await resmon(["export", foreignPath("reseng.csv"), "--format", "reseng-csv"]);
  const rows = (text: string): unknown[] =>
    text.trim().split("\n").slice(1).map((row) => row.split(",").map((cell) => cell === "" ? null : parseFloat(cell)));
  const [, ...expected] = rows(foreignFile("reseng.csv"));
  assert.deepEqual(rows(reseng.stdout).slice(1), expected);
  const heflwr = await resmon(["export", foreignPath("heflwr.log"), "--format", "heflwr"]);
  const lines = foreignFile("heflwr.log").replace("CPU Usage: 0.0%, ", "").split("\n").slice(0, 4);
  assert.deepEqual(heflwr.stdout.split("\n").slice(0, 4), lines);
});

Deno.test("resmon report and summary take files of other systems, several machines laid over each other", () =>
  withTemporaryFolder(async (folder) => {
    const { code, stderr } = await resmon(["report", foreignPath("usage.json"), "-o", `${folder}/r.html`]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: `resmon: wrote ${folder}/r.html\n` });
    const page = await Deno.readTextFile(`${folder}/r.html`);
    assert.ok(page.includes("10.0.0.1") && page.includes("10.0.0.2"));
    const summary = await resmon(["summary", foreignPath("heflwr.log"), "--json", "--interval", "2s"]);
    const { run }: Summary = JSON.parse(summary.stdout);
    assert.deepEqual([run.interval_seconds, run.attributes["imported_from"]], [2, "heflwr"]);
    const seven = JSON.parse((await resmon(["summary", foreignPath("heflwr.log"), "--compat", "heflwr"])).stdout);
    assert.deepEqual([seven.total_network_bytes_sent, seven.total_power_vdd_in], [300, 27_620]);
  }));
