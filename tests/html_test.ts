import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Downsample } from "../lib/downsample.ts";
import type { Event } from "../lib/records.ts";
import { packNumbers, unpackNumbers } from "../report/data.ts";
import { HtmlSink } from "../sinks/html.ts";
import { prepareAssets } from "../sinks/html_assets.ts";
import { chartsOf } from "../sinks/html_charts.ts";
import { renderPage } from "../sinks/html_page.ts";
import { stopsOf } from "../sinks/html_stops.ts";
import { escapeHtml, jsonForScript, markup, scriptText } from "../sinks/html_template.ts";
import { bareSummary, gauge, trainingFrames, trainingSummary } from "./sample_run.ts";

const STYLE = "p { margin: 0 }";
const ASSETS = await prepareAssets("start();", STYLE);
const NO_DATA = { times: "", seconds: 10, stops: [], charts: [] };
const HOSTILE = `</script><img src=x onerror="alert('x')">`;

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

Deno.test("packNumbers() and unpackNumbers() agree, gaps included", () => {
  assert.deepEqual([...unpackNumbers(packNumbers(Float64Array.of(0.5, NaN, 1e9)))], [0.5, NaN, 1e9]);
});

Deno.test("renderPage() allows its own script and style and nothing else", async () => {
  const page = renderPage(bareSummary(), NO_DATA, await prepareAssets("a='</script>'", STYLE));
  const hash = (text: string) => createHash("sha256").update(text).digest("base64");
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll("&#39;", "'");
  assert.equal(
    policy,
    `default-src 'none'; script-src 'sha256-${hash("a='<\\/script>'")}'; style-src 'sha256-${hash(STYLE)}'; ` +
      "img-src data:; base-uri 'none'; form-action 'none'",
  );
});

Deno.test("renderPage() shows every text from outside as text", () => {
  const bare = bareSummary();
  const page = renderPage(
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
    { ...NO_DATA, charts: [{ id: "cpu", title: HOSTILE, unit: "", lines: [] }] },
    ASSETS,
  );
  assert.equal(page.includes("<img"), false);
  assert.equal(page.includes("<b>"), false);
  assert.equal(page.match(/<\/script>/g)?.length, 2);
});

Deno.test("renderPage() leaves out what is not known", () => {
  const page = renderPage(bareSummary(), NO_DATA, ASSETS);
  assert.doesNotMatch(page, /NaN|undefined|null|<table|What was not recorded|<figure/);
});

Deno.test("renderPage() folds a long command and keeps it whole", () => {
  const command = ["echo", "x".repeat(5000)];
  const page = renderPage(bareSummary({ run: { ...bareSummary().run, command } }), NO_DATA, ASSETS);
  assert.match(page, /<summary><h1>echo x{195}…<\/h1><\/summary>/);
  assert.match(page, /<p class="whole">echo x{5000}<\/p>/);
});

Deno.test("renderPage() makes the first number of a fact large, together with its sign", () => {
  const exact = { cpu_seconds: 0.01, storage_read_bytes: 1024, sources: {} };
  const page = renderPage(bareSummary({ exact }), NO_DATA, ASSETS);
  assert.match(page, /<b class="large">&lt; 0\.1<\/b> of 8 cores \(&lt; 0\.1 %\)/);
  assert.match(page, /read <b class="middle">1 KiB<\/b>/);
});

Deno.test("renderPage() makes the whole of a range large", () => {
  const page = (low: number) =>
    renderPage(
      bareSummary({ exact: { memory_peak_bytes: low, memory_peak_limit_bytes: 22 * 1024 ** 2, sources: {} } }),
      NO_DATA,
      ASSETS,
    );
  assert.match(page(3 * 1024 ** 2), /<b class="large">3 to 22<\/b> MiB of 16 GiB/);
  assert.match(page(3 * 1024), /<b class="large">3 KiB to 22<\/b> MiB of 16 GiB/);
});

Deno.test("renderPage() says in its head why the end is not known", () => {
  const { exit_code: _, ...run } = { ...bareSummary().run, mode: "attach" as const, end_unknown: "PID 7 still runs" };
  const page = renderPage(bareSummary({ run }), NO_DATA, ASSETS);
  assert.match(page, /<span>recorded<\/span> for 10 s<\/p>\n<p class="message">PID 7 still runs.<\/p>/);
});

