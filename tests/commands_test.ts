/** The subcommands as a user meets them: the real program, its outputs and its exit status. */

import assert from "node:assert/strict";
import { METRIC_NAMES } from "../lib/metrics.ts";
import { type Ended, execute, readRun, record, RESMON, resmon } from "./program.ts";
import { assertValidRecords, assertValidSummary } from "./schema.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";

const SPIN = ["sh", "-c", "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done"];

function read(path: string): string {
  return Deno.readTextFileSync(path);
}

function assertUsage({ code, stdout, stderr }: Ended, expected: { code: number; says: RegExp }): void {
  assert.equal(code, expected.code, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, expected.says);
}

Deno.test("resmon run --baseline says where nothing tells power, and runs the command all the same", async () => {
  const { code, stdout, stderr, records } = await record(["echo", "ran"], {
    args: ["--baseline", "0.1s", "-m", "cpu", "-i", "50ms"],
  });
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "ran\n" });
  assert.match(stderr, /^resmon: No baseline is measured: nothing on this machine tells its power/m);
  assert.equal(records.some(({ type }) => type === "baseline"), false);
});

Deno.test("resmon run --baseline measures before the command starts, and tells it beside the run", () =>
  withTemporaryFolder(async (folder) => {
    const machine = new URL("fixtures/jetson_orin_l4t36.tree", import.meta.url).pathname;
    const options = ["--root", machine, "-m", "power", "--baseline", "200ms", "-i", "50ms"];
    const { code } = await resmon(["run", "-o", `${folder}/run`, "--no-report", ...options, "sleep", "0.5"]);
    assert.equal(code, 0);
    const { summary, records } = readRun(`${folder}/run`);
    const types = records.map(({ type }) => type);
    assert.ok(types.indexOf("baseline") > 0 && types.indexOf("baseline") < types.indexOf("tick"));
    const { baseline, mean_watts = NaN } = summary.energy ?? {};
    assert.ok((baseline?.seconds ?? 0) >= 0.2);
    // The machine of a fixture draws the same for ever.
    assert.ok(Math.abs((baseline?.mean_watts ?? NaN) - mean_watts) < 0.01 * mean_watts);
  }));

