import assert from "node:assert/strict";
import fc from "fast-check";
import { Derive } from "../lib/derive.ts";
import { figuresOf, type PhaseSummary } from "../lib/phase_summary.ts";
import type { EventRecord, ResmonRecord, TickRecord } from "../lib/records.ts";
import { Summarizer } from "../lib/summarize.ts";
import type { Summary } from "../lib/summary.ts";
import { sampleColumns, sampleEnd, sampleEvent, sampleSession, sampleTick } from "./sample_records.ts";
import { assertValidSummary } from "./schema.ts";

const SERIES = ["cpu_seconds_total", "memory_rss_bytes"];

function summarize(records: Iterable<ResmonRecord>): Summary {
  const derive = new Derive();
  const summarizer = new Summarizer();
  for (const record of [sampleSession(), sampleColumns({ series: SERIES }), ...records]) {
    const frame = derive.accept(record);
    summarizer.record(record);
    if (frame !== undefined) summarizer.frame(frame);
  }
  const summary = summarizer.result();
  assertValidSummary(summary);
  return summary;
}

/** Ticks at these times, with CPU seconds and memory. */
function ticks(
  readings: readonly (readonly [elapsed: number, cpu: number | null, memory: number | null])[],
): TickRecord[] {
  return readings.map(([elapsed, ...process]) => sampleTick(elapsed, { values: { process } }));
}

function start(name: string, elapsed: number, parts: Partial<EventRecord> = {}): EventRecord {
  return sampleEvent("phase_start", elapsed, { name, ...parts });
}

function end(name: string, elapsed: number, parts: Partial<EventRecord> = {}): EventRecord {
  return sampleEvent("phase_end", elapsed, { name, ...parts });
}

function phase({ phases }: Pick<Summary, "phases">, name: string): PhaseSummary {
  const found = phases.find((each) => each.name === name);
  assert.ok(found !== undefined, `${name} is not told`);
  return found;
}

// Busy from 0 to 4 s with one core, then idle; its memory rises by 10 a second.
const RUN = ticks([0, 1, 2, 3, 4, 5, 6, 7, 8].map((second) => [second, Math.min(4, second), 10 * second] as const));

Deno.test("Summarizer tells what a phase used, to the fraction of a tick", () => {
  const { repetitions: [told], metrics: _, ...phaseOf } = phase(
    summarize([...RUN, start("load", 1.5), end("load", 4.5), sampleEnd(8)]),
    "load",
  );
  assert.deepEqual(phaseOf, {
    name: "load",
    count: 1,
    started: 1.5,
    seconds: 3,
    mean_seconds: 3,
    longest_seconds: 3,
    cpu_seconds: 2.5,
    memory_rss_mean_bytes: 30,
    memory_rss_max_bytes: 45,
  });
  assert.deepEqual(told, {
    repetition: 1,
    started: 1.5,
    seconds: 3,
    depth: 0,
    cpu_seconds: 2.5,
    memory_rss_mean_bytes: 30,
    memory_rss_max_bytes: 45,
    metrics: { cpu_seconds_total: { total: 2.5 }, memory_rss_bytes: { mean: 30, max: 45 } },
  });
});

Deno.test("Summarizer tells the same of phases whose marks come some ticks late or in another order", () => {
  const marks = [start("load", 0.5), end("load", 2), start("train", 2.25), end("train", 6.25)];
  const inTime = summarize([...[...RUN, ...marks].toSorted((a, b) => a.elapsed - b.elapsed), sampleEnd(8)]);
  const late = summarize([...RUN.slice(0, 8), ...marks.toReversed(), ...RUN.slice(8), sampleEnd(8)]);
  assert.deepEqual(late.phases.toSorted((a, b) => a.started - b.started), inTime.phases);
  assert.equal(phase(inTime, "train").cpu_seconds, 1.75);
});

Deno.test("Summarizer counts what comes after its time was measured from there on", () => {
  const long = ticks(Array.from({ length: 101 }, (_, second) => [second, second, 5]));
  const { repetitions: [told] } = phase(
    summarize([...long, start("load", 3), end("load", 95), sampleEnd(100)]),
    "load",
  );
  assert.ok(told !== undefined && told.started > 80 && told.started < 95, `${told?.started}`);
  assert.equal(told.cpu_seconds, told.seconds);
});

