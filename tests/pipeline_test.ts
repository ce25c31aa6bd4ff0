import assert from "node:assert/strict";
import type { FrameSink, RecordSink } from "../lib/contracts.ts";
import { Pipeline } from "../lib/pipeline.ts";
import type { ResmonRecord, Unnumbered } from "../lib/records.ts";
import { replay } from "../lib/replay.ts";
import { CsvSink } from "../sinks/csv.ts";
import { JsonlSink } from "../sinks/jsonl.ts";
import { formatSummary, SummaryJsonSink } from "../sinks/summary_json.ts";
import { formatLog, sampleEvent, sampleRun, sampleSession, sampleTick } from "./sample_records.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";

function unnumbered(record: ResmonRecord): Unnumbered<ResmonRecord> {
  const { seq: _, ...content } = record;
  return content as Unnumbered<ResmonRecord>;
}

/** A record sink that keeps what it is given. */
function memorySink(): RecordSink & { readonly records: ResmonRecord[] } {
  const records: ResmonRecord[] = [];
  return { name: "memory", records, write: (record) => void records.push(record), close: () => {} };
}

/** A frame sink that writes down its calls. */
function callSink(parts: Partial<FrameSink> = {}): FrameSink & { readonly calls: string[] } {
  const calls: string[] = [];
  return {
    name: "calls",
    calls,
    record: ({ type }) => void calls.push(`record ${type}`),
    frame: ({ elapsed }) => void calls.push(`frame ${elapsed}`),
    event: ({ kind }) => void calls.push(`event ${kind}`),
    status: ({ state }) => void calls.push(`status ${state}`),
    end: ({ run }) => void calls.push(`end ${run.wall_seconds}`),
    close: (deadline) => void calls.push(`close ${deadline}`),
    ...parts,
  };
}

/** The three files of a run, by name, as a pipeline with all file sinks writes them. */
async function writeRun(folder: string, feed: (pipeline: Pipeline) => Promise<void> | void): Promise<void> {
  await Deno.mkdir(folder);
  const pipeline: Pipeline = new Pipeline({
    recordSinks: [new JsonlSink(`${folder}/log.jsonl`, { onFailure: assert.fail })],
    frameSinks: [new CsvSink(folder, { onFailure: assert.fail }), new SummaryJsonSink(`${folder}/summary.json`)],
  });
  await feed(pipeline);
}

Deno.test("Pipeline tells all phases that end together, some at a time", () => {
  const told: number[] = [];
  const sink = callSink({ phases: (phases) => void told.push(phases.length) });
  const pipeline = new Pipeline({ frameSinks: [sink] });
  const [session, columns, tick = sampleTick(0)] = sampleRun(1);
  for (const record of [session, columns, tick]) if (record !== undefined) pipeline.accept(record);
  for (let at = 0; at < 2500; at++) {
    pipeline.accept(sampleEvent("phase_start", 1 + at / 2500, { name: "a" }));
    pipeline.accept(sampleEvent("phase_end", 1 + at / 2500, { name: "a" }));
  }
  pipeline.end();
  assert.equal(told.reduce((sum, count) => sum + count, 0), 2500);
  assert.ok(told.every((count) => count <= 1000), `${told}`);
});

Deno.test("Pipeline numbers records and gives them to every sink in order", async () => {
  const memory = memorySink();
  const calls = callSink();
  const pipeline = new Pipeline({ recordSinks: [memory], frameSinks: [calls] });
  pipeline.write(unnumbered(sampleSession()));
  pipeline.write(unnumbered(sampleEvent("signal", 0)));
  pipeline.write(unnumbered(sampleTick(0)));
  pipeline.end();
  await pipeline.close(5);
  assert.deepEqual(memory.records.map(({ seq, type }) => `${seq} ${type}`), ["1 session", "2 event", "3 tick"]);
  assert.equal(JSON.stringify(memory.records[2])?.slice(0, 24), '{"type":"tick","seq":3,"');
  assert.deepEqual(calls.calls, [
    "record session",
    "record event",
    "event signal",
    "record tick",
    "frame 0",
    "end 0",
    "close 5",
  ]);
});

