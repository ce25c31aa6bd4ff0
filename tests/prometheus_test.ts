import assert from "node:assert/strict";
import type { Frame } from "../lib/frame.ts";
import { Derive } from "../lib/derive.ts";
import { HEFLWR_PARTS } from "../lib/heflwr.ts";
import type { Event, ResmonRecord } from "../lib/records.ts";
import { PrometheusSink } from "../sinks/prometheus.ts";
import { FormServer, freePort } from "./form_server.ts";
import { execute, record, RESMON, resmon } from "./program.ts";
import { exists, Running } from "./running.ts";
import { sampleColumns, sampleRun, sampleSession, sampleTick } from "./sample_records.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

async function get(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

/** Says what a server answers to bytes that need not be HTTP. */
async function exchange(port: number, text: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  return await new Response(connection.readable).text();
}

function feed(sink: PrometheusSink, records: readonly ResmonRecord[]): void {
  const derive = new Derive();
  for (const record of records) {
    sink.record(record);
    const frame: Frame | undefined = derive.accept(record);
    if (frame !== undefined) sink.frame(frame);
  }
}

async function withSink(
  options: Partial<Parameters<typeof PrometheusSink.open>[0]>,
  test: (sink: PrometheusSink, port: number) => Promise<void>,
): Promise<void> {
  const sink = PrometheusSink.open({ host: "127.0.0.1", port: 0, ...options });
  try {
    await test(sink, parseInt(new URL(sink.url).port));
  } finally {
    await sink.close();
  }
}

Deno.test("PrometheusSink serves the latest numbers, whose run it is, and that it is there", () =>
  withSink({}, async (sink) => {
    feed(sink, sampleRun(4));
    const { status, type, text } = await get(sink.url);
    assert.deepEqual({ status, type }, { status: 200, type: "text/plain; version=0.0.4; charset=utf-8" });
    assert.match(text, /^resmon_cpu_seconds_total 4$/m);
    assert.match(text, /^resmon_cpu_percent 100$/m);
    assert.match(text, /^resmon_disk_read_bytes_total\{disk="nvme0n1"\} 16384$/m);
    assert.match(text, /^resmon_run_info\{run="019aa5c2-.*",command="python",mode="run",host="workshop",/m);
    assert.ok(!text.includes("train.py"), "arguments are not for everybody");
    assert.equal((await get(sink.url.replace("metrics", "healthz"))).text, "ok\n");
  }));

Deno.test("PrometheusSink tells the program of a command, and neither its folder nor its arguments", () =>
  withSink({}, async (sink) => {
    feed(sink, [sampleSession({ command: ["/home/ada/bin/train", "--token", "secret"] })]);
    const { text } = await get(sink.url);
    assert.match(text, /command="train"/);
    assert.doesNotMatch(text, /ada|secret/);
  }));

Deno.test("PrometheusSink tells the phases and progresses that go on, those of one name together", () =>
  withSink({}, async (sink) => {
    const tell = (event: Omit<Event, "time" | "elapsed">): void => sink.event({ ...event, time: 0, elapsed: 0 });
    for (const name of ["load", "train", "train"]) tell({ kind: "phase_start", name });
    tell({ kind: "phase_end", name: "load" });
    tell({ kind: "progress", span: "1", name: "files", completed: 2, total: 10 });
    tell({ kind: "progress", span: "2", name: "files", completed: 3, total: 10 });
    tell({ kind: "progress", span: "3", name: 'a "b"', completed: 7 });
    tell({ kind: "progress", span: "4", name: "gone", completed: 7, state: "done" });
    feed(sink, sampleRun(2));
    const lines = (await get(sink.url)).text.split("\n").filter((line) => /^resmon_(?:phase|progress)/.test(line));
    assert.deepEqual(lines, [
      'resmon_phases_open{phase="train"} 2',
      'resmon_progress_completed{progress="files"} 5',
      'resmon_progress_completed{progress="a \\"b\\""} 7',
      'resmon_progress_expected{progress="files"} 20',
    ]);
  }));

Deno.test("PrometheusSink tells of at most a hundred phases, the latest", () =>
  withSink({}, async (sink) => {
    for (let at = 0; at < 150; at++) sink.event({ kind: "phase_start", name: `p${at}`, time: 0, elapsed: 0 });
    feed(sink, sampleRun(2));
    const { text } = await get(sink.url);
    assert.equal(text.match(/^resmon_phases_open\{/gm)?.length, 100);
    assert.match(text, /phase="p149"/);
  }));

Deno.test("PrometheusSink tells the next tick and not the one before", () =>
  withSink({}, async (sink) => {
    feed(sink, sampleRun(2));
    assert.match((await get(sink.url)).text, /^resmon_cpu_seconds_total 2$/m);
    feed(sink, sampleRun(3));
    assert.match((await get(sink.url)).text, /^resmon_cpu_seconds_total 3$/m);
  }));

Deno.test("PrometheusSink gives OpenMetrics to who asks for it", () =>
  withSink({}, async (sink) => {
    feed(sink, sampleRun(2));
    const accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";
    const { type, text } = await get(sink.url, { headers: { accept } });
    assert.equal(type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert.ok(text.endsWith("# EOF\n"));
  }));

Deno.test("PrometheusSink answers 404 to anything else, and 400 to what is no HTTP", () =>
  withSink({}, async (sink, port) => {
    for (const path of ["", "metrics/", "favicon.ico", "%00", "../metrics/x"]) {
      assert.equal((await get(sink.url.replace("metrics", path))).status, 404, path);
    }
    assert.equal((await get(sink.url, { method: "POST", body: "x" })).status, 404);
    assert.match(await exchange(port, "garbage\r\n\r\n"), /^HTTP\/1\.1 400 /);
  }));

Deno.test("PrometheusSink refuses a page of another name that leads to this machine", () =>
  withSink({}, async (_sink, port) => {
    const ask = (host: string): Promise<string> =>
      exchange(port, `GET /metrics HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    assert.match(await ask("rebound.example:80"), /^HTTP\/1\.1 403 /);
    assert.match(await ask("127.0.0.1.rebound.example"), /^HTTP\/1\.1 403 /);
    for (const host of ["localhost:9100", `127.0.0.1:${port}`, "[::1]"]) {
      assert.match(await ask(host), /^HTTP\/1\.1 200 /, host);
    }
  }));

Deno.test("PrometheusSink answers many at once, and closes under one that never reads and one that never asks", async () => {
  const sink = PrometheusSink.open({ host: "127.0.0.1", port: 0 });
  const { port } = new URL(sink.url);
  feed(sink, [
    sampleSession(),
    sampleColumns({ series: Array.from({ length: 9000 }, (_, disk) => `disk_reads_total{disk="${disk}"}`) }),
    sampleTick(1, { values: { process: new Array(9000).fill(1) } }),
  ]);
  using reader = await Deno.connect({ port: parseInt(port) });
  await reader.write(new TextEncoder().encode("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(200)));
  using asker = await Deno.connect({ port: parseInt(port) });
  await asker.write(new TextEncoder().encode("GET /met"));
  const answers = await Promise.all(Array.from({ length: 100 }, () => get(sink.url)));
  assert.ok(answers.every(({ status, text }) => status === 200 && text === answers[0]?.text));
  await sink.close();
});

Deno.test("PrometheusSink with some of heflwr's parts leaves out the others", () =>
  withSink({ compat: ["memory", "power"] }, async (sink) => {
    feed(sink, [
      sampleSession(),
      sampleColumns({ series: ["cpu_seconds_total", "memory_rss_bytes"] }),
      sampleColumns({ collector: "rapl", series: ['power_watts{device="p",rail="p",scope="package"}'] }),
      sampleTick(0, { values: { process: [0, 4 * 1024 ** 3], rapl: [12.5] } }),
    ]);
    const { text } = await get(sink.url);
    assert.deepEqual(text.split("\n").filter((line) => !line.startsWith("#")), ["memory_usage 25", "vdd_in 12500", ""]);
  }));

Deno.test("resmon --compat refuses what heflwr does not know, and says what it does", async () => {
  const { code, stderr } = await resmon(["run", "--compat", "heflwr:cpu,gpu", "--", "true"]);
  assert.equal(code, 125);
  assert.match(stderr, /Write it like heflwr or heflwr:cpu,memory,network,power/);
});

Deno.test("PrometheusSink with compat serves heflwr's gauges, without what is not known", () =>
  withSink({ compat: HEFLWR_PARTS }, async (sink) => {
    feed(sink, [
      sampleSession(),
      sampleColumns({ series: ["cpu_seconds_total", "memory_rss_bytes"] }),
      sampleColumns({
        collector: "network",
        series: ['network_transmit_bytes_total{interface="a"}', 'network_transmit_bytes_total{interface="b"}'],
      }),
      sampleTick(0, { values: { process: [0, 0], network: [1000, 10] } }),
      sampleTick(2, { values: { process: [1, 4 * 1024 ** 3], network: [1500, 11] } }),
    ]);
    const { text } = await get(sink.url);
    assert.deepEqual(text.split("\n").filter((line) => !line.startsWith("#")), [
      "cpu_usage 50",
      "memory_usage 25",
      "bytes_sent 501",
      "",
    ]);
  }));

Deno.test("resmon run --to prometheus: an address that cannot be had ends it before the command starts", () =>
  withTemporaryFolder(async (folder) => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr;
    const { code, stdout, stderr } = await resmon(
      ["run", "-o", `${folder}/run`, "--to", `prometheus:${port}`, "--", "echo", "ran"],
    );
    assert.deepEqual({ code, stdout }, { code: 125, stdout: "" });
    assert.equal(
      stderr,
      `resmon: Cannot serve metrics at 127.0.0.1:${port}: the address is in use; name another port, or 0 for any\n`,
    );
    assert.deepEqual(listFolder(folder), []);
  }));

Deno.test("resmon attach --to tells a process that runs already", async () => {
  await using server = new FormServer();
  await using target = new Running(["sleep", "1"]);
  await withTemporaryFolder(async (folder) => {
    const to = ["--to", server.url, "--to", "prometheus:0"];
    const { code, stderr } = await resmon([
      "attach",
      "-p",
      `${target.pid}`,
      "-i",
      "100ms",
      "-o",
      `${folder}/run`,
      ...to,
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^resmon: metrics are served at /);
    assert.ok(server.posts.length >= 3);
  });
});

Deno.test("resmon run --to prometheus:0 says where, and ends with the command", async () => {
  const { code, stderr } = await record(["true"], { args: ["--to", "prometheus:0"] });
  assert.equal(code, 0);
  assert.match(stderr, /^resmon: metrics are served at http:\/\/127\.0\.0\.1:\d+\/metrics\n/);
});

function scrapeConfig(port: number): string {
  return `global: {scrape_interval: 200ms, scrape_timeout: 200ms}
scrape_configs: [{job_name: run, static_configs: [{targets: ["127.0.0.1:${port}"]}]}]
`;
}

/** Asks Prometheus until it has an answer to a query, a minute at most. */
async function query(url: string, promql: string): Promise<{ readonly value: readonly [number, string] }[]> {
  for (let tries = 0; tries < 600; tries++) {
    const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(promql)}`).catch(() => undefined);
    const { data } = answer?.ok === true ? await answer.json() : {};
    if (answer?.ok === false) await answer.body?.cancel();
    if (data?.result?.length > 0) return data.result;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Prometheus has no answer to ${promql}`);
}

const SCRAPED = "A real Prometheus scrapes resmon run --to prometheus, and its counters have rates";
Deno.test(SCRAPED, async () => {
  if ((await execute(["sh", "-c", "command -v prometheus"])).code !== 0) {
    return console.warn(`DID NOT RUN: ${SCRAPED}: prometheus is not installed`);
  }
  await withTemporaryFolder(async (folder) => {
    const [port, own] = [freePort(), freePort()];
    await Deno.writeTextFile(`${folder}/prometheus.yml`, scrapeConfig(port));
    const args = ["run", "-i", "100ms", "-o", `${folder}/run`, "--no-report", "--to", `prometheus:${port}`];
    await using run = new Running([...RESMON, ...args, "--", "sh", "-c", "while :; do :; done"]);
    await using server = new Running([
      "prometheus",
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${own}`,
    ]);
    const url = `http://127.0.0.1:${own}`;
    const [{ value: [, rate] = [0, ""] } = {}] = await query(url, "rate(resmon_cpu_seconds_total[2s]) > 0");
    assert.ok(parseFloat(rate) > 0);
    const [{ value: [, one] = [0, ""] } = {}] = await query(url, 'resmon_run_info{command="sh"}');
    assert.equal(one, "1");
    server.kill("SIGTERM");
    run.kill("SIGTERM");
    assert.equal((await run.end()).signal, "SIGTERM");
    assert.ok(exists(`${folder}/run/summary.json`));
  });
});