Deno.test("Summarizer keeps the order of a thread's marks where the clock is less exact than they are close", () => {
  const marks = [
    start("step", 2.0004, { pid: 7, tid: 7, span: "7-1" }),
    end("step", 2.0001, { pid: 7, tid: 7, span: "7-1" }),
    start("step", 1.9999, { pid: 7, tid: 7, span: "7-2" }),
    end("step", 2.5, { pid: 7, tid: 7, span: "7-2" }),
  ];
  const { phases: [step], phase_troubles } = summarize([...RUN, ...marks, sampleEnd(8)]);
  assert.equal(phase_troubles, undefined);
  assert.deepEqual(step?.repetitions.map(({ depth, unfinished }) => [depth, unfinished]), [[0, undefined], [
    0,
    undefined,
  ]]);
  assert.deepEqual(step?.repetitions.map(({ seconds }) => Math.round(1000 * seconds)), [0, 500]);
});

Deno.test("Summarizer numbers repetitions, and counts time in which several go on once in all", () => {
  const marks = [
    start("work", 0, { span: "7-1", pid: 7 }),
    start("work", 1, { span: "8-1", pid: 8 }),
    end("work", 2, { span: "7-1", pid: 7 }),
    end("work", 3, { span: "8-1", pid: 8 }),
    start("work", 5, { span: "7-2", pid: 7 }),
    end("work", 6, { span: "7-2", pid: 7, attributes: { error: "ValueError" } }),
  ];
  const work = phase(summarize([...RUN, ...marks, sampleEnd(8)]), "work");
  assert.deepEqual(
    work.repetitions.map(({ repetition, started, seconds, pid, cpu_seconds }) => [
      repetition,
      started,
      seconds,
      pid,
      cpu_seconds,
    ]),
    [[1, 0, 2, 7, 2], [2, 1, 2, 8, 2], [3, 5, 1, 7, 0]],
  );
  assert.equal(work.cpu_seconds, 3);
  assert.equal(work.seconds, 4);
  assert.equal(work.mean_seconds, 1.666667);
  assert.equal(work.longest_seconds, 2);
  assert.equal(work.failed, 1);
  assert.deepEqual(work.repetitions[2]?.attributes, { error: "ValueError" });
});

Deno.test("Summarizer tells nested phases each with all that was used in them", () => {
  const marks = [start("epoch", 0), start("load", 1), end("load", 2), start("fit", 2), end("fit", 4), end("epoch", 8)];
  const { phases } = summarize([...RUN, ...marks, sampleEnd(8)]);
  assert.deepEqual(phases.map(({ name, cpu_seconds, repetitions: [told] }) => [name, cpu_seconds, told?.depth]), [
    ["epoch", 4, 0],
    ["load", 1, 1],
    ["fit", 2, 1],
  ]);
  assert.deepEqual(phases.map(({ repetitions: [told] }) => [told?.parent, told?.parent_repetition]), [
    [undefined, undefined],
    ["epoch", 1],
    ["epoch", 1],
  ]);
});

Deno.test("Summarizer does not take phases of other threads for nested", () => {
  const marks = [
    start("a", 0, { pid: 7, tid: 7 }),
    start("b", 1, { pid: 7, tid: 8 }),
    start("c", 2, { pid: 7, tid: 7 }),
  ];
  const { phases } = summarize([...RUN, ...marks, sampleEnd(8)]);
  assert.deepEqual(phases.map(({ repetitions: [told] }) => told?.depth), [0, 0, 1]);
});

Deno.test("Summarizer takes a phase that never ended to the end of the run, and says so", () => {
  const fit = phase(summarize([...RUN, start("fit", 2), sampleEnd(9)]), "fit");
  assert.equal(fit.unfinished, 1);
  assert.equal(fit.seconds, 7);
  assert.equal(fit.cpu_seconds, 2);
  assert.equal(fit.repetitions[0]?.unfinished, true);
  assert.deepEqual(fit.metrics["cpu_seconds_total"], { total: 2, seconds: 6 }, "nobody read beyond 8 s");
});

