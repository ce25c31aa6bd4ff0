/** The command survives resmon, and resmon survives the command. */

import assert from "node:assert/strict";
import { withControlGroup } from "./control_group.ts";
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

for (const [what, options] of [["processes", []], ["threads", []], ["threads", ["--mark-pattern", "x"]]] as const) {
  const name = `${["resmon run", ...options].join(" ")} survives a command that takes all ${what} of its control group`;
  Deno.test(
    name,
    () =>
      withControlGroup({ name, of: "processes", limit: 60 }, (group) =>
        withTemporaryFolder(async (folder) => {
          const command = [PYTHON, `${WORKLOADS}exhaust.py`, what];
          const { code, stdout, stderr } = await execute([
            ...group.join,
            ...wrap(folder, command, ["-i", "50ms", ...options]),
          ]);
          assert.deepEqual({ code, stdout, stderr }, { code: 9, stdout: "exhausted True\n", stderr: "" });
          assert.match(await Deno.readTextFile(`${group.folder}/pids.events`), /max [1-9]/);
          assert.deepEqual(listFolder(folder), OUTPUTS);
          assert.equal(readRun(folder).summary.run.exit_code, 9);
        })),
  );
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

for (const limit of [40, 63]) {
  Deno.test(`resmon run does not start the command where it has ${limit} descriptors, too few to survive`, () =>
    withTemporaryFolder(async (folder) => {
      const shell = ["bash", "-c", `ulimit -n ${limit}; "$@"; exit $?`, "bash"];
      const { code, stdout, stderr } = await execute([...shell, ...wrap(folder, ["echo", "started"])]);
      assert.deepEqual({ code, stdout }, { code: 125, stdout: "" });
      assert.match(
        stderr,
        /^resmon: Cannot run with at most \d+ open files: resmon needs 64; raise the hard limit \(ulimit -Hn\)\n$/,
      );
      assert.deepEqual(listFolder(folder), []);
    }));
}

{
  const name = "resmon run tells that the kernel killed the command for want of memory";
  Deno.test(
    name,
    () =>
      withControlGroup({ name, of: "memory", limit: 200e6 }, (group) =>
        withTemporaryFolder(async (folder) => {
          const { code, stderr } = await execute([...group.join, ...wrap(folder, hog(1000), ["-i", "50ms"])]);
          assert.deepEqual({ code, stderr }, { code: 128 + 9, stderr: "" });
          const { run, metrics } = readRun(folder).summary;
          assert.equal(run.signal, "SIGKILL");
          assert.equal(metrics["cgroup_oom_kills_total"]?.total, 1);
          assert.match((await resmon(["summary", folder])).stdout, /Out of memory, 1 process killed/);
        })),
  );
}

{
  const name = "The command runs on to its end when the kernel kills resmon for want of memory";
  Deno.test(
    name,
    () =>
      withControlGroup({ name, of: "memory", limit: 64e6 }, (group) =>
        withTemporaryFolder(async (folder) => {
          const root = group.folder.slice(0, group.folder.lastIndexOf("/"));
          const script = `import time; open("${folder}/started", "w"); time.sleep(1); print("whole")`;
          const command = ["sh", "-ec", `echo $$ > ${root}/cgroup.procs; exec "$@"`, "sh", PYTHON, "-c", script];
          await using running = new Running([...group.join, ...takenFirst(wrap(folder, command, ["-i", "20ms"]))]);
          await until(() => exists(`${folder}/started`));
          // Another program takes what is left of the group's memory; the kernel may take that one, too.
          await execute([...group.join, ...hog(200)]);
          const { signal, stdout } = await running.end();
          assert.equal(signal, "SIGKILL");
          assert.equal(stdout, "whole\n");
          assert.equal((await resmon(["summary", folder])).code, 0);
        })),
  );
}

/** A command that takes some megabytes, a few at a time, and writes at its end. */
function hog(megabytes: number): string[] {
  const script = "import sys, time; held = []\nfor _ in range(int(sys.argv[1]) // 5):\n" +
    "  held.append(b'x' * 5_000_000); time.sleep(0.02)\nprint('whole')";
  return [PYTHON, "-c", script, `${megabytes}`];
}

/** A command that the kernel takes before any other when memory runs short, see proc_pid_oom_score_adj(5). */
function takenFirst(command: readonly string[]): string[] {
  return ["sh", "-ec", 'echo 1000 > /proc/self/oom_score_adj; exec "$@"', "sh", ...command];
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
