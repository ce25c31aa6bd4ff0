/** The log reader, and everything behind it, on damaged logs. */

import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import fc from "fast-check";
import type { FrameSink } from "../../lib/contracts.ts";
import type { Frame } from "../../lib/frame.ts";
import { logSource, readRecords } from "../../lib/log_reader.ts";
import { describeMetric, isMetricName } from "../../lib/metrics.ts";
import { Pipeline } from "../../lib/pipeline.ts";
import { toRecord } from "../../lib/record_guards.ts";
import type { ResmonRecord } from "../../lib/records.ts";
import { replay } from "../../lib/replay.ts";
import { CsvSink } from "../../sinks/csv.ts";
import { loadAssets } from "../../sinks/html_assets.ts";
import { writeReport } from "../../sinks/report_file.ts";
import { renderOneLine, renderTerminalSummary } from "../../sinks/terminal_summary.ts";
import { sampleColumns, sampleEvent, sampleRun, sampleStatus, sampleTick } from "../sample_records.ts";
import { listFolder, withTemporaryFolder } from "../temporary.ts";
import { type Change, damage, damages, JSON_WORDS, shares } from "./mutations.ts";
import type { Target } from "./target.ts";

/** A damaged log, and what of it is as it was. */
interface DamagedLog {
  readonly bytes: Uint8Array;
  readonly intact: readonly string[];
}

interface LineDamage {
  /** Which line, as a share of all but the first. */
  readonly line: number;
  readonly changes: readonly Change[];
}

const LINES: readonly string[] = wholeRun().map((record) => JSON.stringify(record));
const NEWLINE = 10;
const BLANK = 32;

/** A run with every kind of record. */
function wholeRun(): ResmonRecord[] {
  const cpu = ["user", "idle"].flatMap((mode) =>
    [0, 1].map((cpu) => `system_cpu_seconds_total{cpu="${cpu}",mode="${mode}"}`)
  );
  return [
    ...sampleRun(4).slice(0, -1),
    sampleColumns({ collector: "cpu", series: cpu }),
    sampleTick(5, { values: { cpu: [1, 2, 3, 4], process: [5, 2 ** 30] }, at: { cpu: 4.9 }, processes: [[0, 1, 2]] }),
    sampleEvent("stop", 5.1, { attributes: { signal: "SIGTSTP" } }),
    sampleEvent("process_start", 5.2, {
      pid: 9,
      id: 2,
      parent: 1,
      attributes: { name: "sh", started: -3, command: ["sh"] },
    }),
    sampleTick(6, { values: { cpu: [2, 3, 4, 5], process: [6, 2 ** 30] }, at: { cpu: 5.9 }, processes: [[2, 1, 2]] }),
    sampleStatus({ collector: "sink:csv", state: "lost", reason: "Cannot write samples.csv: no space left on device" }),
    ...sampleRun(7).slice(-1),
  ].map((record, at) => ({ ...record, seq: at + 1 }));
}

/** Damages of some lines of a log but the first, each within its line. */
function lineDamages(): fc.Arbitrary<LineDamage[]> {
  const line: fc.Arbitrary<LineDamage> = fc.record({ line: shares(), changes: damages(JSON_WORDS) });
  return fc.array(line, { minLength: 1, maxLength: 5 });
}

function damageLog(damaged: readonly LineDamage[]): DamagedLog {
  const lines = LINES.map((line) => Buffer.from(line));
  const touched = new Set<number>();
  for (const { line, changes } of damaged) {
    const at = 1 + Math.floor(line * (lines.length - 1));
    touched.add(at);
    lines[at] = Buffer.from(
      damage(lines[at] ?? new Uint8Array(), changes).map((byte) => byte === NEWLINE ? BLANK : byte),
    );
  }
  const bytes = Buffer.concat(lines.flatMap((line) => [line, Uint8Array.of(NEWLINE)]));
  return { bytes, intact: LINES.filter((_, at) => !touched.has(at)) };
}

function read(bytes: Uint8Array, chunkBytes: number): { records: ResmonRecord[]; damage: number } {
  const chunks = Array.from(
    { length: Math.ceil(bytes.length / chunkBytes) },
    (_, chunk) => bytes.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes),
  );
  let damage = 0;
  const records = [...readRecords(chunks, { name: "log.jsonl", onDamage: () => damage++ })];
  return { records, damage };
}

function guardProperty(): fc.IProperty<unknown> {
  const inputs = fc.record({ line: fc.constantFrom(...LINES), changes: damages(JSON_WORDS) });
  const decoder = new TextDecoder();
  return fc.property(inputs, ({ line, changes }) => {
    try {
      toRecord(JSON.parse(decoder.decode(damage(Buffer.from(line), changes))));
    } catch (error) {
      assert.ok(error instanceof SyntaxError, String(error));
    }
  });
}