Deno.test("Summarizer ends the phases of a process that is gone, and those of no other", () => {
  const marks = [
    start("fit", 1, { span: "7-1", pid: 7 }),
    start("fit", 1, { span: "8-1", pid: 8 }),
    start("script", 1, { pid: 7 }),
    sampleEvent("process_exit", 3, { pid: 7, id: 1, attributes: { signal: "SIGKILL" } }),
    end("fit", 2.5, { span: "8-1", pid: 8 }),
    end("script", 5, { pid: 9 }),
  ];
  const { phases } = summarize([...RUN, ...marks, sampleEnd(8)]);
  const told = phases.map(({ repetitions }) => repetitions.map(({ seconds, unfinished }) => [seconds, unfinished]));
  assert.deepEqual(told, [[[2, true], [1.5, undefined]], [[4, undefined]]]);
});

Deno.test("Summarizer ends a phase by its own mark where the exit of its process is told as of a little earlier", () => {
  const exit = sampleEvent("process_exit", 2.49, { pid: 7, id: 1 });
  const own = [start("fit", 1, { span: "7-1", pid: 7 }), end("fit", 2.5, { span: "7-1", pid: 7 })];
  for (const marks of [[...own, exit], [exit, ...own]]) {
    const { phases: [fit], phase_troubles } = summarize([...RUN, ...marks, sampleEnd(8)]);
    assert.equal(phase_troubles, undefined);
    assert.deepEqual([fit?.seconds, fit?.unfinished], [1.5, undefined]);
  }
  const later = [start("fit", 4, { span: "7-2", pid: 7 }), end("fit", 5, { span: "7-2", pid: 7 })];
  assert.equal(summarize([...RUN, exit, ...later, sampleEnd(8)]).phases[0]?.seconds, 1, "another process of that pid");
});

Deno.test("Summarizer counts ends without a start, and they end nothing", () => {
  const marks = [
    end("fit", 1),
    start("fit", 2, { span: "7-1" }),
    end("fit", 3, { span: "7-2" }),
    end("fit", 3),
    end("fit", 4, { span: "7-1" }),
    end("fit", 5, { span: "7-1" }),
  ];
  const summary = summarize([...RUN, ...marks, sampleEnd(8)]);
  assert.deepEqual(summary.phase_troubles, { ends_without_start: 4, unmatched_names: ["fit"] });
  assert.equal(phase(summary, "fit").seconds, 2);
});

Deno.test("Summarizer ends the innermost phase of a shell: of its name and process, of its name, of any name", () => {
  const marks = [
    start("a", 0, { pid: 7 }),
    start("a", 1, { pid: 8 }),
    start("b", 2),
    end("a", 3, { pid: 7 }),
    sampleEvent("phase_end", 4),
    end("a", 5, { pid: 9 }),
  ];
  const { phases } = summarize([...RUN, ...marks, sampleEnd(8)]);
  const told = phases.map((
    { name, repetitions },
  ) => [name, repetitions.map(({ started, seconds }) => [started, seconds])]);
  assert.deepEqual(told, [["a", [[0, 3], [1, 4]]], ["b", [[2, 2]]]]);
});

Deno.test("Summarizer leaves a metric absent that was not read in a phase, and says for how long it was", () => {
  const gaps = ticks([[0, 0, 100], [1, 1, 100], [2, null, null], [40, null, null], [60, 60, 100], [61, 61, null]]);
  const marks = [start("gap", 5), end("gap", 35), start("half", 50), end("half", 61)];
  const { phases } = summarize([...gaps, ...marks, sampleEnd(61)]);
  const [gap, half] = phases;
  assert.equal(gap?.memory_rss_mean_bytes, undefined);
  assert.deepEqual(half?.metrics["cpu_seconds_total"], { total: 11 });
  assert.equal(half?.metrics["memory_rss_bytes"], undefined);
});

Deno.test("Summarizer counts nothing where a counter stepped back in a phase", () => {
  const anew = ticks([[0, 10, 1], [1, 11, 1], [2, 0, 1], [3, 1, 1]]);
  const { phases: [told] } = summarize([...anew, start("a", 0), end("a", 3), sampleEnd(3)]);
  assert.equal(told?.cpu_seconds, 2);
});

