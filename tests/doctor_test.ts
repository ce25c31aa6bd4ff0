import assert from "node:assert/strict";
import { diagnose } from "../commands/doctor.ts";
import { renderDiagnosis } from "../commands/doctor_text.ts";
import type { CollectorFinding, Diagnosis } from "../lib/diagnosis.ts";
import { fixtureHost } from "../lib/host.ts";
import { describeMetric, METRIC_NAMES, type MetricName } from "../lib/metrics.ts";
import { record, resmon } from "./program.ts";
import { withTemporaryFolder } from "./temporary.ts";

const FIXTURES = new URL("fixtures/", import.meta.url).pathname;
const STYLE = { columns: 80, color: false, unicode: true, all: false };

function finding(name: string, parts: Partial<CollectorFinding> = {}): CollectorFinding {
  return {
    name,
    subject: name,
    alternative: false,
    state: "working",
    sources: [`/proc/${name}`],
    parts: [],
    devices: [],
    series: 1,
    values: 1,
    ...parts,
  };
}

function diagnosis(collectors: readonly CollectorFinding[], rest: Partial<Diagnosis> = {}): Diagnosis {
  return { schema: 1, version: "1.2.3", platform: "linux", works: true, facts: [], collectors, metrics: {}, ...rest };
}

Deno.test("renderDiagnosis() puts what can be mended before what the machine just does not have", () => {
  const text = renderDiagnosis(
    diagnosis([
      finding("cpu", { read_microseconds: 12, period_seconds: 2 }),
      finding("rapl", {
        subject: "power",
        alternative: true,
        state: "denied",
        reason: "Cannot read it",
        remedy: "chmod",
      }),
      finding("battery", { subject: "power", alternative: true, state: "absent", reason: "Cannot find one" }),
      finding("amdgpu", { subject: "gpu", alternative: true, read_microseconds: 0, background: true }),
      finding("amd_smi", { subject: "gpu", alternative: true, state: "off", reason: "It is not needed" }),
      finding("fan", {
        subject: "temperature",
        state: "absent",
        reason: "Cannot find a fan",
        remedy: "load its driver",
      }),
    ], {
      facts: [{ topic: "system", name: "pages", value: "16 KiB", trouble: "It crashes", remedy: "another kernel" }],
    }),
    STYLE,
  );
  assert.equal(
    text,
    `resmon 1.2.3: the core works; 2 of 6 sources give numbers

Works
  cpu                 0 metrics, 1 series, 12 µs a reading, every 2 s
  amdgpu              0 metrics, 1 series, read in the background
  One reading of all of them takes 12 µs.

Missing, and what to do
  pages: 16 KiB
    It crashes
    → another kernel
  power: rapl (denied)
    Cannot read it
    → chmod

Not on this machine, off or not needed
  temperature: fan    Cannot find a fan
  power               battery
  gpu                 amd_smi
  resmon doctor --all tells what each of these needs.

This machine
  pages               16 KiB
`,
  );
});

Deno.test("renderDiagnosis() is prominent about a source that is off where no other one of its subject works", () => {
  const off = { subject: "gpu", alternative: true, state: "off", reason: "The driver does not run" } as const;
  const text = renderDiagnosis(diagnosis([finding("nvidia", off)]), STYLE);
  assert.match(text, /\nMissing, and what to do\n {2}gpu: nvidia \(off\)\n {4}The driver does not run\n/);
});

Deno.test("renderDiagnosis() tells with --all what vendors that are not there need", () => {
  const absent = { subject: "gpu", alternative: true, state: "absent", reason: "It is not there" } as const;
  const collectors = [finding("nvidia", { ...absent, remedy: "install its driver" })];
  const text = renderDiagnosis(diagnosis(collectors), { ...STYLE, all: true });
  assert.match(text, /\n {2}gpu: nvidia +It is not there\n {4}→ install its driver\n/);
});

