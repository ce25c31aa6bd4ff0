/** A machine that changes under the recorder: its clock is set, a CPU goes away and comes back. Every output stays right. */

import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import { CpuCollector } from "../collectors/cpu_linux.ts";
import { MemoryCollector } from "../collectors/memory_linux.ts";
import type { ArchiveRoot } from "../lib/archive_root.ts";
import { Pipeline } from "../lib/pipeline.ts";
import { Recorder } from "../lib/recorder.ts";
import { replay } from "../lib/replay.ts";
import type { Summary } from "../lib/summary.ts";
import { openOutputs } from "../sinks/mod.ts";
import { FakeClock } from "./fake_clock.ts";
import { laptop, recorderEnvironmentOf } from "./fixture_machine.ts";
import { sampleSession } from "./sample_records.ts";
import { withTemporaryFolder } from "./temporary.ts";

/** A clock whose wall time can be set, as an administrator or a time server does. */
class SettableClock extends FakeClock {
  #offset = 0;

  override wall(): number {
    return super.wall() + this.#offset;
  }

  set(seconds: number): void {
    this.#offset += seconds;
  }
}

/** What happens to the machine or its clock before the tick of a second. */
type Happening = (second: number, machine: { readonly root: ArchiveRoot; readonly clock: SettableClock }) => void;

interface Outcome {
  readonly summary: Summary;
  readonly rows: readonly Readonly<Record<string, string>>[];
  readonly log: string;
}

const SECONDS = 8;

/** Each of the CPUs is busy for half of each second. */
function writeStat(root: ArchiveRoot, second: number, cpus: readonly number[]): void {
  const lines = cpus.map((cpu) => `cpu${cpu} ${1000 * cpu + 50 * second} 0 0 ${9000 + 50 * second} 0 0 0 0 0 0\n`);
  root.write("/proc/stat", `cpu 1 1 1 1\n${lines.join("")}ctxt ${second * 100}\nprocesses ${second}\n`);
}

/** Records a machine of two CPUs for some seconds, one tick a second. */
async function recordMachine(folder: string, happen: Happening): Promise<Outcome> {
  const [root, clock] = [laptop(), new SettableClock()];
  const onFailure = (_: string, reason: string): void => assert.fail(reason);
  const sinks = await openOutputs(["log", "csv", "summary"], { folder, force: false, onFailure });
  const pipeline = new Pipeline(sinks);
  const recorder = new Recorder({
    collectors: [new CpuCollector(), new MemoryCollector()],
    required: [],
    environment: recorderEnvironmentOf(root),
    clock,
    write: (record) => pipeline.write(record),
    warn: (message) => assert.fail(message),
  });
  writeStat(root, 0, [0, 1]);
  pipeline.write({ ...sampleSession(), started: clock.wall() });
  await recorder.open();
  recorder.watch({ pid: 1 }, clock.now());
  recorder.tick();
  recorder.stop();
  for (let second = 1; second <= SECONDS; second++) {
    clock.advance(1);
    writeStat(root, second, [0, 1]);
    happen(second, { root, clock });
    recorder.tick();
  }
  pipeline.write({ type: "end", time: clock.wall(), elapsed: recorder.elapsed, exit_code: 0, exact: { sources: {} } });
  recorder.close();
  const summary = pipeline.end();
  await pipeline.close(5);
  await assertReplaysAlike(folder, summary);
  const rows = parse<Record<string, string>>(await Deno.readTextFile(`${folder}/samples.csv`), { columns: true });
  return { summary, rows, log: await Deno.readTextFile(`${folder}/log.jsonl`) };
}

async function assertReplaysAlike(folder: string, summary: Summary): Promise<void> {
  assert.deepEqual(await replay(`${folder}/log.jsonl`, new Pipeline({})), summary);
}

function withoutTime(rows: Outcome["rows"]): Readonly<Record<string, string>>[] {
  return rows.map(({ time: _, ...row }) => row);
}

Deno.test("A wall clock that is set back and forth changes no rate, no duration and no total", () =>
  withTemporaryFolder(async (folder) => {
    await Deno.mkdir(`${folder}/straight`);
    await Deno.mkdir(`${folder}/set`);
    const straight = await recordMachine(`${folder}/straight`, () => {});
    const set = await recordMachine(`${folder}/set`, (second, { clock }) => {
      if (second === 3) clock.set(-7200);
      if (second === 6) clock.set(86_400 * 400);
    });
    assert.deepEqual(set.summary, straight.summary);
    assert.equal(set.summary.run.wall_seconds, SECONDS);
    assert.equal(set.summary.metrics["system_cpu_percent"]?.mean, 100);
    assert.deepEqual(withoutTime(set.rows), withoutTime(straight.rows));
    const times = set.rows.map(({ time }) => Date.parse(time ?? ""));
    assert.deepEqual(times.slice(1).map((time, tick) => Math.round((time - (times[tick] ?? NaN)) / 1000)), [
      ...[1, 1, -7199, 1, 1, 34_560_001, 1, 1],
    ]);
  }));

Deno.test("A CPU that goes away and comes back leaves gaps of its own, and every row of samples.csv its columns", () =>
  withTemporaryFolder(async (folder) => {
    const { summary, rows, log } = await recordMachine(folder, (second, { root }) => {
      if (second >= 3 && second <= 5) writeStat(root, second, [0]);
    });
    const user = 'system_cpu_seconds_total{cpu="1",mode="user"}';
    assert.deepEqual(rows.map((row) => row["system_cpu_seconds_total_1_user"]), [
      ...["10", "10.5", "11", "", "", "", "13", "13.5", "14"],
    ]);
    // Half of each CPU that two readings in a row tell of.
    const percent = ["", "100", "100", "50", "50", "50", "50", "100", "100"];
    assert.deepEqual(rows.map((row) => row["system_cpu_percent"]), percent);
    assert.equal(summary.metrics[user]?.total, 4);
    assert.equal(summary.metrics[user]?.count, 6);
    const columns = log.split("\n").filter((line) => line.startsWith('{"type":"columns"') && line.includes('"cpu"'));
    assert.deepEqual(columns.map((line) => line.includes('cpu=\\"1\\"')), [true, false, true]);
  }));