Deno.test("figuresOf() tells no part of the energy as the whole, and of a divided GPU the whole alone", () => {
  const metrics = { a: { total: 3 }, 'gpu_utilization_percent{gpu="0"}': { mean: 60, max: 90 } };
  assert.deepEqual(figuresOf(metrics, ["a", "b"]), { gpu_percent: 60 });
  assert.deepEqual(figuresOf({ ...metrics, 'gpu_utilization_percent{gpu="0/mig1"}': { mean: 20 } }, ["a"]), {
    joules: 3,
    gpu_percent: 60,
  });
});

Deno.test("Summarizer takes what is read seldom to change evenly in between", () => {
  const seldom = ticks([[0, 0, 100], [1, 1, null], [2, 2, null], [3, 3, null], [4, 4, 500]]);
  const { phases: [told] } = summarize([...seldom, start("a", 1), end("a", 2), sampleEnd(4)]);
  assert.deepEqual(told?.metrics["memory_rss_bytes"], { mean: 250, max: 300 });
});

Deno.test("Summarizer tells at most 1,000 phases one by one, and of these the rare ones first", () => {
  const steps = Array.from({ length: 3000 }, (_, at) => [start("step", at / 500), end("step", at / 500 + 0.001)])
    .flat();
  const marks = [...steps, start("epoch", 7), end("epoch", 7.5), start("epoch", 7.5), end("epoch", 8)];
  const summary = summarize([...RUN, ...marks, sampleEnd(8)]);
  assert.equal(phase(summary, "step").count, 3000);
  assert.equal(phase(summary, "step").repetitions.length, 998);
  assert.equal(phase(summary, "epoch").repetitions.length, 2);
  assert.ok(Math.abs(phase(summary, "step").seconds - 3) < 1e-9);
});

Deno.test("Summarizer adds up the phases of more than 200 names, and does not measure more than 1,000 at once", () => {
  const many = Array.from({ length: 1500 }, (_, at) => start(`n${at}`, 1));
  const ends = Array.from({ length: 1500 }, (_, at) => end(`n${at}`, 2));
  const { phases, phase_troubles } = summarize([...RUN, ...many, ...ends, sampleEnd(8)]);
  assert.equal(phases.length, 201);
  const others = phases.at(-1);
  assert.deepEqual([others?.others, others?.count, others?.seconds, others?.cpu_seconds], [true, 800, 1, 1]);
  assert.deepEqual(phase_troubles, { not_measured: 500 });
});

Deno.test("Summarizer tells the energy of a phase of what the run's energy covers", () => {
  const series = ['power_watts{device="acpi",rail="platform",scope="machine"}', 'gpu_power_watts{gpu="0"}'];
  const records = [
    sampleColumns({ collector: "power", series }),
    ...[0, 1, 2, 3, 4].map((second) => sampleTick(second, { values: { power: [second < 2 ? 10 : 30, 5] } })),
    start("a", 0),
    end("a", 1),
    start("b", 2),
    end("b", 4),
  ];
  const summary = summarize([...records, sampleEnd(4)]);
  assert.equal(summary.energy?.scope, "machine");
  assert.deepEqual(summary.phases.map(({ joules }) => joules), [10, 60]);
});

Deno.test("Summarizer tells of a checkpoint what was used since the one before", () => {
  const marks = [1, 3, 6].map((elapsed) => sampleEvent("checkpoint", elapsed, { name: `at ${elapsed}` }));
  const { checkpoints = [], events } = summarize([...RUN, ...marks, sampleEnd(8)]);
  assert.deepEqual(checkpoints.map(({ name, seconds, cpu_seconds }) => [name, seconds, cpu_seconds]), [
    ["at 1", 1, 1],
    ["at 3", 2, 2],
    ["at 6", 3, 1],
  ]);
  assert.deepEqual(events, []);
});

