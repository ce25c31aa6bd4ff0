import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Event } from "../lib/records.ts";
import type { Summary } from "../lib/summary.ts";
import type { ReportData } from "../report/data.ts";
import { HtmlSink } from "../sinks/html.ts";
import { type PageAssets, prepareAssets } from "../sinks/html_assets.ts";
import { Blobs } from "../sinks/html_charts.ts";
import { renderDocument } from "../sinks/html_document.ts";
import { bandsOf, momentsOf } from "../sinks/html_marks.ts";
import { runPage } from "../sinks/html_page.ts";
import { LogTail } from "../sinks/log_tail.ts";
import { escapeHtml, jsonForScript, markup, scriptText } from "../sinks/html_template.ts";
import { phaseOf, repetition, trainingMarks } from "./sample_marks.ts";
import { sampleRun } from "./sample_records.ts";
import { bareSummary, counter, gauge, trainingSummary } from "./sample_run.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";

const STYLE = "p { margin: 0 }";
const ASSETS = await prepareAssets("start();", STYLE);
const NO_DATA: ReportData = { seconds: 10, step: 1, runs: [{ label: "", bands: [], moments: [] }], charts: [] };
const HOSTILE = `</script><img src=x onerror="alert('x')">`;

async function renderPage(summary: Summary, data: ReportData, assets: PageAssets): Promise<string> {
  return (await Array.fromAsync(
    renderDocument(runPage(summary, { data, blobs: new Blobs(), logs: new LogTail() }), assets),
  )).join("");
}

Deno.test("escapeHtml() leaves no character that could be markup or hide text", () => {
  assert.equal(escapeHtml(`<a href="x" id='y'>&`), "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;");
  assert.equal(escapeHtml("a\x1b[2Jb\u202ec"), "a\\x1b[2Jb\\u{202e}c");
  assert.equal(escapeHtml("Größe 大"), "Größe 大");
});

Deno.test("markup escapes every text and keeps markup", () => {
  const items = ["<1>", "2"].map((text) => markup`<li title="${text}">${text}</li>`);
  assert.equal(
    markup`<ul>${items}${undefined}</ul>`.text,
    '<ul><li title="&lt;1&gt;">&lt;1&gt;</li><li title="2">2</li></ul>',
  );
});

Deno.test("jsonForScript() and scriptText() cannot end their element", () => {
  assert.equal(jsonForScript({ name: HOSTILE }).text.includes("<"), false);
  assert.deepEqual(JSON.parse(jsonForScript({ name: HOSTILE }).text), { name: HOSTILE });
  assert.equal(scriptText('a="</SCRIPT><!--"').text, 'a="<\\/SCRIPT><\\!--"');
});

Deno.test("runPage() allows its own script and style and nothing else", async () => {
  const page = await renderPage(bareSummary(), NO_DATA, await prepareAssets("a='</script>'", STYLE));
  const hash = (text: string) => createHash("sha256").update(text).digest("base64");
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll("&#39;", "'");
  assert.equal(
    policy,
    `default-src 'none'; script-src 'sha256-${hash("a='<\\/script>'")}'; style-src 'sha256-${hash(STYLE)}'; ` +
      "img-src data:; base-uri 'none'; form-action 'none'",
  );
});

Deno.test("runPage() shows every text from outside as text", async () => {
  const bare = bareSummary();
  const page = await renderPage(
    bareSummary({
      run: {
        ...bare.run,
        command: [HOSTILE],
        cwd: HOSTILE,
        host: HOSTILE,
        message: HOSTILE,
        tags: { [HOSTILE]: HOSTILE },
      },
      machine: { ...bare.machine, cpu_model: HOSTILE },
      metrics: { "cpu_percent": gauge(1), [`disk_busy_percent{disk="<b>"}`]: gauge(1) },
      processes: {
        seen: 1,
        rows: [{ id: 1, pid: 2, name: HOSTILE, command: ["a", HOSTILE], signal: HOSTILE, values: {} }],
      },
      unavailable: [{ collector: HOSTILE, state: "denied", reason: HOSTILE, remedy: HOSTILE }],
      incomplete: [{ output: HOSTILE, reason: HOSTILE }],
    }),
    { ...NO_DATA, charts: [{ id: "cpu", kind: "lines", title: HOSTILE, unit: "", lines: [] }] },
    ASSETS,
  );
  assert.equal(page.includes("<img"), false);
  assert.equal(page.includes("<b>"), false);
  assert.equal(page.match(/<\/script>/g)?.length, 2);
});