Deno.test("resmon run leaves five files that hold what docs/format.md says", () =>
  withTemporaryFolder(async (folder) => {
    const tags = ["--tag", "model=resnet50", "--tag", "empty=", "--message", "first try"];
    const { code, stderr } = await resmon(["run", "-o", `${folder}/run`, ...tags, "--", ...SPIN]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(listFolder(`${folder}/run`), [
      "log.jsonl",
      "processes.csv",
      "report.html",
      "samples.csv",
      "summary.json",
    ]);
    const { records, summary } = readRun(`${folder}/run`);
    assertValidRecords(records);
    assertValidSummary(summary);
    assert.deepEqual(summary.run.command, SPIN);
    assert.deepEqual(summary.run.tags, { model: "resnet50", empty: "" });
    assert.equal(summary.run.message, "first try");
    assert.match(stderr, /^resmon: succeeded in .* CPU .* of \d.* memory .* report .*report\.html\n$/);
  }));

Deno.test("resmon run says nothing with --quiet, and writes no report with --no-report", () =>
  withTemporaryFolder(async (folder) => {
    const { code, stderr, stdout } = await resmon(["run", "-q", "--no-report", "-o", folder, "--", "echo", "hello"]);
    assert.deepEqual({ code, stderr, stdout }, { code: 0, stderr: "", stdout: "hello\n" });
    assert.deepEqual(listFolder(folder), ["log.jsonl", "processes.csv", "samples.csv", "summary.json"]);
  }));

Deno.test("resmon run hands every word behind -- to the command", () =>
  withTemporaryFolder(async (folder) => {
    const words = ["--interval", "99", "-h", "--", "", "-x", "a b", "--version"];
    for (const separator of [["--"], []]) {
      const args = ["run", "-q", "--force", "-o", folder, ...separator, "printf", "<%s>", ...words];
      assert.equal((await resmon(args)).stdout, words.map((word) => `<${word}>`).join(""));
    }
  }));

Deno.test("resmon run takes its options from RESMON_ variables too", () =>
  withTemporaryFolder(async (folder) => {
    const env = {
      RESMON_OUTPUT: `${folder}/x`,
      RESMON_INTERVAL: "50ms",
      RESMON_QUIET: "1",
      RESMON_NO_REPORT: "1",
      RESMON_FORCE: "0",
    };
    const { stderr } = await resmon(["run", "true"], { env });
    assert.equal(stderr, "");
    assert.equal(readRun(`${folder}/x`).summary.run.interval_seconds, 0.05);
    const again = await resmon(["run", "true"], { env });
    assertUsage(again, { code: 125, says: /it holds log\.jsonl of another run; use --force/ });
  }));

Deno.test("resmon run replaces an earlier run only with --force", () =>
  withTemporaryFolder(async (folder) => {
    await resmon(["run", "-q", "-o", folder, "true"]);
    const before = read(`${folder}/log.jsonl`);
    assertUsage(await resmon(["run", "-o", folder, "true"]), { code: 125, says: /another run; use --force/ });
    assert.equal(read(`${folder}/log.jsonl`), before);
    assert.equal((await resmon(["run", "-q", "--force", "--no-report", "-o", folder, "true"])).code, 0);
    assert.notEqual(read(`${folder}/log.jsonl`), before);
    assert.ok(!listFolder(folder).includes("report.html"), "the report of the earlier run is not taken for this one's");
  }));

Deno.test("resmon run leaves nothing behind where the command cannot be started", () =>
  withTemporaryFolder(async (folder) => {
    assertUsage(await resmon(["run", "no-such-command"], { cwd: folder }), {
      code: 127,
      says: /"no-such-command": not found in PATH/,
    });
    assertUsage(await resmon(["run", "-m", "gpuu", "true"], { cwd: folder }), { code: 125, says: /gpuu/ });
    assert.deepEqual(listFolder(folder), []);
  }));

Deno.test("resmon run writes to a folder of its own name by default", () =>
  withTemporaryFolder(async (folder) => {
    await resmon(["run", "-q", "--no-report", "sh", "./my script.sh"], { cwd: folder });
    const [name = ""] = listFolder(`${folder}/resmon-runs`);
    assert.match(name, /^\d{8}T\d{6}Z-my_script\.sh-[\w.-]+-\d+$/);
  }));

Deno.test("resmon run writes elsewhere, and says so, where the folder cannot be written", () =>
  withTemporaryFolder(async (folder) => {
    // Root may write anywhere but where a file stands in the way.
    await Deno.writeTextFile(`${folder}/resmon-runs`, "");
    const env = { XDG_STATE_HOME: `${folder}/state` };
    const { code, stderr } = await resmon(["run", "--no-report", "true"], { cwd: folder, env });
    assert.equal(code, 0);
    assert.match(stderr, /Cannot write to resmon-runs\/.*; writing to .*state\/resmon\/.* instead/);
    assert.equal(listFolder(`${folder}/state/resmon`).length, 1);
  }));

for (
  const [args, code, says] of [
    [["runn", "true"], 2, /unknown command 'runn'\n\(Did you mean run\?\)/],
    [["python3", "train.py"], 2, /unknown command 'python3'\nTo record a program: resmon run -- python3/],
    [["run", "--intervall", "1s", "true"], 125, /unknown option '--intervall'\n\(Did you mean --interval\?\)/],
    [["run", "-i", "5ms", "true"], 125, /the least interval is 10ms/],
    [["run", "-i", "soon", "true"], 125, /"soon" is no duration/],
    [["run", "--tag", "nothing", "true"], 125, /"nothing" is no tag/],
    [["run", "-m", "cpuu", "true"], 125, /did you mean cpu\?/],
    [["run"], 125, /missing required argument/],
    [["attach"], 2, /required option '-p, --pid <pid>'/],
    [["attach", "-p", "-1"], 2, /"-1" is no pid/],
    [["attach", "-p", "1", "-p", "2"], 2, /Only one process can be recorded at a time/],
    [["attach", "-p", "999999999"], 1, /Cannot attach to process 999999999: there is none/],
    [["summary"], 2, /missing required argument/],
    [["summary", "/no/such/log"], 1, /Cannot read \/no\/such\/log/],
    [["report", "/etc/passwd"], 1, /it is no log of resmon; name a log\.jsonl or the folder of a run/],
    [["export", "/etc/passwd"], 2, /--csv FILE, --phases FILE, --jsonl FILE or --format FORMAT/],
    [["export", "/etc/passwd", "--csv", "-"], 2, /Cannot export to stdout: name a file/],
    [["metrics", "--jsonn"], 2, /Did you mean --json\?/],
    [["summry", "a"], 2, /^resmon: unknown command 'summry'\n\(Did you mean summary\?\)\n$/],
    [["phase", "begin", "a"], 2, /^resmon: unknown command 'begin'\nAfter "resmon phase" comes one of: start, end\n$/],
    [["progress", "finish"], 2, /comes one of: new, advance, update, done, fail\n$/],
    [["help", "phse"], 2, /^resmon: unknown subcommand 'phse'\n\(Did you mean phase\?\)\n$/],
    [["help", "xyz"], 2, /^resmon: unknown subcommand 'xyz'\nThere are run, attach, /],
    [["export", "a", "--format", "csv"], 2, /argument 'csv' is invalid\. Write it by --csv FILE\.\n$/],
    [["export", "a", "--format", "cs"], 2, /Allowed choices are reseng-csv, reseng-json, heflwr, pyml-usage\./],
    [["summary", "a", "b c"], 2, /several logs; to compare them: resmon report -o cmp\.html a 'b c'\n$/],
    [["run", "--to", "nowhere", "true"], 125, /is invalid\. It is no destination: write it like prometheus:9100/],
    [
      ["run", "--compat", "heflwr", "true"],
      125,
      /Cannot use --compat: it changes what --to tells, and there is no --to/,
    ],
  ] as const
) {
  Deno.test(`resmon ${args.join(" ")} says what is wrong and ends with ${code}`, async () => {
    assertUsage(await resmon([...args]), { code, says });
  });
}

for (const words of [[], ["run"], ["attach"], ["report"], ["summary"], ["export"], ["metrics"], ["completion"]]) {
  Deno.test(`resmon ${[...words, "--help"].join(" ")} fits into 80 columns`, async () => {
    const { code, stdout, stderr } = await resmon([...words, "--help"]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, /^Usage: resmon/);
    const long = stdout.split("\n").filter((line) => line.length > 80);
    assert.deepEqual(long, []);
  });
}

Deno.test("resmon summary, report and export make from the log what the run itself left", () =>
  withTemporaryFolder(async (folder) => {
    const run = `${folder}/run`;
    await resmon([
      "run",
      "-q",
      "-i",
      "50ms",
      "-o",
      run,
      "--",
      "sh",
      "-c",
      "sleep 0.2; true; ls / > /dev/null; sleep 0.2",
    ]);
    const told = await resmon(["summary", run, "--json"]);
    assert.equal(told.stdout, read(`${run}/summary.json`));
    const text = await resmon(["summary", `${run}/log.jsonl`]);
    assert.match(text.stdout, /CPU .*\n.*Memory/);
    const exported = await resmon(["export", run, "--csv", `${folder}/s.csv`, "--jsonl", `${folder}/l.jsonl`]);
    assert.equal(exported.code, 0, exported.stderr);
    assert.equal(read(`${folder}/s.csv`), read(`${run}/samples.csv`));
    assert.equal(read(`${folder}/s-processes.csv`), read(`${run}/processes.csv`));
    assert.equal(read(`${folder}/l.jsonl`), read(`${run}/log.jsonl`));
    assert.equal((await resmon(["report", run, "-o", `${folder}/r.html`])).code, 0);
    assert.equal(read(`${folder}/r.html`), read(`${run}/report.html`));
    assert.equal((await resmon(["report", run])).code, 1, "a report that is there is not replaced");
  }));

Deno.test("bin/resmon is the program from any folder, through links, with the words as they are", () =>
  withTemporaryFolder(async (folder) => {
    const script = new URL("../bin/resmon", import.meta.url).pathname;
    await Deno.symlink(script, `${folder}/resmon`);
    const env = { RESMON_DENO: Deno.execPath() };
    const args = [
      "run",
      "-q",
      "--no-report",
      "-o",
      "out",
      "--",
      "sh",
      "-c",
      'printf "<%s>" "$@"; exit 9',
      "sh",
      "a b",
      "",
    ];
    const { code, stdout } = await execute([`${folder}/resmon`, ...args], { cwd: folder, env });
    assert.deepEqual({ code, stdout }, { code: 9, stdout: "<a b><>" });
    const without = await execute([script, "--version"], { env: { RESMON_DENO: "no-such-deno" } });
    assert.equal(without.code, 125);
    assert.match(without.stderr, /Deno 2\.\d+\.\d+ is needed and not in PATH: npm install -g deno@/);
  }));

Deno.test("README.md and .dvmrc name the same Deno", async () => {
  const version = (await Deno.readTextFile(new URL("../.dvmrc", import.meta.url))).trim();
  const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
  const named = [...readme.matchAll(/deno@(\d+\.\d+\.\d+)|Deno (\d+\.\d+\.\d+)/g)].map(([, a, b]) => a ?? b);
  assert.ok(named.length > 2 && named.every((each) => each === version), `${named} are not ${version}`);
});

Deno.test("resmon metrics lists the vocabulary, as text and as JSON", async () => {
  const text = await resmon(["metrics"]);
  for (const name of METRIC_NAMES) assert.ok(text.stdout.includes(`\n${name}`) || text.stdout.startsWith(name), name);
  const json = JSON.parse((await resmon(["metrics", "--json"])).stdout);
  assert.deepEqual(Object.keys(json), METRIC_NAMES);
});

Deno.test("resmon metrics is no failure for a reader that has gone away", async () => {
  const { code, stderr } = await execute(["bash", "-o", "pipefail", "-c", '"$@" metrics | head -1', "bash", ...RESMON]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
});

Deno.test("A default tick of one process on 2 CPUs takes at most 1 kB of the log, and 15 bytes a further series", async () => {
  const { records } = await record(["sh", "-c", "i=0; while [ $i -lt 900000 ]; do i=$((i+1)); done"], {
    args: ["-i", "200ms"],
  });
  const series = records.filter(({ type }) => type === "columns").reduce((sum, { series }) => sum + series.length, 0);
  // On 2 CPUs, with one disk and one interface, there are 78.
  const further = Math.max(0, series - 78);
  const sizes = records.filter(({ type }) => type === "tick").map((tick) => JSON.stringify(tick).length + 1);
  assert.ok(sizes.length > 4);
  assert.ok(Math.max(...sizes) <= 1000 + 15 * further, `ticks of ${sizes} bytes for ${series} series`);
});