Deno.test("Pipeline drops a frame sink that throws, records that once and goes on", async () => {
  const memory = memorySink();
  const after = callSink();
  const broken = callSink({
    name: "broken",
    frame: () => {
      throw new Error("out of ideas");
    },
  });
  const pipeline = new Pipeline({ recordSinks: [memory], frameSinks: [broken, after] });
  for (const record of [sampleSession(), sampleTick(0), sampleTick(1)]) pipeline.write(unnumbered(record));
  const summary = pipeline.end();
  await pipeline.close(5);
  assert.deepEqual(memory.records.map(({ type }) => type), ["session", "tick", "status", "tick"]);
  assert.deepEqual(memory.records.map(({ seq }) => seq), [1, 2, 3, 4]);
  assert.deepEqual(summary.incomplete, [{ output: "broken", reason: "out of ideas" }]);
  assert.deepEqual(broken.calls, ["record session", "record tick", "close 5"]);
  assert.deepEqual(after.calls.filter((call) => call.startsWith("frame")), ["frame 0", "frame 1"]);
});

Deno.test("Pipeline records what a sink tells by onFailure after the record that it failed on", () => {
  const memory = memorySink();
  const failing: RecordSink = {
    name: "log",
    write: ({ type }) => type === "tick" ? pipeline.fail("log", "Cannot write log.jsonl: disk full") : undefined,
    close: () => {},
  };
  const pipeline: Pipeline = new Pipeline({ recordSinks: [failing, memory] });
  pipeline.write(unnumbered(sampleSession()));
  pipeline.write(unnumbered(sampleTick(0)));
  assert.deepEqual(memory.records.map(({ seq, type }) => `${seq} ${type}`), ["1 session", "2 tick", "3 status"]);
  assert.deepEqual(pipeline.end().incomplete, [{ output: "log", reason: "Cannot write log.jsonl: disk full" }]);
});

Deno.test("Pipeline closes every sink, the log last, and records those that fail to", async () => {
  const memory = memorySink();
  const broken = callSink({ name: "broken", close: () => Promise.reject(new Error("no way out")) });
  const pipeline = new Pipeline({ recordSinks: [memory], frameSinks: [broken, callSink()] });
  pipeline.write(unnumbered(sampleSession()));
  await pipeline.close(5);
  const last = memory.records.at(-1);
  assert.deepEqual(last, {
    type: "status",
    seq: 2,
    collector: "sink:broken",
    state: "lost",
    reason: "no way out",
  });
});

Deno.test("replay() gives byte for byte the outputs of the live run", async () => {
  await withTemporaryFolder(async (folder) => {
    await writeRun(`${folder}/live`, async (pipeline) => {
      for (const record of sampleRun(20)) pipeline.write(unnumbered(record));
      pipeline.end();
      await pipeline.close(5);
    });
    await writeRun(`${folder}/again`, async (pipeline) => void await replay(`${folder}/live/log.jsonl`, pipeline));
    for (const file of ["log.jsonl", "samples.csv", "processes.csv", "summary.json"]) {
      const [live, again] = ["live", "again"].map((run) => Deno.readTextFileSync(`${folder}/${run}/${file}`));
      assert.equal(again, live, file);
      assert.ok((live?.length ?? 0) > 100, file);
    }
  });
});

Deno.test("replay() says in the summary how many lines were damaged", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = `${folder}/log.jsonl`;
    await Deno.writeTextFile(path, formatLog(sampleRun(3)).replaceAll('"type":"event"', '"type":4'));
    const { incomplete } = await replay(path, new Pipeline({}));
    assert.deepEqual(incomplete, [
      { output: "log", reason: "2 damaged lines were left out; the first is line 6: it is not a record" },
    ]);
  });
});

Deno.test("replay() passes on why a file is no log", async () => {
  await assert.rejects(replay("/nonexistent/log.jsonl", new Pipeline({})), {
    message: "Cannot read /nonexistent/log.jsonl: there is no such file",
  });
});

Deno.test("SummaryJsonSink writes the whole summary and leaves nothing else behind", async () => {
  await withTemporaryFolder(async (folder) => {
    const path = `${folder}/summary.json`;
    const pipeline = new Pipeline({ frameSinks: [new SummaryJsonSink(path)] });
    assert.deepEqual(listFolder(folder), []);
    for (const record of sampleRun(3)) pipeline.accept(record);
    const summary = pipeline.end();
    assert.equal(await Deno.readTextFile(path), formatSummary(summary));
    assert.deepEqual(listFolder(folder), ["summary.json"]);
    assert.throws(() => new SummaryJsonSink(path), /it exists already/);
    assert.doesNotThrow(() => new SummaryJsonSink(path, { force: true }));
    assert.throws(() => new SummaryJsonSink(`${folder}/none/summary.json`), /no such file or directory/);
  });
});