Deno.test("runPage() leaves out what is not known", async () => {
  const page = await renderPage(bareSummary(), NO_DATA, ASSETS);
  assert.doesNotMatch(page, /NaN|undefined|null|<table|What was not recorded|<figure/);
});

Deno.test("runPage() names in few words what the machine does not have, and folds the rest", async () => {
  const absent = (collector: string, metrics?: string[]): Summary["unavailable"][number] => ({
    collector,
    state: "absent",
    reason: "none",
    ...(metrics && { metrics }),
  });
  const unavailable = ["nvidia", "amdgpu", "rapl", "battery", "fan", "imported file"].map((name) => absent(name));
  const page = await renderPage(
    bareSummary({
      unavailable: [...unavailable, absent("temperature", ["system_temperature_celsius"])],
      metrics: { 'gpu_power_watts{gpu="0"}': gauge(1) },
    }),
    NO_DATA,
    ASSETS,
  );
  const [, shown, folded] = /What was not recorded<\/h2>([^]*?)<details><summary>([^<]*)/.exec(page) ?? [];
  assert.match(shown ?? "", /imported file/);
  assert.doesNotMatch(shown ?? "", /nvidia|rapl/);
  assert.equal(folded, "What this machine does not have: power sensor, battery, fan");
});

Deno.test("runPage() tells the increase of a counter and no level of it", async () => {
  const page = await renderPage(bareSummary({ metrics: { minor_faults_total: counter(7) } }), NO_DATA, ASSETS);
  const cells = /minor_faults_total[^]*?<\/tr>/.exec(page)?.[0].matchAll(/<td class="number">([^<]*)</g) ?? [];
  assert.deepEqual(Array.from(cells, ([, text]) => text), ["", "", "", "", "", "7"]);
});

Deno.test("runPage() draws a process that lives on to the end of the run", async () => {
  const rows = [1, 2].map((id) => ({ id, pid: id, name: "p", started: id, values: {}, ...(id === 1 && { ended: 4 }) }));
  const page = await renderPage(bareSummary({ processes: { seen: 2, rows } }), NO_DATA, ASSETS);
  const bars = page.matchAll(/data-from="([^"]*)" data-to="([^"]*)"/g);
  assert.deepEqual(Array.from(bars, ([, from, to]) => [from, to]), [["1", "4"], ["2", "10"]]);
});

Deno.test("runPage() folds a long command and keeps it whole", async () => {
  const command = ["echo", "x".repeat(5000)];
  const page = await renderPage(bareSummary({ run: { ...bareSummary().run, command } }), NO_DATA, ASSETS);
  assert.match(page, /<summary><h1>echo x{195}…<\/h1><\/summary>/);
  assert.match(page, /<p class="whole">echo x{5000}<\/p>/);
});

Deno.test("runPage() makes the first number of a fact large, together with its sign", async () => {
  const exact = { cpu_seconds: 0.01, storage_read_bytes: 1024, sources: {} };
  const page = await renderPage(bareSummary({ exact }), NO_DATA, ASSETS);
  assert.match(page, /<b class="large">&lt; 0\.1<\/b> of 8 cores \(&lt; 0\.1 %\)/);
  assert.match(page, /read <b class="middle">1 KiB<\/b>/);
});

Deno.test("runPage() makes the whole of a range large", async () => {
  const page = (low: number) =>
    renderPage(
      bareSummary({ exact: { memory_peak_bytes: low, memory_peak_limit_bytes: 22 * 1024 ** 2, sources: {} } }),
      NO_DATA,
      ASSETS,
    );
  assert.match(await page(3 * 1024 ** 2), /<b class="large">3 to 22<\/b> MiB of 16 GiB/);
  assert.match(await page(3 * 1024), /<b class="large">3 KiB to 22<\/b> MiB of 16 GiB/);
});

Deno.test("runPage() says in its head why the end is not known", async () => {
  const { exit_code: _, ...run } = { ...bareSummary().run, mode: "attach" as const, end_unknown: "PID 7 still runs" };
  const page = await renderPage(bareSummary({ run }), NO_DATA, ASSETS);
  assert.match(page, /<span>recorded<\/span> for 10 s<\/p>\n<p class="message">PID 7 still runs.<\/p>/);
});

