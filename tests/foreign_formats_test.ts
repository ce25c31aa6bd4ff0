/** What resmon writes in the formats of other systems, to the byte where that is certain. */

import assert from "node:assert/strict";
import { parseHeflwrLog } from "../lib/import_heflwr.ts";
import { parsePymlUsage } from "../lib/import_pyml.ts";
import { parseResengDump } from "../lib/import_reseng.ts";
import { heflwrSummary } from "../lib/heflwr_summary.ts";
import { formatLocalTime } from "../lib/local_time.ts";
import type { TextOutput } from "../lib/output_file.ts";
import { Pipeline } from "../lib/pipeline.ts";
import type { ResmonRecord } from "../lib/records.ts";
import { FOREIGN_FORMATS, type ForeignFormat } from "../sinks/foreign_formats.ts";
import { execute, PYTHON, RESMON, resmon } from "./program.ts";
import { sampleColumns, sampleEnd, sampleEvent, sampleRun, sampleSession, sampleTick } from "./sample_records.ts";
import { bareSummary, counter, gauge } from "./sample_run.ts";
import { withTemporaryFolder } from "./temporary.ts";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const STARTED = sampleSession().started;

const RECORDS: readonly ResmonRecord[] = [
  sampleSession(),
  sampleColumns({
    series: ["cpu_seconds_total", "memory_rss_bytes", "storage_read_bytes_total", "syscall_write_bytes_total"],
    processes: ["cpu_seconds_total", "memory_rss_bytes", "process_gpu_memory_bytes"],
  }),
  sampleColumns({ collector: "network", series: ['network_transmit_bytes_total{interface="eth0"}'] }),
  sampleColumns({
    collector: "power",
    series: ["VDD_IN", "VDD_CPU_GPU_CV", "VDD_SOC"].map((rail) =>
      `power_watts{device="module",rail="${rail}",scope="${rail === "VDD_IN" ? "module" : "rail"}"}`
    ),
  }),
  sampleEvent("process_start", 0, { pid: 40, id: 1, attributes: { name: "sh", command: ["sh", "x"], started: 0.25 } }),
  sampleEvent("tag", 0.5, { name: "loaded" }),
  sampleEvent("phase_start", 0.75, { name: "train" }),
  sampleTick(0, { values: { process: [0, 64 * MIB, 0, 0], network: [100] }, processes: [[1, 0, 64 * MIB, 2 * MIB]] }),
  sampleEvent("process_start", 1, { pid: 41, id: 2, parent: 1, attributes: { name: "cc" } }),
  sampleEvent("checkpoint", 1.5, { name: "step 1", names: ["step", "1"] }),
  sampleTick(2, {
    values: { process: [3, 8 * 1024 * MIB, 2048, 4096], network: [236], power: [5.024, 1.124, 1.604] },
    processes: [[1, 1, 96 * MIB, null], [2, 2, 32 * MIB, null]],
  }),
  sampleEvent("process_exit", 3.5, { pid: 41, id: 2 }),
  sampleEvent("phase_end", 3.75, { name: "train" }),
  sampleTick(4, { values: { process: [3, null, 2048, 4096], network: [236] } }),
  sampleTick(5, { values: {} }),
  sampleEnd(6),
];

async function exported(format: ForeignFormat, records = RECORDS): Promise<string> {
  let text = "";
  const output: TextOutput = { append: (piece) => text += piece, close: () => undefined };
  const pipeline = new Pipeline({ frameSinks: [await FOREIGN_FORMATS[format](output)] });
  for (const record of records) pipeline.accept(record);
  pipeline.end();
  await pipeline.close(1);
  return text;
}

Deno.test("Every format is whole for a run that broke off before its first tick", async () => {
  for (const format of Object.keys(FOREIGN_FORMATS) as ForeignFormat[]) {
    const text = await exported(format, [sampleSession()]);
    assert.ok(text.startsWith("{") ? JSON.parse(text) : text.endsWith("\n"), format);
  }
});

Deno.test("What is written in a format is read back as the same numbers", async () => {
  const run = sampleRun(6);
  const cpu = [0, 1, 2, 3, 4, 5, 6];
  const reseng = parseResengDump(await exported("reseng-json", run));
  assert.deepEqual(reseng.ticks.map(({ values: [seconds] }) => seconds), cpu);
  assert.deepEqual(reseng.ticks.map(({ values: [, memory] }) => memory), cpu.map((at) => GIB + at * MIB));
  const [pyml] = parsePymlUsage(await exported("pyml-usage", run));
  assert.deepEqual(
    pyml?.ticks.map(({ processes }) => processes),
    cpu.map((at) => [[1, at, GIB + at * MIB, null]]),
  );
  const heflwr = parseHeflwrLog(await exported("heflwr", run), 1);
  assert.deepEqual(heflwr.ticks.map(({ values: [, memory] }) => memory), [
    null,
    ...cpu.map((at) => 100 * (GIB + at * MIB) / (16 * GIB)),
  ]);
});

