import assert from "node:assert/strict";
import fc from "fast-check";
import { Derive, frameSeries } from "../lib/derive.ts";
import type { Frame } from "../lib/frame.ts";
import type { ProcessRow, ResmonRecord, TickRecord } from "../lib/records.ts";

const CPU = ["cpu_seconds_total", "memory_rss_bytes"];

function columns(collector: string, series: readonly string[], processes?: readonly string[]): ResmonRecord {
  return { type: "columns", seq: 1, collector, series, ...(processes === undefined ? {} : { processes }) };
}

function tick(elapsed: number, values: TickRecord["values"], rest: Partial<TickRecord> = {}): TickRecord {
  return { type: "tick", seq: 2, time: 1.8e9 + elapsed, elapsed, values, ...rest };
}

function start(id: number, pid: number, name: string): ResmonRecord {
  return { type: "event", seq: 3, kind: "process_start", time: 0, elapsed: 0, id, pid, attributes: { name } };
}

/** The frames of a stream of records. */
function framesOf(records: readonly ResmonRecord[]): Frame[] {
  const derive = new Derive();
  return records.map((record) => derive.accept(record)).filter((frame) => frame !== undefined);
}

function lastOf(records: readonly ResmonRecord[]): Frame {
  const frame = framesOf(records).at(-1);
  assert.ok(frame !== undefined);
  return frame;
}

function valuesOf(frame: Frame, process = 0): Record<string, number> {
  return Object.fromEntries(frame.processes[process]?.values ?? []);
}

Deno.test("Derive names every value and takes rates from real elapsed time", () => {
  const records = [columns("process", CPU), tick(0, { process: [0, 100] }), tick(0.8, { process: [1.2, 200] })];
  const [first, second] = framesOf(records);
  assert.deepEqual([...first?.samples ?? []], [["cpu_seconds_total", 0], ["memory_rss_bytes", 100]]);
  assert.deepEqual([...second?.samples ?? []], [
    ["cpu_seconds_total", 1.2],
    ["memory_rss_bytes", 200],
    ["cpu_percent", 1.2 / 0.8 * 100],
  ]);
  assert.equal(second?.time, 1.8e9 + 0.8);
});

Deno.test("Derive uses the time of a collector's own reading", () => {
  const records = [
    columns("process", CPU),
    tick(1, { process: [0, 1] }, { at: { process: 0.5 } }),
    tick(2, { process: [1, 1] }, { at: { process: 2.5 } }),
  ];
  assert.equal(lastOf(records).samples.get("cpu_percent"), 50);
});

Deno.test("Derive takes a rate over gaps and lost ticks from the last known reading, and says over how long", () => {
  const records = [
    columns("process", CPU),
    tick(0, { process: [0, 1] }),
    tick(1, { process: [null, 1] }),
    tick(2, {}),
    tick(4, { process: [2, 1] }),
  ];
  const frames = framesOf(records);
  assert.deepEqual(frames.map((frame) => frame.samples.get("cpu_percent")), [undefined, undefined, undefined, 50]);
  assert.equal(frames.at(-1)?.spans?.get("cpu_percent"), 4);
});

Deno.test("Derive gives no rate for a counter that steps back, and a new base", () => {
  const records = [10, 4, 6].map((value, at) => tick(at, { process: [value] }));
  const frames = framesOf([columns("process", ["cpu_seconds_total"]), ...records]);
  assert.deepEqual(frames.map((frame) => frame.samples.get("cpu_percent")), [undefined, undefined, 200]);
});

Deno.test("Derive takes no rate from a reading that is told twice", () => {
  const told = [0, 1, 1, 3].map((at, index) => tick(index, { process: [at] }, { at: { process: at } }));
  const frames = framesOf([columns("process", ["cpu_seconds_total"]), ...told]);
  assert.deepEqual(frames.map((frame) => frame.samples.get("cpu_percent")), [undefined, 100, undefined, 100]);
});

const CORES = ["0", "1"].flatMap((cpu) =>
  ["user", "idle"].map((mode) => `system_cpu_seconds_total{cpu="${cpu}",mode="${mode}"}`)
);

Deno.test("Derive adds up components without those that the vocabulary leaves out", () => {
  const frame = lastOf([columns("cpu", CORES), tick(0, { cpu: [0, 0, 0, 0] }), tick(2, { cpu: [2, 0, 0.5, 1.5] })]);
  assert.deepEqual(Object.fromEntries([...frame.samples].slice(4)), {
    system_cpu_percent: 125,
    'system_cpu_core_percent{cpu="0"}': 100,
    'system_cpu_core_percent{cpu="1"}': 25,
    'system_cpu_mode_percent{mode="user"}': 125,
    'system_cpu_mode_percent{mode="idle"}': 75,
  });
});