function readerProperty(): fc.IProperty<unknown> {
  return fc.property(lineDamages(), fc.integer({ min: 50, max: 20_000 }), (damaged, chunkBytes) => {
    const { bytes, intact } = damageLog(damaged);
    const { records, damage } = read(bytes, chunkBytes);
    const found = records.map((record) => JSON.stringify(record));
    let at = 0;
    for (const line of intact) at = found.indexOf(line, at) + 1 || assert.fail(`a whole line was lost: ${line}`);
    assert.ok(records.length + damage <= LINES.length);
  });
}

function cutProperty(): fc.IProperty<unknown> {
  const whole = Buffer.from(LINES.map((line) => `${line}\n`).join(""));
  const first = whole.indexOf(NEWLINE) + 1;
  return fc.property(fc.integer({ min: first, max: whole.length }), (length) => {
    const { records, damage } = read(whole.subarray(0, length), 1000);
    const lines = whole.subarray(0, length).filter((byte) => byte === NEWLINE).length;
    assert.deepEqual(records.map((record) => JSON.stringify(record)), LINES.slice(0, lines));
    assert.equal(damage, 0);
  });
}

function pipelineProperty(): fc.IProperty<unknown> {
  const order = fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 3 });
  return fc.property(lineDamages(), order, (damaged, swaps) => {
    const { records } = read(damageLog(damaged).bytes, 4096);
    for (const [a, b] of swaps) swap(records, 1 + a, 1 + b);
    const pipeline = new Pipeline({ frameSinks: [new Checker()] });
    for (const record of records) pipeline.accept(record);
    const summary = pipeline.end();
    assert.deepEqual(summary.incomplete.filter(({ output }) => output === "checker"), []);
    assertFinite(summary);
    const paths = { folder: "run" };
    assert.ok(renderOneLine(summary, paths).startsWith("resmon: "));
    renderTerminalSummary(summary, { columns: 80, color: false, unicode: true, paths });
  });
}

function outputsProperty(): fc.IRawProperty<unknown> {
  const assets = loadAssets();
  return fc.asyncProperty(lineDamages(), (damaged) =>
    withTemporaryFolder(async (folder) => {
      const log = `${folder}/log.jsonl`;
      await Deno.writeFile(log, damageLog(damaged).bytes);
      const csv = new CsvSink(folder, { onFailure: assert.fail });
      const summary = await replay(log, new Pipeline({ frameSinks: [csv] }));
      await writeReport(`${folder}/report.html`, [{
        summary,
        feed: (history) => history.read(logSource(log)),
      }], await assets);
      assert.deepEqual(listFolder(folder), ["log.jsonl", "processes.csv", "report.html", "samples.csv"]);
    }));
}

function swap(records: ResmonRecord[], a: number, b: number): void {
  const [first, second] = [records[a], records[b]];
  if (first === undefined || second === undefined) return;
  [records[a], records[b]] = [second, first];
}

/** Fails, which the summary then tells, on a sample that cannot be. */
class Checker implements FrameSink {
  readonly name = "checker";

  frame({ samples, processes }: Frame): void {
    for (const [series, value] of samples) assertSample(series, value);
    for (const { values } of processes) for (const [series, value] of values) assertSample(series, value);
  }

  event(): void {}
  status(): void {}
  end(): void {}
  close(): void {}
}

function assertSample(series: string, value: number): void {
  assert.ok(Number.isFinite(value), `${series} is ${value}`);
  const name = series.replace(/\{.*/s, "");
  const isRate = isMetricName(name) && describeMetric(name).rateOf !== undefined;
  assert.ok(!isRate || value >= 0, `${series} is ${value}`);
}

/** Asserts that JSON can hold every number. */
function assertFinite(value: unknown, path = "summary"): void {
  if (typeof value === "number") assert.ok(Number.isFinite(value), `${path} is ${value}`);
  if (typeof value !== "object" || value === null) return;
  for (const [name, each] of Object.entries(value)) assertFinite(each, `${path}.${name}`);
}

/** The reader of logs and what follows it, as targets. */
export function logTargets(): Target[] {
  return [
    { name: "toRecord()", property: guardProperty },
    { name: "readRecords() of a damaged log", property: readerProperty },
    { name: "readRecords() of a log that was cut off", property: cutProperty },
    { name: "Pipeline of a damaged log", property: pipelineProperty },
    { name: "report.html and CSV of a damaged log", property: outputsProperty },
  ];
}
