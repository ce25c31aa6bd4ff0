import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { Derive } from "../lib/derive.ts";
import type { ResmonRecord } from "../lib/records.ts";
import { Summarizer } from "../lib/summarize.ts";
import type { MetricSummary, Summary } from "../lib/summary.ts";
import {
  sampleColumns,
  sampleEnd,
  sampleEvent,
  sampleRun,
  sampleSession,
  sampleStatus,
  sampleTick,
} from "./sample_records.ts";

function summarize(records: Iterable<ResmonRecord>): Summary {
  const derive = new Derive();
  const summarizer = new Summarizer();
  for (const record of records) {
    const frame = derive.accept(record);
    summarizer.record(record);
    if (frame !== undefined) summarizer.frame(frame);
  }
  return summarizer.result();
}

/** The summary of one series that was read at these times. */
function summarizeSeries(series: string, readings: readonly (readonly [elapsed: number, value: number])[]): Summary {
  return summarize([
    sampleSession(),
    sampleColumns({ series: [series] }),
    ...readings.map(([elapsed, value]) => sampleTick(elapsed, { values: { process: [value] } })),
  ]);
}

function metricOf(summary: Summary, series: string): MetricSummary {
  const metric = summary.metrics[series];
  assert.ok(metric !== undefined, `${series} is missing`);
  return metric;
}

function assertNear(actual: number | undefined, expected: number, share: number): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= share * Math.abs(expected),
    `${actual}, ${expected}`,
  );
}

Deno.test("Summarizer takes the mean of a gauge by the trapezoid rule, weighted by elapsed", () => {
  const readings = [[0, 0], [1, 10], [11, 10], [12, 0]] as const;
  const metric = metricOf(summarizeSeries("memory_rss_bytes", readings), "memory_rss_bytes");
  assertNear(metric.mean, (5 + 100 + 5) / 12, 1e-12);
  assert.deepEqual({ ...metric, mean: 0, p50: 0, p95: 0 }, {
    unit: "bytes",
    kind: "gauge",
    count: 4,
    min: 0,
    max: 10,
    last: 0,
    mean: 0,
    p50: 0,
    p95: 0,
  });
});

Deno.test("Summarizer weighs percentiles by time, so a burst of ticks says no more than the time it took", () => {
  const burst = Array.from({ length: 100 }, (_, at) => [at / 1000, 1000] as const);
  const metric = metricOf(
    summarizeSeries("memory_rss_bytes", [...burst, [0.2, 7], [10, 7]]),
    "memory_rss_bytes",
  );
  assertNear(metric.p50, 7, 0.005);
  assertNear(metric.p95, 7, 0.005);
  assert.equal(metric.max, 1000);
});

Deno.test("Summarizer takes the mean of a rate as increase by elapsed", () => {
  const summary = summarizeSeries("cpu_seconds_total", [[0, 0], [0.1, 0.1], [5, 0.2], [10, 4]]);
  const metric = metricOf(summary, "cpu_percent");
  assertNear(metric.mean, 40, 1e-9);
  assert.equal(metric.count, 3);
  assertNear(metric.p50, 76, 0.005);
});

Deno.test("Summarizer adds the positive steps of a counter up, never what was there before the run", () => {
  const metric = metricOf(
    summarizeSeries("system_forks_total", [[0, 500], [1, 510], [2, 3], [3, 8]]),
    "system_forks_total",
  );
  assert.deepEqual(metric, { unit: "", kind: "counter", count: 4, min: 3, max: 510, last: 8, total: 15 });
});

Deno.test("Summarizer does not tell the increase of a counter that was read once", () => {
  const metric = metricOf(summarizeSeries("cpu_seconds_total", [[0, 0]]), "cpu_seconds_total");
  assert.deepEqual(metric, { unit: "seconds", kind: "counter", count: 1, min: 0, max: 0, last: 0 });
});

Deno.test("Summarizer gives statistics of a single tick", () => {
  const metric = metricOf(summarizeSeries("memory_rss_bytes", [[0, 42]]), "memory_rss_bytes");
  const value = { min: 42, max: 42, last: 42, mean: 42, p50: 42, p95: 42 };
  assert.deepEqual(metric, { unit: "bytes", kind: "gauge", count: 1, ...value });
});

Deno.test("Summarizer keeps mean and percentiles of any gauge between its least and its largest value", () => {
  const reading = fc.tuple(
    fc.double({ noNaN: true, min: 0, max: 10 }),
    fc.double({ noNaN: true, min: -50, max: 1e12 }),
  );
  fc.assert(fc.property(fc.array(reading, { minLength: 1 }), (readings) => {
    let elapsed = 0;
    const summary = summarizeSeries("system_load1", readings.map(([step, value]) => [elapsed += step, value] as const));
    const { min, max, mean = NaN, p50 = NaN, p95 = NaN } = metricOf(summary, "system_load1");
    for (const each of [mean, p50, p95]) assert.ok(min <= each && each <= max);
    assert.ok(p50 <= p95);
  }));
});