Deno.test("Summarizer tells how far a progress came and how fast", () => {
  const step = (elapsed: number, completed: number, parts: Partial<EventRecord> = {}) =>
    sampleEvent("progress", elapsed, { span: "ab", name: "images", total: 100, completed, ...parts });
  const { progress } = summarize([...RUN, step(1, 0), step(3, 40), step(6, 100, { state: "done" }), sampleEnd(8)]);
  assert.deepEqual(progress, [
    { span: "ab", name: "images", total: 100, completed: 100, state: "done", started: 1, seconds: 5, rate: 20 },
  ]);
});

Deno.test("Summarizer tells how fast a progress went on from where it began, whoever told of it last", () => {
  const step = (elapsed: number, completed: number) =>
    sampleEvent("progress", elapsed, { span: "ab", name: "resumed", completed });
  const { progress: [told] = [] } = summarize([...RUN, step(2, 500), step(4, 540), step(3.9, 541), sampleEnd(8)]);
  assert.deepEqual([told?.completed, told?.seconds, told?.rate], [541, 2, 20.5]);
});

Deno.test("Summarizer counts logs by level and keeps the last that matter", () => {
  const logs = Array.from(
    { length: 50 },
    (_, at) => sampleEvent("log", at / 10, { level: "info", messages: [`${at}`] }),
  );
  const errors = Array.from({ length: 30 }, (_, at) => sampleEvent("log", 6, { level: "error", messages: [`${at}`] }));
  const { logs: told, events } = summarize([...RUN, ...logs, ...errors, sampleEnd(8)]);
  assert.deepEqual(told?.counts, { info: 50, error: 30 });
  assert.deepEqual(told?.last.map(({ messages: [text] }) => text), Array.from({ length: 20 }, (_, at) => `${at + 10}`));
  assert.deepEqual(events, []);
});

Deno.test("Summarizer rounds what lies between two readings: to whole bytes, faults and microseconds", () => {
  const columns = sampleColumns({ collector: "faults", series: ["minor_faults_total", "processes"] });
  const readings = [0, 1, 2].map((second) =>
    sampleTick(second, { values: { process: [second / 3, 1000 * second], faults: [100 * second, 1 + second] } })
  );
  const { phases: [told] } = summarize([columns, ...readings, start("a", 0.1), end("a", 0.4), sampleEnd(2)]);
  assert.deepEqual([told?.seconds, told?.cpu_seconds, told?.memory_rss_mean_bytes], [0.3, 0.1, 250]);
  const third = summarize([columns, ...readings, start("a", 0), end("a", 1 / 3), sampleEnd(2)]).phases[0]?.metrics;
  assert.deepEqual(third, {
    cpu_seconds_total: { total: 0.111111 },
    memory_rss_bytes: { mean: 167, max: 333 },
    minor_faults_total: { total: 33 },
    processes: { mean: 1.166667, max: 1.333333 },
  });
});

Deno.test("Summarizer: what phases that tile a run used is what the run used", () => {
  const step = fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.option(fc.integer({ min: 0, max: 5000 }), { freq: 4 }));
  const cut = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 200 }), fc.array(cut, { maxLength: 30 }), (steps, cuts) => {
      let [elapsed, cpu] = [0, 0];
      const readings = steps.map(([milliseconds, used]) => {
        elapsed += milliseconds / 1000;
        cpu += (used ?? 0) / 1000;
        return [elapsed, used === null ? null : cpu, 1] as const;
      });
      const whole = ticks([[0, 0, 1], ...readings, [elapsed + 1, cpu, 1]]);
      const edges = [0, ...cuts.map((share) => share * (elapsed + 1)).toSorted((a, b) => a - b), elapsed + 1];
      const marks = edges.slice(1).flatMap((to, at) => [start(`p${at}`, edges[at] ?? 0), end(`p${at}`, to)]);
      const inOrder = [...whole, ...marks].sort((a, b) => a.elapsed - b.elapsed);
      const { phases, metrics } = summarize([...inOrder, sampleEnd(elapsed + 1)]);
      const sum = phases.reduce((total, { cpu_seconds = 0 }) => total + cpu_seconds, 0);
      assert.ok(
        Math.abs(sum - (metrics["cpu_seconds_total"]?.total ?? NaN)) <= 1e-6 * phases.length + 1e-9 * cpu,
        `${sum} of ${cpu}`,
      );
    }),
  );
});