Deno.test("renderDiagnosis() is prominent about what every run needs, and tells of alike troubles once", () => {
  const part = { state: "denied", metrics: ["system_temperature_celsius"] } as const;
  const text = renderDiagnosis(
    diagnosis([
      finding("memory", { state: "absent", reason: "Cannot read /proc/meminfo" }),
      finding("temperature", { parts: [{ ...part, reason: "Cannot read a" }, { ...part, reason: "Cannot read b" }] }),
      finding("disk", { parts: [{ state: "lost", reason: "It is gone" }] }),
      finding("nvidia", { parts: [{ state: "unsupported", metrics: ["gpu_fan_percent"], reason: "It has no fan" }] }),
    ], { works: false }),
    STYLE,
  );
  assert.match(text, /^resmon 1\.2\.3: the core does not work, so that nothing can be recorded; 3 of 4\nsources give/);
  assert.match(text, /Missing, and what to do[^]*\n {2}disk \(lost\)\n {4}It is gone\n[^]*\nNot on this machine/);
  assert.match(text, /\n {2}memory \(absent\)\n {4}Cannot read \/proc\/meminfo\n/);
  assert.match(text, /temperature, system_temperature_celsius \(denied\)\n {4}Cannot read a\n {4}Cannot read b\n/);
  assert.match(text, /\nNot on this machine, off or not needed\n {2}nvidia, gpu_fan_percent: It has no fan\n/);
});

Deno.test("renderDiagnosis() keeps to 80 columns, colours nothing but the same text, and needs no Unicode", () => {
  const long = "A reason of some words that goes on and on ".repeat(5).trim();
  const told = diagnosis([finding("temperature", { state: "denied", reason: long, remedy: long })]);
  const text = renderDiagnosis(told, STYLE);
  assert.ok(text.split("\n").every((line) => line.length <= 80), text);
  const colored = renderDiagnosis(told, { ...STYLE, color: true });
  // deno-lint-ignore no-control-regex -- the escapes of a terminal are control characters
  assert.equal(colored.replace(/\x1b\[[\d;]*m/g, ""), text);
  assert.notEqual(colored, text);
  assert.match(renderDiagnosis(told, { ...STYLE, unicode: false }), /\n {4}> A reason/);
});

Deno.test("renderDiagnosis() lets no text of a machine steer the terminal", () => {
  const told = diagnosis([finding("temperature", { state: "denied", reason: "Cannot read \x1b]0;x\x07" })]);
  assert.match(renderDiagnosis(told, STYLE), /Cannot read \\x1b\]0;x\\x07\n/);
});

Deno.test("renderDiagnosis() tells of every metric and source with --all", () => {
  const told = diagnosis([finding("load")], {
    metrics: {
      system_load1: { state: "working", collectors: ["load"] },
      system_load5: { state: "absent", collectors: ["load"], reason: "Cannot find it" },
      system_forks_per_second: { state: "working", collectors: ["cpu"], from: "system_forks_total" },
    },
  });
  const text = renderDiagnosis(told, { ...STYLE, all: true });
  assert.match(text, /\n {22}from \/proc\/load\n/);
  assert.match(text, /\n {2}system_load1: load\n {2}system_load5: absent\n {4}Cannot find it\n/);
  assert.match(text, /\n {2}system_forks_per_second: computed from system_forks_total\n/);
});

