import assert from "node:assert/strict";
import { LiveSink } from "../sinks/live.ts";
import { cutToColumns, type LiveState, renderLiveLine } from "../sinks/live_line.ts";

const NOTHING: LiveState = { elapsed: 61.5, phases: [], progresses: [] };

Deno.test("renderLiveLine() tells only what is known", () => {
  assert.equal(renderLiveLine(NOTHING, 80), "1 min 01 s");
});

Deno.test("renderLiveLine() tells time, CPU, memory, GPU, phases and progress with the time to go", () => {
  const progresses = [
    { name: "images", completed: 250, total: 1000, rate: 10 },
    { name: "", completed: 3 },
    { name: "pages", completed: 1, total: 10_000_000, rate: 0.5 },
  ];
  const state = {
    ...NOTHING,
    cpuPercent: 320,
    memoryBytes: 2 ** 30,
    gpuPercent: 87,
    phases: ["train", "epoch"],
    progresses,
  };
  assert.equal(
    renderLiveLine(state, 200),
    "1 min 01 s | CPU 320 % | 1 GiB | GPU 87 % | train > epoch | images 25 % 10/s 1 min 15 s left | 3 | pages < 0.1 % 0.5/s 231 d 12 h left",
  );
});

Deno.test("renderLiveLine() shows what steers a terminal as text, and stays within the width", () => {
  const line = renderLiveLine({ ...NOTHING, phases: ["\x1b[2J".repeat(50), "日本語".repeat(20)] }, 40);
  assert.ok(!line.includes("\x1b"), line);
  assert.ok(line.endsWith("…") && line.length < 40, line);
});

Deno.test("cutToColumns() counts wide characters twice and marks above letters not at all", () => {
  assert.equal(cutToColumns("日本語", 6), "日本語");
  assert.equal(cutToColumns("日本語", 5), "日本…");
  assert.equal(cutToColumns("e\u0301e\u0301", 2), "e\u0301e\u0301");
  assert.equal(cutToColumns("abc", 0), "");
});

Deno.test("LiveSink.state() keeps open phases and running progresses with their rate", () => {
  const sink = new LiveSink();
  sink.event({ kind: "phase_start", name: "train", span: "1", time: 0, elapsed: 0 });
  sink.event({ kind: "phase_start", name: "epoch", time: 0, elapsed: 0 });
  sink.event({ kind: "phase_start", name: "batch", time: 0, elapsed: 0 });
  sink.event({ kind: "phase_end", name: "epoch", time: 0, elapsed: 1 });
  sink.event({ kind: "phase_start", name: "of another process", pid: 7, span: "2", time: 0, elapsed: 0 });
  sink.event({ kind: "process_exit", pid: 7, id: 3, time: 0, elapsed: 1 });
  sink.event({ kind: "progress", span: "a", name: "items", completed: 0, total: 100, time: 0, elapsed: 1 });
  sink.event({ kind: "progress", span: "b", name: "gone", completed: 0, time: 0, elapsed: 1 });
  sink.event({ kind: "progress", span: "a", name: "items", completed: 30, total: 100, time: 0, elapsed: 4 });
  sink.event({ kind: "progress", span: "b", name: "gone", completed: 9, state: "done", time: 0, elapsed: 4 });
  const { phases, progresses } = sink.state(5);
  assert.deepEqual(phases, ["train", "batch"]);
  assert.deepEqual(progresses.map(({ name, completed, total, rate }) => [name, completed, total, rate]), [
    ["items", 30, 100, 10],
  ]);
});