Deno.test("Summarizer lists series in the order of the vocabulary, unknown ones last with what their names say", () => {
  const series = ["future_things_bytes_total", 'disk_reads_total{disk="sda"}', "system_load1", "threads"];
  const summary = summarize([
    sampleSession(),
    sampleColumns({ series }),
    sampleTick(0, { values: { process: [1, 2, 3, 4] } }),
  ]);
  assert.deepEqual(Object.keys(summary.metrics), ["threads", "system_load1", series[1], series[0]]);
  const { unit, kind } = metricOf(summary, "future_things_bytes_total");
  assert.deepEqual({ unit, kind }, { unit: "bytes", kind: "counter" });
});

Deno.test("Summarizer tells a whole run", () => {
  const summary = summarize(sampleRun(10));
  assert.equal(summary.run.started, "2026-11-21T09:12:33.250Z");
  assert.equal(summary.run.wall_seconds, 10);
  assert.equal(summary.run.exit_code, 0);
  assert.equal(summary.run.end_unknown, undefined);
  assert.equal(summary.exact.memory_peak_source, "ru_maxrss");
  assert.equal(summary.exact.sampled_cpu_seconds, 10);
  assertNear(metricOf(summary, "cpu_percent").mean, 100, 1e-9);
  assert.deepEqual(summary.unavailable, [
    { collector: "temperature", state: "absent", reason: "no sensors", remedy: "load their driver" },
  ]);
  assert.deepEqual(summary.processes, {
    seen: 1,
    short_lived_cpu_percent: 0,
    rows: [{
      id: 1,
      pid: 4711,
      name: "python",
      command: ["python", "train.py"],
      started: 0.002,
      ended: 10,
      exit_code: 0,
      values: { cpu_seconds_total: 10, memory_rss_bytes: 1024 ** 3 + 10 * 1024 ** 2 },
    }],
  });
  assert.equal(summary.monitor.ticks, 11);
  assertNear(summary.monitor.cpu_seconds, 0.06, 1e-9);
  assertNear(summary.monitor.tick_p99_seconds, 0.0004, 0.005);
});

Deno.test("Summarizer says so when the log breaks off", () => {
  const { run, exact } = summarize(sampleRun(10).slice(0, -2));
  assert.equal(run.wall_seconds, 10);
  assert.equal(run.end_unknown, "the log ends before the command did");
  assert.equal(run.exit_code, undefined);
  assert.deepEqual(exact, { sources: {}, sampled_cpu_seconds: 9 });
});

Deno.test("Summarizer takes the sampled peak of memory where the kernel tells none", () => {
  const { exact } = summarizeSeries("memory_peak_bytes", [[0, 100], [1, 700]]);
  assert.deepEqual(exact, {
    memory_peak_bytes: 700,
    memory_peak_source: "sampled VmHWM",
    sources: { memory_peak_bytes: "sampled VmHWM" },
  });
});

Deno.test("Summarizer passes on why there is neither an exit code nor a signal", () => {
  const { exit_code: _, ...end } = sampleEnd(3, { reason: "still running" });
  assert.equal(summarize([sampleSession(), end]).run.end_unknown, "still running");
});

Deno.test("Summarizer keeps the last status of each subject, and outputs apart", () => {
  const summary = summarize([
    sampleSession(),
    sampleStatus({ collector: "disk", state: "denied", reason: "first" }),
    sampleStatus({ collector: "disk", state: "working" }),
    sampleStatus({ collector: "cpu", state: "absent", metrics: ["system_cpu_frequency_hertz"], reason: "no cpufreq" }),
    sampleStatus({ collector: "cpu", state: "working" }),
    sampleStatus({ collector: "sink:csv", state: "lost", reason: "Cannot write samples.csv: disk full" }),
  ]);
  assert.deepEqual(summary.unavailable.map(({ reason }) => reason), ["no cpufreq"]);
  assert.deepEqual(summary.incomplete, [{ output: "csv", reason: "Cannot write samples.csv: disk full" }]);
});

Deno.test("Summarizer tells the share of CPU time that no process row accounts for", () => {
  const records = sampleRun(10).map((record) =>
    record.type === "end" ? { ...record, exact: { cpu_seconds: 40, sources: {} } } : record
  );
  assertNear(summarize(records).processes.short_lived_cpu_percent, 75, 1e-9);
});

Deno.test("Summarizer tells no such share where small processes share a row", () => {
  const others = sampleTick(11, { processes: [[0, 5, 100]] });
  assert.equal(summarize([...sampleRun(10), others]).processes.short_lived_cpu_percent, undefined);
});