const RESENG_ROWS = [
  `${STARTED},,67108864,,,,`,
  `${STARTED + 2},150,8589934592,1024,,,2048`,
  `${STARTED + 4},0,,0,,,0`,
  `${STARTED + 5},,,,,,`,
];

Deno.test("ResengCsvSink writes reseng's columns, and empty cells for what is not known", async () => {
  const text = `time,cpu,memory,read_bytes,read_chars,write_bytes,write_chars\n${RESENG_ROWS.join("\n")}\n`;
  assert.equal(await exported("reseng-csv"), text);
});

Deno.test("ResengJsonSink writes reseng's dump: the rows with elapsed first, marks as tags", async () => {
  const { tags, data, ...rest } = JSON.parse(await exported("reseng-json"));
  const header = "elapsed,time,cpu,memory,read_bytes,read_chars,write_bytes,write_chars";
  const rows = RESENG_ROWS.map((row, at) => `${[0, 2, 4, 5][at]},${row}`);
  assert.equal(data, `${[header, ...rows].join("\n")}\n`);
  assert.deepEqual(tags, [
    [STARTED + 0.5, "loaded"],
    [STARTED + 0.75, "train v"],
    [STARTED + 1.5, "step 1"],
    [STARTED + 3.75, "train ^"],
  ]);
  assert.deepEqual(rest, {});
});

Deno.test("HeflwrFileSink writes heflwr's lines, and leaves out what is not known", async () => {
  assert.equal(
    await exported("heflwr"),
    `${formatLocalTime(STARTED)}
Memory Usage: 0.390625%,${" "}
CPU Usage: 150.0%, Memory Usage: 50.0%, Bytes Sent: 136, VDD In: 5024, VDD Cpu_Gpu_Cv: 1124, VDD Soc: 1604,${" "}
CPU Usage: 0.0%, Bytes Sent: 0,${" "}
`,
  );
});

Deno.test("PymlUsageSink writes pyml's usage.json: processes under the first one, memory held between rows", async () => {
  const time = (elapsed: number): number => Math.round((STARTED + elapsed) * 1000) * 1e6;
  assert.deepEqual(JSON.parse(await exported("pyml-usage")), {
    usage: {
      workshop: {
        "40": {
          checkpoints: [
            { time: time(0.5), name: ["loaded"] },
            { time: time(1.5), name: ["step", "1"] },
          ],
          records: [
            { time: time(0), cpu: {}, memory: { "40": 64 }, gpu: { "40": 2 } },
            { time: time(2), cpu: { "40": 50 }, memory: { "40": 96, "41": 32 }, gpu: {} },
            { time: time(4), cpu: {}, memory: { "40": 96, "41": 32 }, gpu: {} },
            { time: time(5), cpu: {}, memory: { "40": 96 }, gpu: {} },
          ],
        },
      },
    },
    process: {
      workshop: [
        { pid: 40, parent: null, start: STARTED + 0.25, cmd: ["sh", "x"] },
        { pid: 41, parent: 40, start: null, cmd: ["cc"] },
      ],
    },
  });
});

Deno.test("heflwrSummary() tells heflwr's seven numbers, in percent, bytes and millijoules", () => {
  const rail = (name: string, scope: string): string =>
    `power_energy_joules_total{device="module",rail="${name}",scope="${scope}"}`;
  const { metrics, machine } = bareSummary({
    metrics: {
      cpu_percent: gauge(150),
      memory_rss_bytes: gauge(4 * 1024 ** 3),
      'network_transmit_bytes_total{interface="a"}': counter(1000),
      'network_transmit_bytes_total{interface="b"}': counter(24),
      'network_receive_bytes_total{interface="a"}': counter(7),
      ...Object.fromEntries(
        ["GPU", "CPU", "SOC", "CV", "VDDRQ", "SYS5V"].map((name, at) => [rail(name, "module"), counter(1 + at)]),
      ),
    },
  });
  assert.deepEqual(heflwrSummary({ metrics, machine }), {
    avg_cpu_usage: 150,
    avg_memory_usage: 25,
    total_network_bytes_sent: 1024,
    total_network_bytes_recv: 7,
    total_power_vdd_in: 21_000,
    total_power_vdd_cpu_gpu_cv: 7000,
    total_power_vdd_soc: 3000,
  });
});

Deno.test("heflwrSummary() takes the packages of processors for the whole of a machine", () => {
  const energy = (at: number): string => `power_energy_joules_total{device="p${at}",rail="p${at}",scope="package"}`;
  const { metrics, machine } = bareSummary({ metrics: { [energy(0)]: counter(2), [energy(1)]: counter(3) } });
  assert.equal(heflwrSummary({ metrics, machine }).total_power_vdd_in, 5000);
});

Deno.test("HeflwrSampler counts nothing where a counter was made anew", async () => {
  const sent = [100, 250, 20, 30].map((bytes, second) => sampleTick(second, { values: { network: [bytes] } }));
  const columns = sampleColumns({ collector: "network", series: ['network_transmit_bytes_total{interface="a"}'] });
  const text = await exported("heflwr", [sampleSession(), columns, ...sent, sampleEnd(4)]);
  assert.deepEqual(Array.from(text.matchAll(/Bytes Sent: (-?\d+)/g), ([, bytes]) => bytes), ["150", "0", "10"]);
});