Deno.test("resmon doctor says that the core works here, as text and as JSON of every metric", async () => {
  const { code, stdout, stderr } = await resmon(["doctor"], { env: { NO_COLOR: "1", LC_ALL: "C.UTF-8" } });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(stdout, /^resmon \S+: the core works; \d+ of \d+ sources give numbers\n\nWorks\n {2}process /);
  const json = await resmon(["doctor", "--json"]);
  const told: Diagnosis = JSON.parse(json.stdout);
  assert.deepEqual([json.code, told.works, told.schema], [0, true, 1]);
  for (const name of ["process", "cpu", "memory"]) {
    const source = told.collectors.find((collector) => collector.name === name);
    assert.equal(source?.state, "working");
    assert.ok((source?.read_microseconds ?? 0) > 0, `a reading of ${name} costs something`);
  }
  const page = await Deno.readTextFile(new URL("../docs/format.md", import.meta.url));
  const fields = [told, ...told.collectors, ...told.facts, ...Object.values(told.metrics)].flatMap(Object.keys);
  assert.deepEqual([...new Set(fields)].filter((field) => !page.includes(`\`${field}\``)), [], "docs/format.md");
  const isOwn = (name: MetricName): boolean => !name.startsWith("monitor_") && describeMetric(name).isForeign !== true;
  const untold = METRIC_NAMES.filter((name) => told.metrics[name] === undefined && isOwn(name));
  assert.deepEqual(untold, []);
});

for (const [name, system] of [["macbook_m2", "macOS"], ["windows_11", "Windows"]] as const) {
  Deno.test(`resmon doctor tells of ${name} why each number is not there that ${system} does not have`, async () => {
    const { stdout } = await resmon(["doctor", "--json", "--root", `${FIXTURES}${name}.tree`]);
    const { metrics }: Diagnosis = JSON.parse(stdout);
    assert.equal(metrics.system_temperature_celsius?.state, "unsupported");
    assert.match(metrics.system_temperature_celsius?.reason ?? "", new RegExp(` on ${system}: `));
    assert.equal(metrics.network_receive_bytes_total?.state, "working");
    const known = ["cpu_seconds_total", "cpu_percent", "system_cpu_percent", "monitor_ticks_total"] as const;
    for (const each of known) assert.notEqual(metrics[each]?.state, "unsupported", each);
  });
}

Deno.test("diagnose() does not call a machine whole that does not tell what it is", async () => {
  const text = await Deno.readTextFile(`${FIXTURES}macbook_m2.tree`);
  const { diagnosis } = await diagnose(fixtureHost(text.replace(/^.*sysctl kern\.osrelease.*$/m, "")));
  assert.deepEqual([diagnosis.works, diagnosis.machine], [false, undefined]);
  assert.ok(diagnosis.collectors.every(({ state }) => state === "working"));
});

Deno.test("resmon doctor ends with 1 where the core does not work, and for a fixture that it cannot read", async () => {
  await withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/empty.tree`, "");
    const empty = await resmon(["doctor", "--root", `${folder}/empty.tree`]);
    assert.equal(empty.code, 1);
    assert.match(empty.stdout, /the core does not work/);
    await Deno.writeTextFile(`${folder}/bad.tree`, "no path\n");
    const cases = [["none.tree", /No such file/], ["bad.tree", /Cannot parse archive line 1: no path/]] as const;
    for (const [name, reason] of cases) {
      const { code, stderr } = await resmon(["doctor", "--root", `${folder}/${name}`]);
      assert.equal(code, 1);
      assert.match(stderr, /^resmon: Cannot read the fixture [^\n]*\n$/);
      assert.match(stderr, reason);
    }
  });
});

Deno.test("resmon run --root reads the machine from a fixture, and the command for real", async () => {
  const { code, summary, records } = await record(["sh", "-c", "exit 3"], {
    args: ["--root", `${FIXTURES}laptop.tree`],
  });
  assert.equal(code, 3);
  assert.equal(summary.machine.cpu_model, "11th Gen Intel(R) Core(TM) i5-1135G7");
  assert.equal(summary.metrics["system_load1"]?.last, 0.52);
  assert.ok((summary.exact.cpu_seconds ?? 0) > 0);
  const start = records.find(({ type, kind }) => type === "event" && kind === "process_start");
  assert.equal(start?.attributes?.name, "sh");
});

Deno.test("The option --root is for those who look for it: neither help nor completion names it", async () => {
  for (const args of [["run", "--help"], ["doctor", "--help"], ["completion", "bash"]]) {
    assert.ok(!(await resmon(args)).stdout.includes("--root"), args.join(" "));
  }
});
