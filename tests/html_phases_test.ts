import assert from "node:assert/strict";
import type { Attributes, Event, EventRecord } from "../lib/records.ts";
import type { Html } from "../sinks/html_template.ts";
import { checkpointsSection } from "../sinks/html_checkpoints.ts";
import { lanesFigure } from "../sinks/html_lanes.ts";
import { logsSection } from "../sinks/html_logs.ts";
import { phasesSection } from "../sinks/html_phases.ts";
import { progressSection } from "../sinks/html_progress.ts";
import { tagsSection } from "../sinks/html_tags.ts";
import { LogTail } from "../sinks/log_tail.ts";
import { phaseOf, repetition, trainingMarks } from "./sample_marks.ts";
import { sampleEvent } from "./sample_records.ts";
import { bareSummary } from "./sample_run.ts";

const HOSTILE = `</script><img src=x onerror="alert('x')">\u001b[2J`;

/** The texts of the cells of each row of the tables in a section. */
function cellsOf(section: Html | undefined): string[][] {
  const rows = section?.text.match(/<tr[^]*?<\/tr>/g) ?? [];
  return rows.map((row) =>
    (row.match(/<t[dh][^]*?<\/t[dh]>/g) ?? []).map((cell) => cell.replace(/<[^]*?>/g, "").trim())
  );
}

function tailOf(logs: readonly EventRecord[]): LogTail {
  const tail = new LogTail();
  for (const log of logs) tail.record(log);
  return tail;
}

function log(elapsed: number, parts: Partial<EventRecord>): EventRecord {
  return sampleEvent("log", elapsed, { level: "info", ...parts });
}

Deno.test("the report says nothing of marks where there are none", () => {
  const bare = bareSummary();
  const sections = [phasesSection, lanesFigure, checkpointsSection, progressSection].map((section) => section(bare));
  assert.deepEqual([...sections, logsSection(new LogTail())], [undefined, undefined, undefined, undefined, undefined]);
});

Deno.test("phasesSection() tells what each phase used, and its repetitions against their median", () => {
  const epochs = [10, 20, 40].map((seconds, at) => repetition(at * 50, seconds, { attributes: { loss: 2 - at } }));
  const cells = cellsOf(phasesSection(bareSummary({ phases: [phaseOf("epoch", epochs)] })));
  assert.deepEqual(cells, [
    ["Phase", "Times", "Time", "Each", "CPU time", "Cores", "Peak RSS", "Mean RSS", "Read", "Written"],
    ["epoch", "3", "1 min 10 s", "23.3 s", "4 min 40 s", "4", "7.4 GiB", "7.1 GiB", "0 B", "40 MiB"],
    ["#", "From", "Time", "CPU time", "Cores", "Peak RSS", "Mean RSS", "Read", "Written", "Attributes", "PID"],
    ["1", "0 s", "10 s −50 %", "40 s −50 %", "4", "7.4 GiB", "7.1 GiB", "0 B", "40 MiB", "loss 2", "4711"],
    ["2", "50 s", "20 s", "1 min 20 s", "4", "7.4 GiB", "7.1 GiB", "0 B", "40 MiB", "loss 1", "4711"],
    [
      "3",
      "1 min 40 s",
      "40 s +100 %",
      "2 min 40 s +100 %",
      "4",
      "7.4 GiB",
      "7.1 GiB",
      "0 B",
      "40 MiB",
      "loss 0",
      "4711",
    ],
  ]);
});

Deno.test("phasesSection() tells phases that failed or did not end, and marks that fit nothing", () => {
  const { phases } = trainingMarks();
  const { text = "" } =
    phasesSection(bareSummary({ phases, phase_troubles: { ends_without_start: 2, unmatched_names: ["<y>"] } })) ?? {};
  assert.match(text, /1 failed, 1 did not end/);
  assert.match(text, /<span class="bad">ValueError<\/span>/);
  assert.match(text, /2 ends of phases that had not begun: &lt;y&gt;\./);
  assert.match(text, /Those within others are in these, too\./);
});

Deno.test("phasesSection() opens the repetitions of the outermost phase, links to all, and says what nested ones lie in", () => {
  const inner = { depth: 1, parent: "epoch", attributes: { loss: 0.30000000000000004, step: 1234567 } };
  const steps = [1, 6].map((at, index) => repetition(at, 1, { ...inner, parent_repetition: index + 1 }));
  const phases = [phaseOf("step", steps), phaseOf("epoch", [repetition(0, 5), repetition(5, 5)])];
  const section = phasesSection(bareSummary({ phases }));
  const { text = "" } = section ?? {};
  const folded = text.match(/<details class="repetitions"(?: open)?><summary><strong>\w+/g);
  assert.deepEqual(folded?.map((tag) => [/ open/.test(tag), /\w+$/.exec(tag)?.[0]]), [[false, "step"], [
    true,
    "epoch",
  ]]);
  assert.deepEqual(text.match(/<a href="#(.*?)">\w+/g), [
    '<a href="#phase-0-table">step',
    '<a href="#phase-1-table">epoch',
  ]);
  assert.ok(text.includes('id="phase-0-table"') && text.includes('id="phase-1-table"'));
  assert.deepEqual(cellsOf(section)[4]?.slice(-3), ["epoch 1", "loss 0.3, step 1234567", "4711"]);
});

