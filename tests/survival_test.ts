/** The command survives resmon, and resmon survives the command. */

import assert from "node:assert/strict";
import { execute, PYTHON, readRun, resmon } from "./program.ts";
import { exists, isRunning, Running, until } from "./running.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";
import { wrap } from "./wrapping.ts";

const WORKLOADS = new URL("workloads/", import.meta.url).pathname;
const OUTPUTS = ["log.jsonl", "processes.csv", "samples.csv", "summary.json"];

// Starts many processes once the file is there, so that resmon needs memory, and writes after resmon's death.
const LONG =
  'echo $$; until [ -e "$0" ]; do sleep 0.02; done; for i in $(seq 150); do sleep 0.02 & done; wait; seq 20000; exit 8';

function countTicks(folder: string): number {
  return Deno.readTextFileSync(`${folder}/log.jsonl`).split('"tick"').length - 1;
}

function assertWholeOutput(stdout: string): void {
  assert.equal(stdout, Array.from({ length: 20000 }, (_, index) => `${index + 1}\n`).join(""));
}

Deno.test("The command runs on to its end when resmon is killed, its output whole, and the log can be read", () =>
  withTemporaryFolder(async (folder) => {
    await using running = new Running(wrap(`${folder}/run`, ["sh", "-c", LONG, `${folder}/go`], ["-i", "20ms"]));
    await running.line();
    await until(() => countTicks(`${folder}/run`) > 3);
    running.kill("SIGKILL");
    await until(() => !isRunning(running.pid));
    await Deno.writeTextFile(`${folder}/go`, "");
    const { signal, stdout } = await running.end();
    assert.equal(signal, "SIGKILL");
    assertWholeOutput(stdout);
    const { code, stdout: summary } = await resmon(["summary", `${folder}/run`]);
    assert.equal(code, 0);
    assert.match(summary, /CPU/);
  }));

for (const limit of ["as", "data"]) {
  Deno.test(`The command runs on to its end when resmon runs out of memory (RLIMIT_${limit.toUpperCase()})`, () =>
    withTemporaryFolder(async (folder) => {
      await using running = new Running(wrap(`${folder}/run`, ["sh", "-c", LONG, `${folder}/go`], ["-i", "10ms"]));
      await running.line();
      assert.equal((await execute(["prlimit", "--pid", `${running.pid}`, `--${limit}=1000000`])).code, 0);
      await Deno.writeTextFile(`${folder}/go`, "");
      const { code, stdout } = await running.end();
      assert.notEqual(code, 8, "resmon itself has died");
      assertWholeOutput(stdout);
    }));
}

