import type { CheckpointSummary } from "../lib/checkpoints.ts";
import type { PhaseRepetition, PhaseSummary } from "../lib/phase_summary.ts";
import type { EventRecord } from "../lib/records.ts";
import type { Summary } from "../lib/summary.ts";
import { sampleEvent } from "./sample_records.ts";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** One phase of 100 % of four cores. */
export function repetition(started: number, seconds: number, parts: Partial<PhaseRepetition> = {}): PhaseRepetition {
  const cpu_seconds = 4 * seconds;
  return {
    repetition: 1,
    started,
    seconds,
    depth: 0,
    pid: 4711,
    tid: 4711,
    cpu_seconds,
    memory_rss_mean_bytes: 7.1 * GIB,
    memory_rss_max_bytes: 7.4 * GIB,
    storage_read_bytes: 0,
    storage_write_bytes: 40 * MIB,
    metrics: { cpu_seconds_total: { total: cpu_seconds }, memory_rss_bytes: { mean: 7.1 * GIB, max: 7.4 * GIB } },
    ...parts,
  };
}

/** Phases of one name that do not overlap, numbered in their order. */
export function phaseOf(
  name: string,
  all: readonly PhaseRepetition[],
  parts: Partial<PhaseSummary> = {},
): PhaseSummary {
  const repetitions = all.map((each, at) => ({ ...each, repetition: at + 1 }));
  const seconds = repetitions.map((each) => each.seconds);
  const sum = seconds.reduce((total, each) => total + each, 0);
  const unfinished = repetitions.filter((each) => each.unfinished).length;
  const failed = repetitions.filter(({ attributes }) => attributes?.["error"] !== undefined).length;
  return {
    name,
    count: repetitions.length,
    ...(unfinished > 0 && { unfinished }),
    ...(failed > 0 && { failed }),
    started: repetitions[0]?.started ?? 0,
    seconds: sum,
    mean_seconds: sum / repetitions.length,
    longest_seconds: Math.max(...seconds),
    cpu_seconds: 4 * sum,
    memory_rss_mean_bytes: 7.1 * GIB,
    memory_rss_max_bytes: 7.4 * GIB,
    storage_read_bytes: 0,
    storage_write_bytes: 40 * MIB,
    metrics: { cpu_seconds_total: { total: 4 * sum } },
    repetitions,
    ...parts,
  };
}

/** The marks of the training of `sample_run.ts`: it loads, trains three epochs with two checkpoints, and tests on two workers. */
export function trainingMarks(): Pick<Summary, "events" | "phases" | "checkpoints" | "progress" | "logs"> {
  const epochs = [[25, 68, 1.9], [93, 65, 1.7], [158, 30, 1.6]] as const;
  const time = (elapsed: number): number => 1_795_252_353.25 + elapsed;
  return {
    events: [
      { kind: "tag", elapsed: 100, time: time(100), name: "learning rate halved", source: "socket" },
      { kind: "stop", elapsed: 110, time: time(110) },
      { kind: "continue", elapsed: 120, time: time(120) },
    ],
    phases: [
      phaseOf("load", [repetition(0.4, 24.6, { cpu_seconds: 24.2, memory_rss_max_bytes: 6.4 * GIB })], {
        cpu_seconds: 24.2,
        memory_rss_max_bytes: 6.4 * GIB,
        storage_read_bytes: 7.2 * GIB,
      }),
      phaseOf("train", [repetition(25, 163)]),
      phaseOf(
        "epoch",
        epochs.map(([from, seconds, loss]) => repetition(from, seconds, { depth: 1, attributes: { loss } })),
      ),
      phaseOf("save", [repetition(85, 8, { depth: 2 }), repetition(150, 8, { depth: 2 })]),
      phaseOf("test", [
        repetition(188, 9, { pid: 4720, tid: 4720 }),
        repetition(189, 11, { pid: 4721, tid: 4721, unfinished: true, attributes: { error: "ValueError" } }),
      ], { seconds: 12 }),
    ],
    checkpoints: [93, 158].map((elapsed, at) => sampleCheckpoint(elapsed, `epoch ${at + 1} saved`, [93, 65][at] ?? 0)),
    progress: [{
      span: "ab12",
      name: "images",
      total: 60_000,
      completed: 52_000,
      state: "failed",
      started: 25,
      seconds: 160,
      rate: 325,
    }],
    logs: {
      counts: { info: 40, warning: 2, error: 1 },
      last: [{ level: "error", elapsed: 199, time: time(199), name: "train", messages: ["out of memory"] }],
    },
  };
}

function sampleCheckpoint(elapsed: number, name: string, seconds: number): CheckpointSummary {
  return {
    name,
    names: name.split(" "),
    time: 1_795_252_353.25 + elapsed,
    elapsed,
    pid: 4711,
    seconds,
    cpu_seconds: 3.9 * seconds,
    memory_rss_max_bytes: 8.4 * GIB,
    metrics: {},
  };
}

/** What the log of that training has beside its ticks: its progress and what it said. */
export function trainingMarkRecords(): EventRecord[] {
  const progress = Array.from({ length: 161 }, (_, second) =>
    sampleEvent("progress", 25 + second, {
      span: "ab12",
      name: "images",
      total: 60_000,
      completed: 325 * second,
      state: second === 160 ? "failed" : "running",
    }));
  const logs = Array.from({ length: 40 }, (_, at) =>
    sampleEvent("log", 27 + 4 * at, {
      level: "info",
      name: "train",
      pid: 4711,
      path: "train.py",
      line: 52,
      messages: [`step ${at}: loss ${(2.3 / (1 + at / 10)).toFixed(3)}`],
    }));
  const table = { columns: ["class", "images", "right"], rows: [["cat", 1200, 0.91], ["dog", null, false]] };
  return [
    ...progress,
    ...logs,
    sampleEvent("log", 30, { level: "warning", name: "data", messages: ["2 images cannot be read", { table }] }),
    sampleEvent("log", 31, { level: "warning", source: "stderr", messages: ["\u001b[33mdeprecated\u001b[0m"] }),
    sampleEvent("log", 199, {
      level: "error",
      name: "train",
      messages: ["out of memory", { json: { asked: 2 ** 31, free: [1, 2] } }],
    }),
  ].sort((a, b) => a.elapsed - b.elapsed);
}