Deno.test("chartsOf() chooses the charts by what the run has, and the limit by whether it fits", () => {
  const history = new Downsample(100);
  for (const { elapsed, samples } of trainingFrames()) history.add(elapsed, samples);
  const charts = chartsOf(history, trainingSummary());
  assert.deepEqual(charts.map(({ id }) => id), ["cpu", "memory", "storage", "disk", "network", "processes"]);
  assert.equal(charts[0]?.limit?.value, 800);
  assert.deepEqual(charts[1]?.lines.map(({ label, role }) => [label, role]), [
    ["PSS of the command", "first"],
    ["RSS of the command", "second"],
    ["whole machine", "context"],
  ]);
  const many = trainingSummary({ machine: { ...bareSummary().machine, cpus_usable: 128 } });
  assert.equal(chartsOf(history, many)[0]?.limit, undefined);
  assert.deepEqual(chartsOf(new Downsample(2), bareSummary()), []);
});

Deno.test("chartsOf() leaves the machine out of the memory chart where the command would be a flat line", () => {
  const memoryOf = (used: number) => {
    const history = new Downsample(100);
    const samples = [["memory_rss_bytes", 8 * 1024 ** 2], ["system_memory_used_bytes", used * 1024 ** 2]] as const;
    [0, 1, 2].forEach((time) => history.add(time, samples));
    return chartsOf(history, bareSummary())[0];
  };
  assert.deepEqual(memoryOf(24)?.lines.map(({ role }) => role), ["first", "context"]);
  assert.equal(memoryOf(24)?.beyond, undefined);
  assert.deepEqual(memoryOf(600)?.lines.map(({ role }) => role), ["first"]);
  assert.equal(memoryOf(600)?.beyond, "whole machine: up to 600 MiB, beyond this scale");
});

Deno.test("chartsOf() draws no line of fewer than three readings", () => {
  const history = new Downsample(100);
  [0, 1, 2].forEach((time) => history.add(time, [["threads", 1], ...(time > 0 ? [["processes", 1] as const] : [])]));
  assert.deepEqual(chartsOf(history, bareSummary()).flatMap(({ lines }) => lines.map(({ series }) => series)), [
    "threads",
  ]);
  assert.match(renderPage(bareSummary(), NO_DATA, ASSETS), /Too short for charts/);
});

Deno.test("stopsOf() tells from when to when the command was stopped", () => {
  const at = (kind: Event["kind"], elapsed: number): Event => ({ kind, elapsed, time: 1_795_252_353 + elapsed });
  assert.deepEqual(stopsOf([], 10), []);
  const events = [at("stop", 2), at("signal", 2.5), at("continue", 5), at("continue", 6), at("stop", 8), at("stop", 9)];
  assert.deepEqual(stopsOf(events, 10), [{ from: 2, to: 5 }, { from: 8, to: 10 }]);
});

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
}

Deno.test("HtmlSink writes the report whole at the end", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/report.html`;
  const sink = await HtmlSink.open(path, { onFailure: assert.fail });
  assert.deepEqual(await namesIn(folder), []);
  trainingFrames().forEach((frame) => sink.frame(frame));
  sink.end(trainingSummary());
  assert.deepEqual(await namesIn(folder), ["report.html"]);
  assert.match(await Deno.readTextFile(path), /^<!DOCTYPE html>[^]*<\/html>\n$/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("HtmlSink refuses at once a path that cannot be written", async () => {
  await assert.rejects(HtmlSink.open("/proc/report.html", { onFailure: assert.fail }), {
    message: "Cannot write /proc/report.html: no such file or directory",
  });
});

Deno.test("HtmlSink tells when the report cannot be written at the end", async () => {
  const folder = await Deno.makeTempDir();
  const told: string[] = [];
  const sink = await HtmlSink.open(`${folder}/report.html`, { onFailure: (reason) => told.push(reason) });
  await Deno.remove(folder);
  sink.end(bareSummary());
  assert.deepEqual(told, [`Cannot write ${folder}/report.html: no such file or directory`]);
});