Deno.test("lanesFigure() lays phases that go on at the same time into lanes of their own", () => {
  const parallel = [repetition(0, 5), repetition(1, 5), repetition(5, 1)];
  const { text = "" } = lanesFigure(bareSummary({ phases: [phaseOf("work", parallel)] })) ?? {};
  assert.deepEqual(text.match(/data-from="\d+" data-to="\d+"\s+y="\d+%"/g)?.map((bar) => bar.replace(/\s+/g, " ")), [
    `data-from="0" data-to="5" y="0%"`,
    `data-from="1" data-to="6" y="50%"`,
    `data-from="5" data-to="6" y="0%"`,
  ]);
  assert.match(text, /<span class="told">3 times, first from 0 s, 11 s in all<\/span>/);
});

Deno.test("tagsSection() lists tags where they tell more than their label, which their marks in the lanes tell too", () => {
  const tag = (attributes?: Attributes): Event => ({
    kind: "tag",
    time: 0,
    elapsed: 2,
    name: "val",
    ...(attributes && { attributes }),
  });
  assert.equal(tagsSection(bareSummary({ events: [tag()] })), undefined);
  const summary = bareSummary({ events: [tag({ loss: 0.1 + 0.2 }), tag()] });
  assert.deepEqual(cellsOf(tagsSection(summary)), [["Tag", "At", "Attributes"], ["val", "2 s", "loss 0.3"], [
    "val",
    "2 s",
    "",
  ]]);
  assert.match(lanesFigure(summary)?.text ?? "", /<title>val \(loss 0\.3\): at 2 s<\/title>/);
});

Deno.test("checkpointsSection() tells what was used since the checkpoint before", () => {
  const cells = cellsOf(checkpointsSection(bareSummary(trainingMarks())));
  assert.deepEqual(cells[2], ["epoch 2 saved", "2 min 38 s", "1 min 05 s", "4 min 14 s", "3.9", "8.4 GiB"]);
});

Deno.test("progressSection() tells how far and how fast", () => {
  const [, row] = cellsOf(progressSection(bareSummary(trainingMarks())));
  assert.deepEqual(row, ["images", "52,000", "60,000", "87 %", "25 s", "2 min 40 s", "325/s", "failed"]);
});

Deno.test("logsSection() shows texts without the colours of a terminal, tables and objects, in the order of their times", () => {
  const table = { columns: ["class", "n"], rows: [["cat", 1], ["dog", null]] };
  const logs = [
    log(2, { level: "error", messages: ["\u001b[31mtwo\u001b[0m\nlines", { table }, { json: { a: [1] } }] }),
    log(1, { name: "data", path: "a.py", line: 7, messages: ["first"] }),
  ];
  const { text = "" } = logsSection(tailOf(logs)) ?? {};
  assert.ok(text.indexOf("first") < text.indexOf("two\nlines"));
  assert.match(text, /<td title="a.py:7">data<\/td>/);
  assert.match(text, /<tr><td>dog<\/td><td><\/td><\/tr>/);
  assert.match(text, /<code>\{\n &quot;a&quot;: \[/);
  assert.match(text, /<option value="info error">all levels<\/option><option value="error">error and above<\/option>/);
});

Deno.test("logsSection() keeps the last logs, as many as a page can hold, and says so", () => {
  const { text = "" } =
    logsSection(tailOf(Array.from({ length: 12_001 }, (_, at) => log(at, { messages: [`m${at}.`] })))) ??
      {};
  assert.match(text, /The last 5,000 of 12,001; all\s+stand in log.jsonl/);
  assert.ok(text.includes("m12000.") && text.includes("m7001.") && !text.includes("m7000."));
  const large = tailOf(Array.from({ length: 100 }, (_, at) => log(at, { messages: ["x".repeat(64_000)] })));
  assert.equal(large.logs.length, 46);
  assert.ok((logsSection(large)?.text.length ?? 0) < 600_000);
});

Deno.test("logsSection() shows what is nested deep as it stands", () => {
  const json = JSON.parse(`${"[".repeat(30_000)}${"]".repeat(30_000)}`);
  const { text = "" } = logsSection(tailOf([log(1, { messages: [{ json }] })])) ?? {};
  assert.ok(text.length < 20_000, `${text.length}`);
});

Deno.test("no name, attribute or message of a mark becomes markup or steers a terminal", () => {
  const attributes = { [HOSTILE]: HOSTILE, error: HOSTILE };
  const summary = bareSummary({
    phases: [phaseOf(HOSTILE, [repetition(0, 1, { attributes })])],
    events: [{ kind: "tag", name: HOSTILE, time: 0, elapsed: 1 }],
    checkpoints: [{ name: HOSTILE, attributes, time: 0, elapsed: 1, seconds: 1, metrics: {} }],
    progress: [{ span: HOSTILE, name: HOSTILE, completed: 1, state: "done", started: 0, seconds: 1 }],
  });
  const table = { columns: [HOSTILE], rows: [[HOSTILE]] };
  const logs = logsSection(
    tailOf([log(1, { name: HOSTILE, path: HOSTILE, messages: [HOSTILE, { table }, { json: HOSTILE }] })]),
  );
  const sections = [phasesSection, lanesFigure, checkpointsSection, progressSection].map((section) => section(summary));
  for (const section of [...sections, logs]) {
    assert.ok(section !== undefined && section.text.includes("&lt;img"));
    assert.doesNotMatch(section.text, /<img|<\/script/);
    assert.ok(!section.text.includes("\u001b"));
  }
});
