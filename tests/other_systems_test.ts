/** `run` and `attach` as on macOS and Windows, for real, without the C library: see other_system.ts. */

import assert from "node:assert/strict";
import { TOOL_MARK } from "../lib/tools.ts";
import { createOtherSystem, type OtherSystem, resmonOn } from "./other_system.ts";
import { execute, PYTHON, readRun, RESMON, treeColumn } from "./program.ts";
import { exists, Running, until } from "./running.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";

const SPIN = `
import os, sys, time
child = os.fork()
started = time.process_time()
while time.process_time() - started < 1.5: pass
if child == 0: os._exit(0)
os.waitpid(child, 0)
print("done", flush=True)
sys.exit(7)
`;

const HANDLES_INTERRUPT = `
import signal, sys, time
def stop(*_):
    print("interrupted", flush=True)
    sys.exit(5)
signal.signal(signal.SIGINT, stop)
signal.signal(signal.SIGTERM, stop)
# resmon listens to signals a moment after it has started the command, and a busy machine makes that longer.
time.sleep(1)
print("ready", flush=True)
time.sleep(30)
`;

interface Place {
  readonly env: Record<string, string>;
  readonly run: string;
  readonly folder: string;
}

function onSystem(system: OtherSystem, test: (place: Place) => Promise<void>): () => Promise<void> {
  return () =>
    withTemporaryFolder(async (folder) => {
      await Deno.mkdir(`${folder}/bin`);
      await test({ env: createOtherSystem(system, `${folder}/bin`), run: `${folder}/run`, folder });
    });
}

for (const system of ["darwin", "windows"] as const) {
  Deno.test(
    `resmon run on ${system} records the tree of a command and the machine, and ends as the command does`,
    onSystem(system, async ({ env, run }) => {
      const { code, stdout, stderr } = await resmonOn(env, ["run", "-o", run, "--", PYTHON, "-c", SPIN]);
      assert.deepEqual({ code, stdout }, { code: 7, stdout: "done\n" }, stderr);
      assert.deepEqual(listFolder(run), ["log.jsonl", "processes.csv", "report.html", "samples.csv", "summary.json"]);
      const recorded = readRun(run);
      assert.equal(recorded.records[0].machine.os, system);
      assert.equal(Math.max(...treeColumn(recorded, "processes")), 2);
      // What came after the last table of the processes, a second ago or more on a busy machine, is not in it.
      const sampled = treeColumn(recorded, "cpu_seconds_total").at(-1) ?? NaN;
      assert.ok(sampled > 0.5 && sampled < 3.5, `${sampled} CPU seconds of two processes with 1.5 s each`);
      assert.equal(recorded.summary.run.exit_code, 7);
      const working = recorded.records.filter(({ type, state }) => type === "status" && state === "working");
      for (const subject of ["process", "cpu", "memory", "disk", "network", "monitor"]) {
        assert.ok(working.some(({ collector }) => collector === subject), subject);
      }
      assert.ok(
        recorded.records.some(({ type, values }) => type === "tick" && values.memory?.[0] > 0),
        "memory is told",
      );
      const lacks = recorded.records.filter(({ state, metrics }) => state === "unsupported" && metrics !== undefined);
      assert.ok(lacks.some(({ metrics, reason }) => metrics.includes("open_files") && reason !== undefined));
    }),
  );

  Deno.test(
    `resmon run on ${system} tells what cannot be run, and leaves nothing behind`,
    onSystem(system, async ({ env, run, folder }) => {
      const missing = await resmonOn(env, ["run", "-o", run, "--", "no-such-program"]);
      assert.equal(missing.code, 127);
      assert.match(missing.stderr, /^resmon: Cannot run "no-such-program": not found in PATH/);
      await Deno.writeTextFile(`${folder}/plain`, "echo\n", { mode: 0o644 });
      const plain = await resmonOn(env, ["run", "-o", run, "--", `${folder}/plain`]);
      assert.equal(plain.code, 126);
      assert.match(plain.stderr, /permission denied/);
      const grouped = await resmonOn(env, ["run", "--cgroup", "new", "-o", run, "--", "true"]);
      assert.equal(grouped.code, 125, grouped.stderr);
      assert.ok(!exists(run));
    }),
  );

  Deno.test(
    `resmon attach on ${system} records a process until it ends`,
    onSystem(system, async ({ env, run }) => {
      await using target = new Running([PYTHON, "-c", "import time; print('ready', flush=True); time.sleep(50)"]);
      await target.line();
      await using attached = new Running(
        [...RESMON, "attach", "-p", String(target.pid), "-q", "--no-report", "-o", run, "-i", "100ms"],
        { env },
      );
      await until(() => exists(`${run}/log.jsonl`) && readWhole(run).includes('"process_start"'));
      target.kill("SIGKILL");
      const { code, stderr } = await attached.end();
      assert.equal(code, 0, stderr);
      assert.ok(treeColumn(readRun(run), "memory_rss_bytes").some((bytes) => bytes > 0));
    }),
  );

  Deno.test(
    `resmon attach on ${system} tells that there is no such process`,
    onSystem(system, async ({ env, run }) => {
      const { code, stderr } = await resmonOn(env, ["attach", "-p", "4194304", "-o", run]);
      assert.deepEqual({ code, stderr }, {
        code: 1,
        stderr: "resmon: Cannot attach to process 4194304: there is none\n",
      });
    }),
  );
}