Deno.test("Derive goes on with what is left when a CPU goes away", () => {
  const records = [
    columns("cpu", CORES),
    tick(0, { cpu: [50, 50, 50, 50] }),
    columns("cpu", CORES.slice(0, 2)),
    tick(1, { cpu: [50.5, 50.5] }),
  ];
  assert.equal(lastOf(records).samples.get("system_cpu_percent"), 50);
});

Deno.test("Derive survives repeated columns, unknown collectors and arrays of another length", () => {
  const records = [
    columns("process", CPU),
    tick(0, { process: [0, 1, 99], unknown: [5] }),
    columns("process", CPU),
    tick(1, { process: [1] }),
  ];
  assert.deepEqual([...lastOf(records).samples], [["cpu_seconds_total", 1], ["cpu_percent", 100]]);
});

Deno.test("Derive passes a column on that it does not understand", () => {
  const records = [columns("future", ["a b"]), tick(0, { future: [1] }), tick(1, { future: [2] })];
  assert.deepEqual([...lastOf(records).samples], [["a b", 2]]);
});

Deno.test("Derive spells out process rows, by collectors in the order of their first columns", () => {
  const rows: ProcessRow[] = [[7, 1, 100, 5]];
  const records = [
    columns("process", [], ["cpu_seconds_total", "memory_rss_bytes"]),
    columns("io", [], ["threads"]),
    columns("process", [], ["cpu_seconds_total", "memory_rss_bytes"]),
    start(7, 4711, "my job (2) x"),
    tick(1, {}, { processes: rows }),
    tick(3, {}, { processes: [[7, 2, null, 5]] }),
  ];
  const [first, second] = framesOf(records);
  assert.equal(first?.processes[0]?.name, "my job (2) x");
  assert.equal(first.processes[0].pid, 4711);
  assert.deepEqual(valuesOf(first), { cpu_seconds_total: 1, memory_rss_bytes: 100, threads: 5 });
  assert.ok(second !== undefined);
  assert.deepEqual(valuesOf(second), { cpu_seconds_total: 2, threads: 5, cpu_percent: 50 });
});

Deno.test("Derive takes a new name at exec and keeps the pid", () => {
  const exec: ResmonRecord = {
    type: "event",
    seq: 4,
    kind: "process_exec",
    time: 0,
    elapsed: 0,
    id: 1,
    attributes: { name: "python" },
  };
  const records = [
    columns("process", [], ["threads"]),
    start(1, 9, "sh"),
    exec,
    tick(1, {}, { processes: [[1, 1]] }),
  ];
  const process = lastOf(records).processes[0];
  assert.equal(process?.name, "python");
  assert.equal(process.pid, 9);
});

Deno.test("Derive takes rates of processes from the times of the readings, not of the ticks", () => {
  const records = [
    columns("process", ["cpu_seconds_total"], ["cpu_seconds_total"]),
    tick(1, { process: [1] }, { at: { process: 0.25 }, processes: [[1, 1]] }),
    tick(3, { process: [2] }, { at: { process: 1.25 }, processes: [[1, 2]] }),
  ];
  const frame = lastOf(records);
  assert.equal(frame.processes[0]?.values.get("cpu_percent"), 100);
  assert.equal(frame.samples.get("cpu_percent"), 100);
});

Deno.test("Derive gives the sum of the others its gauges and nothing that may fall", () => {
  const records = [
    columns("process", [], ["cpu_seconds_total", "memory_rss_bytes"]),
    tick(1, {}, { processes: [[0, 10, 100]] }),
    tick(2, {}, { processes: [[0, 12, 300]] }),
  ];
  const frame = lastOf(records);
  assert.equal(frame.processes[0]?.name, "others");
  assert.deepEqual(valuesOf(frame), { memory_rss_bytes: 300 });
});

Deno.test("Derive tells the last row of a process that has just ended, then forgets it", () => {
  const exit: ResmonRecord = { type: "event", seq: 5, kind: "process_exit", time: 0, elapsed: 1, id: 1, pid: 9 };
  const records = [
    columns("process", [], ["threads"]),
    start(1, 9, "sh"),
    exit,
    tick(1, {}, { processes: [[1, 1]] }),
    tick(2, {}, { processes: [[1, 1]] }),
  ];
  assert.deepEqual(framesOf(records).map((frame) => frame.processes[0]?.name), ["sh", ""]);
});