for (
  const where of ["timer", "promise", "tick", "watch", "signal listener", "end of the command", "exact totals"]
) {
  Deno.test(`resmon run waits for the command and ends as it does after an error of its own: ${where}`, () =>
    withTemporaryFolder(async (folder) => {
      const command = ["sh", "-c", 'sh -c "sleep 0.1 &"; sleep 0.3; echo whole; exit 7'];
      const program = [Deno.execPath(), "run", "-A", "--no-prompt", `${WORKLOADS}failing_run.ts`, where];
      const { code, stdout, stderr } = await execute([...program, `${folder}/run`, "--", ...command]);
      assert.deepEqual({ code, stdout }, { code: 7, stdout: "whole\n" });
      assert.match(stderr, /^resmon: The recording is incomplete, by an error of resmon's own: Error: boom, at /m);
      assert.ok(stderr.split("\n").length < 8, stderr);
    }));
}

/** Makes a control group that allows few processes; undefined where there can be none. */
function makeGroup(): string | undefined {
  for (const root of ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"]) {
    const group = `${root}/resmon-test-${Deno.pid}`;
    try {
      Deno.mkdirSync(group);
      if (exists(`${group}/pids.max`)) {
        Deno.writeTextFileSync(`${group}/pids.max`, "60");
        return group;
      }
      Deno.removeSync(group);
    } catch (error) {
      // Not root, or a machine without control groups.
      if (!(error instanceof Error)) throw error;
    }
  }
  return undefined;
}

for (const what of ["processes", "threads"]) {
  const name = `resmon run survives a command that takes all ${what} of its control group`;
  Deno.test(name, () =>
    withTemporaryFolder(async (folder) => {
      const group = makeGroup();
      if (group === undefined) return console.warn(`DID NOT RUN: ${name}: no control group can be made`);
      const join = ["sh", "-c", `echo $$ > ${group}/cgroup.procs; exec "$@"`, "sh"];
      const command = [PYTHON, `${WORKLOADS}exhaust.py`, what];
      const { code, stdout, stderr } = await execute([...join, ...wrap(folder, command, ["-i", "50ms"])]);
      assert.deepEqual({ code, stdout, stderr }, { code: 9, stdout: "exhausted True\n", stderr: "" });
      assert.match(await Deno.readTextFile(`${group}/pids.events`), /max [1-9]/);
      await until(() => Deno.readTextFileSync(`${group}/cgroup.procs`) === "");
      await Deno.remove(group);
      assert.deepEqual(listFolder(folder), OUTPUTS);
      assert.equal(readRun(folder).summary.run.exit_code, 9);
    }));
}

for (const limit of [4096, 64]) {
  Deno.test(`resmon run survives a command that uses up its ${limit} descriptors`, () =>
    withTemporaryFolder(async (folder) => {
      const command = ["sh", "-c", '"$@" & "$@" & "$@" & wait $!', "sh", PYTHON, `${WORKLOADS}exhaust.py`, "files"];
      const shell = ["bash", "-c", `ulimit -n ${limit}; "$@"; exit $?`, "bash"];
      const { code, stdout } = await execute([...shell, ...wrap(folder, command, ["-i", "50ms"])]);
      assert.deepEqual({ code, stdout }, { code: 9, stdout: "exhausted True\n".repeat(3) });
      assert.deepEqual(listFolder(folder), OUTPUTS);
      assert.equal(readRun(folder).summary.run.exit_code, 9);
    }));
}

function parseDecimalInteger(text: string): number {
  return parseInt(text, 10);
}

/** Starts a command that leaves a daemon behind, and waits until the daemon has told its own pid and its parent's. */
async function startDaemon(folder: string, options: readonly string[]): Promise<
  { running: Running; daemon: number; parent: number }
> {
  const command = [PYTHON, `${WORKLOADS}daemon.py`, `${folder}/told`, `${folder}/go`];
  const running = new Running(wrap(`${folder}/run`, command, options));
  await until(() => exists(`${folder}/told`));
  const [daemon = NaN, parent = NaN] = (await Deno.readTextFile(`${folder}/told`)).split(" ").map(parseDecimalInteger);
  return { running, daemon, parent };
}

Deno.test("resmon run ends with the command, as a shell would, and leaves a daemon of its running", () =>
  withTemporaryFolder(async (folder) => {
    const { running, daemon } = await startDaemon(folder, []);
    await using _killed = running;
    assert.equal((await running.end()).code, 4);
    assert.ok(isRunning(daemon));
    await Deno.writeTextFile(`${folder}/go`, "");
    await until(() => !isRunning(daemon));
  }));

Deno.test("resmon run --wait-all waits for a daemon, has it as its child and records its end", () =>
  withTemporaryFolder(async (folder) => {
    const { running, daemon, parent } = await startDaemon(folder, ["--wait-all", "-i", "50ms"]);
    await using _killed = running;
    assert.equal(parent, running.pid);
    const before = countTicks(`${folder}/run`);
    await until(() => countTicks(`${folder}/run`) > before + 2);
    assert.ok(isRunning(running.pid) && isRunning(daemon));
    await Deno.writeTextFile(`${folder}/go`, "");
    assert.equal((await running.end()).code, 4);
    const { summary } = readRun(`${folder}/run`);
    assert.equal(summary.run.exit_code, 4);
    assert.equal(summary.processes.rows.find(({ pid }) => pid === daemon)?.exit_code, 0);
  }));

Deno.test("resmon run --no-adopt leaves a daemon to the parent that it would have without resmon", () =>
  withTemporaryFolder(async (folder) => {
    const { running, daemon, parent } = await startDaemon(folder, ["--no-adopt"]);
    await using _killed = running;
    assert.notEqual(parent, running.pid);
    await Deno.writeTextFile(`${folder}/go`, "");
    assert.equal((await running.end()).code, 4);
    await until(() => !isRunning(daemon));
  }));
