import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import type { EnergySummary } from "../lib/energy.ts";
import { Samples } from "../lib/samples.ts";
import { type Terminal, TerminalSink } from "../sinks/terminal.ts";
import {
  type OutputPaths,
  renderOneLine,
  renderTerminalSummary,
  type TerminalStyle,
} from "../sinks/terminal_summary.ts";
import { phaseOf, repetition, trainingMarks } from "./sample_marks.ts";
import { bareSummary, counter, gauge, trainingFrames, trainingSummary } from "./sample_run.ts";

const PATHS = { folder: "resmon-runs/x", report: "resmon-runs/20261121T091233Z-python-workshop-4711/report.html" };
const FAILED = "resmon: failed with exit code 7 after 10 s";
const PLAIN: TerminalStyle = { columns: 80, color: false, unicode: true, paths: PATHS };

function collect(terminal: Partial<Terminal>): { readonly sink: TerminalSink; readonly written: string[] } {
  const written: string[] = [];
  const write = (text: string): void => void written.push(text);
  const plain = { isTerminal: true, columns: 120, color: false, unicode: true, write };
  return { sink: new TerminalSink({ ...plain, ...terminal }, PATHS, assert.fail), written };
}

Deno.test("TerminalSink writes calm lines with sparklines on a terminal", () => {
  const { sink, written } = collect({});
  trainingFrames().forEach((frame) => sink.frame(frame));
  sink.end(trainingSummary());
  assert.equal(
    written.join(""),
    `
resmon: succeeded in 3 min 20 s

  CPU        3.2 of 8 cores (40 %)  ▂▂▆█████▅▇█████▄████  10 min 40 s of CPU
  Memory     7.9 of 16 GiB (49 %)   ▃▅▇▇▇▇▇▇▇▇██████████  all processes, sampled
  Storage    read 7.2 GiB, wrote 2.8 GiB
  Network    received 40.1 MiB, sent 3.2 MiB, eth0, all programs
  Processes  17 seen, at most 5 at once, up to 41 threads
  Note       Throttled in 5.9 % of the periods: by its CPU quota, 9.4 s in all
  Missing    cgroup: Cannot read /sys/fs/cgroup/memory.peak: permission denied
             (EACCES)
  Report     resmon-runs/20261121T091233Z-python-workshop-4711/report.html
`,
  );
});

const MARKED = [
  "  Phases    times        time          CPU  peak RSS, sum",
  "  load          1      24.6 s       24.2 s        6.4 GiB",
  "  train         1  2 min 43 s  10 min 52 s        7.4 GiB",
  "    epoch       3  2 min 43 s  10 min 52 s        7.4 GiB",
  "      save      2        16 s   1 min 04 s        7.4 GiB",
  "  test          2        12 s   1 min 20 s        7.4 GiB  1 failed, 1 not ended",
];

Deno.test("renderTerminalSummary() tells what the phases used, those within others inset", () => {
  const lines = renderTerminalSummary(trainingSummary(trainingMarks()), PLAIN);
  const from = lines.findIndex((line) => line.startsWith("  Phases"));
  assert.deepEqual(lines.slice(from, from + 6), MARKED);
});

Deno.test("renderTerminalSummary() tells the longest phases in no more columns than there are, and steers no terminal", () => {
  const phases = Array.from(
    { length: 12 },
    (_, at) => phaseOf(`phase \u001b[31m ${"x".repeat(at)}`, [repetition(at, at)]),
  );
  for (const columns of [80, 40, 20]) {
    const lines = renderTerminalSummary(bareSummary({ phases }), { ...PLAIN, columns });
    const told = lines.slice(lines.findIndex((line) => line.startsWith("  Phases")));
    assert.equal(told.findIndex((line) => line.startsWith("  4 more")), 9);
    assert.deepEqual(told.slice(0, 10).filter((line) => line.length > columns || line.includes("\u001b")), []);
  }
});

Deno.test("renderTerminalSummary() says where not all phases are told one by one", () => {
  const phases = [phaseOf("step", [repetition(0, 1)], { count: 5000 })];
  const lines = renderTerminalSummary(bareSummary({ phases }), PLAIN);
  assert.ok(lines.includes("  one by one only 1 of 5,000; all are in phases.csv"), lines.join("\n"));
});

Deno.test("TerminalSink draws memory to the end of a command whose last tick has none", () => {
  const { sink, written } = collect({});
  const frames = trainingFrames().slice(8, 16);
  frames.forEach(({ samples, ...frame }, at) => {
    const values = samples.values.map((value, number) =>
      at > 5 && samples.list.names[number] === "memory_rss_bytes" ? NaN : value
    );
    sink.frame({ ...frame, samples: new Samples(samples.list, values) });
  });
  sink.end(trainingSummary());
  const [cpu, memory] = [/CPU.* {2}([▁-█]+)/, /Memory.* {2}([▁-█]+)/].map((line) => line.exec(written.join(""))?.[1]);
  assert.equal(cpu?.length, 20);
  assert.equal(memory?.length, 20);
});