Deno.test("frameSeries() tells every series that frames will have", () => {
  const records = [columns("cpu", CORES), tick(0, { cpu: [0, 0, 0, 0] }), tick(2, { cpu: [2, 0, 0.5, 1.5] })];
  assert.deepEqual(frameSeries({ series: CORES }), [...lastOf(records).samples].map(([name]) => name));
});

Deno.test("Derive gives rates that add up to the whole increase for any split into ticks", () => {
  const step = fc.record({
    seconds: fc.double({ noNaN: true, min: 0.01, max: 100 }),
    increase: fc.double({ noNaN: true, min: 0, max: 100 }),
    lost: fc.boolean(),
  });
  fc.assert(fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), (steps) => {
    const derive = new Derive();
    derive.accept(columns("process", ["cpu_seconds_total"]));
    derive.accept(tick(0, { process: [0] }));
    let [elapsed, total, sum] = [0, 0, 0];
    steps.forEach(({ seconds, increase, lost }, at) => {
      elapsed += seconds;
      total += increase;
      const isLast = at === steps.length - 1;
      const frame = derive.accept(tick(elapsed, { process: [lost && !isLast ? null : total] }));
      sum += (frame?.samples.get("cpu_percent") ?? 0) / 100 * (frame?.spans.get("cpu_percent") ?? 0);
    });
    assert.ok(Math.abs(sum - total) <= 1e-9 * Math.max(1, total), `${sum} of ${total}`);
  }));
});

Deno.test("Derive never gives a rate below 0 or that is not a number, whatever is read", () => {
  const value = fc.option(fc.double({ noNaN: true, min: -1e9, max: 1e9 }));
  const reading = fc.record({ elapsed: fc.double({ noNaN: true, min: 0, max: 1e6 }), values: fc.array(value) });
  fc.assert(fc.property(fc.array(reading), (readings) => {
    const derive = new Derive();
    derive.accept(columns("cpu", CORES));
    for (const { elapsed, values } of readings) {
      const samples = derive.accept(tick(elapsed, { cpu: values }))?.samples ?? [];
      for (const [series, each] of samples) {
        assert.ok(Number.isFinite(each));
        if (series.includes("percent")) assert.ok(each >= 0);
      }
    }
  }));
});

Deno.test("Derive waits for ten steps of a counter that advances in steps", () => {
  const records = [
    columns("process", ["cpu_user_seconds_total"], ["cpu_user_seconds_total"]),
    start(1, 10, "spin"),
    tick(0, { process: [0] }, { processes: [[1, 0]] }),
    tick(0.01, { process: [0.01] }, { processes: [[1, 0.01]] }),
    tick(0.09, { process: [0.05] }, { processes: [[1, 0.05]] }),
    tick(0.1, { process: [0.05] }, { processes: [[1, 0.05]] }),
  ];
  const frames = framesOf(records);
  assert.deepEqual(frames.map(({ samples }) => samples.get("cpu_user_percent")), [undefined, undefined, undefined, 50]);
  assert.deepEqual(frames.map((frame) => valuesOf(frame)["cpu_user_percent"]), [undefined, undefined, undefined, 50]);
});

Deno.test("Derive has a rate in each tick of ten steps, though one comes a little early", () => {
  const frames = framesOf([
    columns("process", ["cpu_user_seconds_total"]),
    ...[0, 0.1002, 0.2, 0.2998, 0.4].map((elapsed) => tick(elapsed, { process: [Math.round(elapsed * 100) / 200] })),
  ]);
  const known = frames.map(({ samples }) => samples.get("cpu_user_percent") !== undefined);
  assert.deepEqual(known, [false, true, true, true, true]);
});

Deno.test("Derive tells no CPU busier than it can be, whatever its clock ticks say", () => {
  const series = ["0", "1"].map((cpu) => `system_cpu_seconds_total{cpu="${cpu}",mode="user"}`);
  const frame = lastOf([columns("cpu", series), tick(0, { cpu: [0, 0] }), tick(0.1, { cpu: [0.11, 0.05] })]);
  assert.equal(frame.samples.get('system_cpu_core_percent{cpu="0"}'), 100);
  assert.equal(frame.samples.get('system_cpu_core_percent{cpu="1"}'), 50);
  const busy = lastOf([columns("cpu", series), tick(0, { cpu: [0, 0] }), tick(0.1, { cpu: [0.11, 0.11] })]);
  assert.equal(busy.samples.get("system_cpu_percent"), 200);
});