Deno.test("ResengJsonSink puts tags that came late where they belong", async () => {
  const tags = [3, 1].map((at) => sampleEvent("tag", at, { name: `${at}` }));
  const { tags: told } = JSON.parse(await exported("reseng-json", [sampleSession(), ...tags, sampleEnd(4)]));
  assert.deepEqual(told.map(([, label]: [number, string]) => label), ["1", "3"]);
});

Deno.test("heflwrSummary() tells null for what is not known", () => {
  assert.deepEqual(new Set(Object.values(heflwrSummary(bareSummary()))), new Set([null]));
});

const READ_BY_PANDAS = "pandas reads what resmon export and resmon stats print";
Deno.test(READ_BY_PANDAS, () =>
  withTemporaryFolder(async (folder) => {
    const script = `import sys, io, json, subprocess, pandas
run = lambda *words: subprocess.run([*sys.argv[1:], *words], capture_output=True, text=True, check=True).stdout
csv = pandas.read_csv(io.StringIO(run("export", "${folder}", "--format", "reseng-csv")))
print(list(csv.columns), int(csv.memory.max()))
dump = json.loads(run("export", "${folder}", "--format", "reseng-json"))
print(pandas.read_csv(io.StringIO(dump["data"])).set_index("elapsed").index.name)
stats = pandas.DataFrame(json.loads(run("stats", "${folder}")))
print(len(stats), float(stats.cpu_percent.max()))`;
    await Deno.writeTextFile(`${folder}/log.jsonl`, RECORDS.map((record) => `${JSON.stringify(record)}\n`).join(""));
    if ((await execute([PYTHON, "-c", "import pandas"])).code !== 0) {
      return console.warn(`DID NOT RUN: ${READ_BY_PANDAS}: pandas is not installed`);
    }
    const { stdout, stderr } = await execute([PYTHON, "-c", script, ...RESMON]);
    assert.equal(
      stdout,
      `['time', 'cpu', 'memory', 'read_bytes', 'read_chars', 'write_bytes', 'write_chars'] 8589934592
elapsed
4 150.0
`,
      stderr,
    );
  }));

Deno.test("resmon stats prints a list a series, whole metrics or one series, of a log that is still written", () =>
  withTemporaryFolder(async (folder) => {
    const log = `${folder}/log.jsonl`;
    const lines = RECORDS.slice(0, -3).map((record) => `${JSON.stringify(record)}\n`).join("");
    await Deno.writeTextFile(log, `${lines}{"type":"tick","seq"`);
    const { code, stdout, stderr } = await resmon(["stats", log, "--series", "cpu_percent", "--series", "power_watts"]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    const rails = ["VDD_IN", "VDD_CPU_GPU_CV", "VDD_SOC"].map((rail, at) => [
      `power_watts{device="module",rail="${rail}",scope="${at === 0 ? "module" : "rail"}"}`,
      [null, [5.024, 1.124, 1.604][at]],
    ]);
    assert.deepEqual(JSON.parse(stdout), {
      time: [STARTED, STARTED + 2],
      elapsed_seconds: [0, 2],
      cpu_percent: [null, 150],
      ...Object.fromEntries(rails),
    });
    const missing = await resmon(["stats", log, "--series", "cpu_percen"]);
    assert.equal(missing.code, 1);
    assert.match(
      missing.stderr,
      /^resmon: Cannot tell cpu_percen: \S+ has no such series; resmon stats \S+ tells all\n$/,
    );
  }));

Deno.test("resmon export --format writes to stdout or to a file that is not there yet; summary --compat heflwr tells seven numbers", () =>
  withTemporaryFolder(async (folder) => {
    const { code } = await resmon(["run", "-o", `${folder}/run`, "--no-report", "true"]);
    assert.equal(code, 0);
    const { stdout } = await resmon(["export", `${folder}/run`, "--format", "reseng-csv"]);
    assert.match(stdout, /^time,cpu,.*\n\d+(\.\d+)?,/);
    const words = ["export", `${folder}/run`, "--format", "reseng-csv", "-o", `${folder}/out.csv`];
    assert.equal((await resmon(words)).code, 0);
    assert.equal(await Deno.readTextFile(`${folder}/out.csv`), stdout);
    assert.match((await resmon(words)).stderr, /out\.csv: it exists already; name another, or replace it with --force/);
    const summary = JSON.parse((await resmon(["summary", `${folder}/run`, "--compat", "heflwr"])).stdout);
    assert.deepEqual(Object.keys(summary), Object.keys(heflwrSummary(bareSummary())));
  }));

Deno.test("resmon export says what it lacks: a format, or what -o is for", async () => {
  for (
    const [words, says] of [[[], /or --format FORMAT/], [
      ["-o", "x", "--csv", "y"],
      /-o says where a --format goes/,
    ]] as const
  ) {
    const { code, stderr } = await resmon(["export", "log.jsonl", ...words]);
    assert.equal(code, 2);
    assert.match(stderr, says);
  }
});