Deno.test("TerminalSink writes one line where stderr is no terminal", () => {
  const { sink, written } = collect({ isTerminal: false });
  trainingFrames().forEach((frame) => sink.frame(frame));
  sink.end(trainingSummary());
  assert.equal(
    written.join(""),
    "resmon: succeeded in 3 min 20 s, CPU 3.2 of 8 cores (40 %), memory 7.9 of 16 GiB (49 %), " +
      `report ${PATHS.report}\n`,
  );
});

Deno.test("TerminalSink leaves the sparklines out for a run of a few ticks", () => {
  const { sink, written } = collect({});
  trainingFrames().slice(0, 3).forEach((frame) => sink.frame(frame));
  sink.end(bareSummary({ exact: { cpu_seconds: 1, sources: {} } }));
  assert.match(written.join(""), /^ {2}CPU {8}0\.1 of 8 cores \(1\.3 %\), 1 s of CPU$/m);
});

Deno.test("TerminalSink does not throw when stderr is closed, and tells it once", () => {
  const told: string[] = [];
  const write = (): never => {
    throw new Deno.errors.BrokenPipe("Broken pipe (os error 32)");
  };
  const terminal = { isTerminal: true, columns: 80, color: false, unicode: true, write };
  new TerminalSink(terminal, PATHS, (reason) => told.push(reason)).end(bareSummary());
  assert.deepEqual(told, ["Cannot write the summary to stderr: Broken pipe (os error 32)"]);
});

Deno.test("renderTerminalSummary() shortens to narrow terminals but keeps the path whole", () => {
  const sparklines = { cpu: [1, 2, 3], memory: [1, 2, 3] };
  assert.deepEqual(renderTerminalSummary(trainingSummary(), { ...PLAIN, columns: 40, sparklines }), [
    "resmon: succeeded in 3 min 20 s",
    "",
    "  CPU        3.2 of 8 cores (40 %)",
    "  Memory     7.9 of 16 GiB (49 %)",
    "  Storage    read 7.2 GiB, wrote 2.8 GiB",
    "  Network    received 40.1 MiB, sent 3.…",
    "  Processes  17 seen",
    "  Note       Throttled in 5.9 % of the …",
    "  Missing    cgroup: Cannot read",
    "             /sys/fs/cgroup/memory.peak…",
    `  Report     ${PATHS.report}`,
  ]);
});

Deno.test("renderTerminalSummary() keeps to ASCII where the locale is not UTF-8", () => {
  const lines = renderTerminalSummary(trainingSummary(), {
    ...PLAIN,
    columns: 40,
    unicode: false,
    sparklines: { cpu: [1, 2, 3] },
  });
  assert.deepEqual(lines.filter((line) => /[^ -~]/.test(line)), []);
  assert.equal(lines[5], "  Network    received 40.1 MiB, sent ...");
});

Deno.test("renderTerminalSummary() tells a failure, and the folder where there is no report", () => {
  const run = { ...bareSummary().run, exit_code: 7 };
  const lines = renderTerminalSummary(bareSummary({ run }), { ...PLAIN, paths: { folder: "resmon-runs/x" } });
  assert.deepEqual(lines, [
    FAILED,
    "",
    "  Processes  1 seen",
    "  Files      resmon-runs/x",
  ]);
});

Deno.test("renderTerminalSummary() says why something is missing where that fits, and points to a report if there is one", () => {
  const unavailable = [{ collector: "cgroup", state: "denied", reason: "permission denied" }] as const;
  const missing = (paths: OutputPaths) =>
    renderTerminalSummary(bareSummary({ unavailable }), { ...PLAIN, paths }).at(-2);
  assert.equal(missing(PATHS), "  Missing    cgroup (permission denied); see the report");
  assert.equal(missing({ folder: "resmon-runs/x" }), "  Missing    cgroup (permission denied)");
});

Deno.test("renderTerminalSummary() names what is missing where there are several with long reasons", () => {
  const reason = "a reason that takes more room than there is on any terminal of the usual width";
  const unavailable = ["cgroup", "nvidia"].map((collector) => ({ collector, state: "denied" as const, reason }));
  const lines = renderTerminalSummary(bareSummary({ unavailable }), PLAIN);
  assert.equal(lines.at(-2), "  Missing    cgroup, nvidia; see the report");
});

const ENERGY: EnergySummary = {
  scope: "parts",
  joules: 3600,
  mean_watts: 360,
  seconds: 10,
  devices: [1, 2, 3, 4, 5].map((id) => ({
    name: `GPU ${id}`,
    series: `a${id}`,
    power_series: `b${id}`,
    joules: 720,
    mean_watts: 72,
    seconds: 10,
  })),
  baseline: { seconds: 5, mean_watts: 100 },
};