// Without a terminal nobody else tells the command of SIGINT.
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(
    `resmon run on darwin passes ${signal} on to the command, and survives it`,
    onSystem("darwin", async ({ env, run }) => {
      await using running = new Running(
        [...RESMON, "run", "-q", "--no-report", "-o", run, "--", PYTHON, "-c", HANDLES_INTERRUPT],
        { env },
      );
      assert.equal(await running.line(), "ready");
      running.kill(signal);
      const { code, stdout } = await running.end();
      assert.deepEqual({ code, stdout }, { code: 5, stdout: "interrupted\n" });
      const signals = readRun(run).records.filter(({ kind }) => kind === "signal");
      assert.deepEqual(signals.map(({ attributes }) => attributes), [{ signal, forwarded: true }]);
    }),
  );
}

Deno.test(
  "resmon attach on darwin tells of a process that has ended and waits for its parent",
  onSystem("darwin", async ({ env, run }) => {
    const zombie = "import os, time; pid = os.fork() or os._exit(0); print(pid, flush=True); time.sleep(50)";
    await using parent = new Running([PYTHON, "-c", zombie]);
    const pid = await parent.line();
    await until(() => Deno.readTextFileSync(`/proc/${pid}/stat`).includes(") Z "));
    const { code, stderr } = await resmonOn(env, ["attach", "-p", pid, "-o", run]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^resmon: Cannot attach to process \d+ \(python\S*\): it has ended and waits for its parent\n$/,
    );
  }),
);

Deno.test(
  "resmon run on darwin dies by the signal that killed the command, or says it by its exit code",
  onSystem("darwin", async ({ env, run }) => {
    for (const [name, code] of [["KILL", 137], ["TERM", 143], ["INT", 130], ["ABRT", 134], ["SEGV", 139]] as const) {
      const words = ["run", "-q", "--no-report", "--force", "-o", run, "--", "sh", "-c", `kill -${name} $$`];
      const ended = await resmonOn(env, words);
      assert.deepEqual([ended.code, ended.signal], [code, name === "SEGV" ? null : `SIG${name}`]);
      assert.equal(readRun(run).summary.run.signal, `SIG${name}`);
    }
  }),
);

Deno.test(
  "Ctrl-C during resmon run on darwin reaches the command once, and resmon goes on to its end",
  onSystem("darwin", async ({ env, run }) => {
    const words = [...RESMON, "run", "-q", "--no-report", "-o", run, "--", PYTHON, "-c", HANDLES_INTERRUPT];
    const { code, stdout } = await execute([PYTHON, "-c", TERMINAL, ...words], { env });
    assert.equal(code, 5, stdout);
    assert.equal(stdout.match(/interrupted/g)?.length, 1);
    const signals = readRun(run).records.filter(({ kind }) => kind === "signal");
    assert.deepEqual(signals.map(({ attributes }) => attributes), [{ signal: "SIGINT", forwarded: false }]);
  }),
);

for (const system of ["darwin", "windows"] as const) {
  Deno.test(
    `The command runs on to its end when resmon on ${system} is killed, and no tool is left behind`,
    onSystem(system, async ({ env, run, folder }) => {
      const command = "import time; print('ready', flush=True); time.sleep(1); print('survived', flush=True)";
      await using running = new Running([...RESMON, "run", "-q", "-o", run, "--", PYTHON, "-c", command], { env });
      assert.equal(await running.line(), "ready");
      await until(() => toolsIn(`${folder}/bin`) > 0);
      running.kill("SIGKILL");
      assert.equal(await running.line(), "survived");
      await until(() => toolsIn(`${folder}/bin`) === 0);
    }),
  );
}

/** How many tools run that resmon started, and what these started, of the system in a folder. */
function toolsIn(folder: string): number {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name) && isToolOf(name, folder))
    .length;
}

function isToolOf(pid: string, folder: string): boolean {
  try {
    const environment = Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0");
    return environment.includes(`${TOOL_MARK}=1`) && environment.some((variable) => variable.includes(folder));
  } catch (error) {
    // It has ended.
    if (error instanceof Error) return false;
    throw error;
  }
}

// Runs a program on a terminal of its own, and types Ctrl-C once it is ready.
const TERMINAL = `
import os, pty, sys
seen = b""
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
typed = False
while True:
    try:
        data = os.read(terminal, 4096)
    except OSError:
        break
    if not data:
        break
    seen += data
    if b"ready" in seen and not typed:
        typed = True
        os.write(terminal, b"\\x03")
sys.stdout.buffer.write(seen)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

function readWhole(run: string): string {
  return Deno.readTextFileSync(`${run}/log.jsonl`);
}