Deno.test("runPage() says so where a run was too short for charts", async () => {
  assert.match(await renderPage(bareSummary(), NO_DATA, ASSETS), /Too short for charts/);
});

function eventAt(kind: Event["kind"], elapsed: number, name?: string): Event {
  return { kind, elapsed, time: 1_795_252_353 + elapsed, ...(name !== undefined && { name }) };
}

Deno.test("bandsOf() tells from when to when the command was stopped", () => {
  assert.deepEqual(bandsOf(bareSummary()), []);
  const kinds = [["stop", 2], ["signal", 2.5], ["continue", 5], ["continue", 6], ["stop", 8], ["stop", 9]] as const;
  const events = kinds.map(([kind, elapsed]) => eventAt(kind, elapsed));
  assert.deepEqual(bandsOf(bareSummary({ events })), [
    { kind: "stop", label: "stopped", from: 2, to: 5 },
    { kind: "stop", label: "stopped", from: 8, to: 10 },
  ]);
});

Deno.test("bandsOf() tells the outermost phases, or those within a single one around everything", () => {
  const [main, load, train] = [
    phaseOf("main", [repetition(0, 9)]),
    phaseOf("load", [repetition(1, 2, { depth: 1 })]),
    phaseOf("train", [repetition(3, 5, { depth: 1 }), repetition(4, 1, { depth: 2 })]),
  ];
  assert.deepEqual(bandsOf(bareSummary({ phases: [main] })), [{ kind: "phase", label: "main", from: 0, to: 9 }]);
  assert.deepEqual(bandsOf(bareSummary({ phases: [main, load, train] })), [
    { kind: "phase", label: "load", from: 1, to: 3 },
    { kind: "phase", label: "train 1", from: 3, to: 8 },
  ]);
});

Deno.test("momentsOf() tells tags, checkpoints and signals by their names", () => {
  const signal: Event = { kind: "signal", elapsed: 3, time: 0, attributes: { signal: "SIGUSR1", forwarded: true } };
  const { checkpoints = [] } = trainingMarks();
  assert.deepEqual(momentsOf({ events: [eventAt("stop", 1), eventAt("tag", 2, "epoch 1"), signal], checkpoints }), [
    { at: 2, label: "epoch 1" },
    { at: 3, label: "SIGUSR1" },
    { at: 93, label: "epoch 1 saved" },
    { at: 158, label: "epoch 2 saved" },
  ]);
});

async function writeLog(folder: string): Promise<string> {
  const path = `${folder}/log.jsonl`;
  await Deno.writeTextFile(path, sampleRun(5).map((record) => `${JSON.stringify(record)}\n`).join(""));
  return path;
}

Deno.test("HtmlSink writes the report whole at the end", () =>
  withTemporaryFolder(async (folder) => {
    const path = `${folder}/report.html`;
    const sink = await HtmlSink.open(path, { log: await writeLog(folder), onFailure: assert.fail });
    assert.deepEqual(listFolder(folder), ["log.jsonl"]);
    sink.end(trainingSummary());
    await sink.close();
    assert.deepEqual(listFolder(folder), ["log.jsonl", "report.html"]);
    assert.match(await Deno.readTextFile(path), /^<!DOCTYPE html>[^]*<\/html>\n$/);
  }));

Deno.test("HtmlSink refuses at once a path that cannot be written", async () => {
  await assert.rejects(HtmlSink.open("/proc/report.html", { log: "", onFailure: assert.fail }), {
    message: "Cannot write /proc/report.html: no such file or directory",
  });
});

for (const [what, gone] of [["its folder", ""], ["the log", "/log.jsonl"]] as const) {
  Deno.test(`HtmlSink tells when ${what} is not there at the end`, () =>
    withTemporaryFolder(async (folder) => {
      const run = `${folder}/run`;
      await Deno.mkdir(run);
      const told: string[] = [];
      const log = await writeLog(run);
      const sink = await HtmlSink.open(`${run}/report.html`, { log, onFailure: (reason) => told.push(reason) });
      await Deno.remove(`${run}${gone}`, { recursive: true });
      sink.end(trainingSummary());
      await sink.close();
      assert.deepEqual(told, [`Cannot write ${run}/report.html: cannot read ${log}: there is no such file`]);
    }));
}