Deno.test("renderTerminalSummary() tells the joules of each device under their sum, on narrow terminals too", () => {
  const lines = renderTerminalSummary(bareSummary({ energy: ENERGY }), PLAIN);
  assert.deepEqual(lines.slice(2, 9), [
    "  Energy     3.6 kJ (360 W on average), CPUs only",
    "             720 J  GPU 1, 72 W",
    "             720 J  GPU 2, 72 W",
    "             720 J  GPU 3, 72 W",
    "             720 J  GPU 4, 72 W",
    "                    1 more in the report",
    "  Idle       1 kJ, if it had stayed so, at 100 W",
  ]);
  const narrow = renderTerminalSummary(bareSummary({ energy: ENERGY }), { ...PLAIN, columns: 40 });
  assert.equal(narrow[8], "  Idle       1 kJ");
});

Deno.test("renderOneLine() tells GPU and energy too", () => {
  const metrics = { 'gpu_utilization_percent{gpu="0"}': gauge(87) };
  const line = renderOneLine(bareSummary({ metrics, energy: ENERGY }), PATHS);
  assert.match(line, /, GPU 87 % busy, energy 3.6 kJ \(360 W on average\), report /);
});

Deno.test("renderTerminalSummary() never cuts how long it took", () => {
  const run = { ...bareSummary().run, exit_code: 7 };
  assert.equal(renderTerminalSummary(bareSummary({ run }), { ...PLAIN, columns: 20 })[0], FAILED);
});

Deno.test("renderTerminalSummary() tells a log that breaks off, and nothing of the end of a process it attached to", () => {
  const { exit_code: _, ...run } = { ...bareSummary().run, end_unknown: "the log ends before the command did" };
  assert.deepEqual(renderTerminalSummary(bareSummary({ run }), PLAIN).slice(0, 3), [
    "resmon: recorded for 10 s",
    "  The end of the command is not known: the log ends before the command did",
    "",
  ]);
  assert.match(renderOneLine(bareSummary({ run }), PATHS), /^resmon: recorded for 10 s, its end is not known, report /);
  const attached = bareSummary({ run: { ...run, mode: "attach" } });
  assert.deepEqual(renderTerminalSummary(attached, PLAIN).slice(0, 2), ["resmon: recorded for 10 s", ""]);
});

Deno.test("renderTerminalSummary() gives sparklines the room that notes leave", () => {
  const sparklines = { cpu: Array(20).fill(50), memory: Array(20).fill(1) };
  const [, , cpu, memory] = renderTerminalSummary(trainingSummary(), { ...PLAIN, columns: 70, sparklines });
  assert.equal(cpu, "  CPU        3.2 of 8 cores (40 %)  ██████████  10 min 40 s of CPU");
  assert.equal(memory, "  Memory     7.9 of 16 GiB (49 %)   ██████████  all processes, sampled");
});

Deno.test("renderTerminalSummary() draws a command that hardly computes as a flat line", () => {
  const sparklines = { cpu: [0.3, 0.1, 0.3] };
  assert.match(renderTerminalSummary(trainingSummary(), { ...PLAIN, sparklines })[2] ?? "", / ▁▁▁ /);
});

Deno.test("renderTerminalSummary() colours without changing the text", () => {
  const plain = renderTerminalSummary(trainingSummary(), PLAIN);
  const colored = renderTerminalSummary(trainingSummary(), { ...PLAIN, color: true });
  assert.ok(colored[0]?.includes("\x1b[1;32msucceeded"));
  assert.deepEqual(colored.map((line) => stripVTControlCharacters(line).trimEnd()), plain);
});

Deno.test("renderTerminalSummary() stays within a dozen lines of 80 columns whatever happened", () => {
  const metrics = {
    ...trainingSummary().metrics,
    cgroup_oom_kills_total: counter(3),
    'system_pressure_percent{resource="io",kind="some"}': { ...counter(0), kind: "gauge", mean: 40 } as const,
  };
  const unavailable = Array.from(
    { length: 30 },
    (_, index) => ({ collector: `gpu${index}`, state: "denied" } as const),
  );
  const lines = renderTerminalSummary(trainingSummary({ metrics, unavailable }), PLAIN);
  assert.ok(lines.length <= 12, `${lines.length} lines`);
  assert.deepEqual(lines.filter((line) => line.length > 80 && !line.includes(PATHS.report)), []);
});

Deno.test("renderTerminalSummary() and renderOneLine() let no text from outside steer the terminal", () => {
  const evil = "\x1b]0;owned\x07\u202e\n";
  const summary = bareSummary({
    run: { ...bareSummary().run, exit_code: 1, signal: `SIG${evil}` },
    unavailable: [{ collector: evil, state: "denied", reason: evil }],
    incomplete: [{ output: evil, reason: evil }],
    metrics: {
      'network_receive_bytes_total{interface="\x1b[2J"}': counter(5e9),
    },
  });
  const paths = { folder: evil, report: evil };
  const lines = [
    ...renderTerminalSummary(summary, { ...PLAIN, paths }),
    renderOneLine(summary, paths),
  ];
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  assert.deepEqual(lines.filter((line) => /[\x00-\x1f\x7f-\x9f\u202e]/.test(line)), []);
});