Deno.test("Summarizer leaves out what a process of attach used before the run", () => {
  const records = [
    sampleSession({ mode: "attach" }),
    sampleColumns({ series: ["cpu_seconds_total"], processes: ["cpu_seconds_total"] }),
    sampleEvent("process_start", 0, { pid: 1, id: 1, attributes: { name: "server", started: -3600 } }),
    sampleTick(0, { values: { process: [500] }, processes: [[1, 500]] }),
    sampleTick(10, { values: { process: [510] }, processes: [[1, 508]] }),
  ];
  assertNear(summarize(records).processes.short_lived_cpu_percent, 20, 1e-9);
});

Deno.test("Summarizer lets no process end before it started, however coarse the kernel's clock is", () => {
  const { processes: { rows: [told] } } = summarize([
    sampleSession(),
    sampleColumns({ series: ["cpu_seconds_total"], processes: ["cpu_seconds_total"] }),
    sampleEvent("process_start", 0.031, { pid: 1, id: 1, attributes: { name: "bash", started: 0.04 } }),
    sampleTick(0.031, { values: { process: [0] }, processes: [[1, 0]] }),
    sampleEvent("process_exit", 0.033514, { pid: 1, id: 1 }),
  ]);
  assert.deepEqual([told?.started, told?.ended], [0.033514, 0.033514]);
});

Deno.test("Summarizer keeps the first 1,000 events that are not of processes", () => {
  const events = Array.from({ length: 1100 }, (_, at) => sampleEvent("signal", at));
  const summary = summarize([sampleSession(), ...events, sampleEvent("process_exec", 2000, { id: 1 })]);
  assert.equal(summary.events.length, 1000);
  assert.deepEqual(summary.events[0], { kind: "signal", time: 1_795_252_353.25, elapsed: 0 });
});

/** A run of many processes that live for one tick each; the n-th uses `seconds(n)`, and the first 10 much memory. */
function* shortProcesses(count: number, seconds = (id: number): number => id): Generator<ResmonRecord> {
  yield sampleSession();
  yield sampleColumns({ processes: ["cpu_seconds_total", "memory_rss_bytes"] });
  for (let id = 1; id <= count; id++) {
    yield sampleEvent("process_start", id, { pid: id, id, attributes: { name: "cc1" } });
    yield sampleTick(id, { processes: [[id, seconds(id), id <= 10 ? 1e9 : 1e6]] });
    yield sampleEvent("process_exit", id, { pid: id, id, attributes: { exit_code: 0 } });
  }
}

Deno.test("Summarizer keeps the 1,000 largest of many processes by CPU time or memory, and counts the rest", () => {
  const { seen, rows } = summarize(shortProcesses(5000)).processes;
  assert.equal(seen, 5000);
  assert.equal(rows.length, 1000);
  assert.equal(rows[0]?.id, 5000);
  assert.deepEqual(rows.slice(-10).map(({ id }) => id), [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
});

Deno.test("Summarizer keeps the largest of many processes in whichever order they come", () => {
  const orders = [(id: number) => 5000 - id, (id: number) => id * 2654435761 % 5003];
  for (const seconds of orders) {
    const { rows } = summarize(shortProcesses(5000, seconds)).processes;
    const bySeconds = Array.from({ length: 5000 }, (_, at) => at + 1).sort((a, b) => seconds(b) - seconds(a));
    // Half of the rows are the largest by CPU time for certain, and those with much memory are among the rest.
    const kept = new Set(rows.map(({ id }) => id));
    assert.equal(rows.length, 1000);
    assert.deepEqual(bySeconds.slice(0, 500).filter((id) => !kept.has(id)), []);
    assert.ok([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].every((id) => kept.has(id)));
  }
});

Deno.test("Summarizer refuses to sum up records without a session", () => {
  assert.throws(() => new Summarizer().result(), { message: "Cannot summarize a run: it has no session record" });
});

/** Bytes of the heap that are in use, after what is not was collected. */
function heapUsed(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return Deno.memoryUsage().heapUsed;
}

Deno.test("Derive and Summarizer stay within a few MB over 100,000 ticks and 20,000 processes", () => {
  const derive = new Derive();
  const summarizer = new Summarizer();
  const feed = (record: ResmonRecord): void => {
    const frame = derive.accept(record);
    summarizer.record(record);
    if (frame !== undefined) summarizer.frame(frame);
  };
  const series = Array.from({ length: 20 }, (_, at) => `system_temperature_celsius{sensor="${at}"}`);
  feed(sampleSession());
  feed(sampleColumns({ collector: "temperature", series }));
  let before = NaN;
  for (let tick = 0; tick < 100_000; tick++) {
    if (tick === 20_000) before = heapUsed();
    feed(sampleTick(tick, { values: { temperature: series.map((_, at) => 40 + (tick * (at + 1)) % 50) } }));
  }
  for (const record of shortProcesses(20_000)) feed(record);
  assert.equal(summarizer.result().processes.seen, 20_000);
  const grown = heapUsed() - before;
  assert.ok(grown < 8e6, `grew by ${grown} bytes`);
});
