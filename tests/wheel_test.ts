/** The Python package as `pip install` brings it into a fresh virtual environment: marks, and the program with its launcher. */

import assert from "node:assert/strict";
import { VERSION } from "../lib/version.ts";
import { buildWheel } from "../scripts/wheel.ts";
import { type Ended, execute, PYTHON, readRun } from "./program.ts";
import { Running, until } from "./running.ts";
import { withTemporaryFolder } from "./temporary.ts";
import { launch, type Launched } from "./wrapping.ts";

const WORKLOADS = new URL("workloads/", import.meta.url).pathname;
const TELL = [PYTHON, `${WORKLOADS}tell_signals.py`];
const SIGUSR1 = 10;
// From half a second on the runtime would open its debugger.
const DEBUGGER_LISTENS_MS = 600;

/** Installs the package into a virtual environment, in a folder whose name has a blank; or says why that cannot be. */
async function install(folder: string): Promise<{ readonly bin: string } | { readonly reason: string }> {
  const venv = `${folder}/my environment`;
  const made = await execute([PYTHON, "-m", "venv", venv]);
  if (made.code !== 0) return { reason: `python3 -m venv: ${made.stdout}${made.stderr}` };
  const pip = [`${venv}/bin/python`, "-m", "pip", "--disable-pip-version-check"];
  const fetched = await execute([...pip, "download", "--quiet", "--no-deps", "--dest", folder, "hatchling"]);
  if (fetched.code !== 0) return { reason: `pip has no access to packages: ${fetched.stderr}` };
  await must([...pip, "install", "--quiet", buildWheel(folder, `${venv}/bin/python`)]);
  return { bin: `${venv}/bin` };
}

async function must(words: readonly string[], options: Deno.CommandOptions = {}): Promise<Ended> {
  const ended = await execute(words, options);
  assert.equal(ended.code, 0, `${words.join(" ")}: ${ended.stderr}`);
  return ended;
}

/** The words that run a command under the installed program, its outputs in a folder. */
function wrap(bin: string, folder: string, command: readonly string[]): string[] {
  return [`${bin}/resmon`, "run", "--quiet", "--no-report", "--force", "-o", `${folder}/run`, "--", ...command];
}

async function testVersions(bin: string): Promise<void> {
  assert.equal((await must([`${bin}/resmon`, "--version"])).stdout, `${VERSION}\n`);
  assert.equal((await must([`${bin}/python`, "-m", "resmon", "--version"])).stdout, `${VERSION}\n`);
  const script = "import resmon, importlib.metadata as m; print(resmon.__version__, m.version('resmon'))";
  assert.equal((await must([`${bin}/python`, "-c", script])).stdout, `${VERSION} ${VERSION}\n`);
  const doctor = await must([`${bin}/resmon`, "doctor"]);
  assert.match(doctor.stdout, /runtime +Deno \d+\.\d+\.\d+, from its Python package$/m);
}

async function testMarks(bin: string, folder: string): Promise<void> {
  const script = "import resmon\nwith resmon.phase('epoch', number=1): resmon.tag('warm')";
  await must(wrap(bin, folder, [`${bin}/python`, "-c", script]));
  const events = readRun(`${folder}/run`).records.filter(({ type, source }) => type === "event" && source === "socket");
  assert.deepEqual(events.map(({ kind, name }) => `${kind} ${name}`), [
    "phase_start epoch",
    "tag warm",
    "phase_end epoch",
  ]);
}

async function testTransparency(bin: string, folder: string): Promise<void> {
  async function assertSame(
    command: readonly string[],
    conditions: Parameters<typeof launch>[1] = {},
  ): Promise<Launched> {
    const bare = await launch(command, conditions);
    assert.deepEqual(await launch(wrap(bin, folder, command), conditions), bare);
    return bare;
  }
  assert.equal((await assertSame(["sh", "-c", "exit 7"])).status, 7);
  assert.equal((await assertSame(["sh", "-c", "kill -TERM $$"])).status, -15);
  await assertSame(["printf", "%s|", "", "a b", "--version", "\udcff"]);
  // A Python in the C locale changes its environment.
  const others = "env | grep -v '^RESMON_\\|^_=' | sort; grep ^Sig[BIC] /proc/self/status";
  for (const block of [[], [SIGUSR1]]) await assertSame(["sh", "-c", others], { block, environment: { LANG: "C" } });
}

async function testDebuggerSignal(bin: string, folder: string): Promise<void> {
  const start = performance.now();
  await using running = new Running(wrap(bin, folder, TELL));
  const pid = parseInt((await running.line()).replace("ready ", ""), 10);
  for (const wait of [0, DEBUGGER_LISTENS_MS]) {
    await until(() => performance.now() - start > wait);
    running.kill("SIGUSR1");
    assert.equal(await running.line(), "SIGUSR1");
  }
  assert.ok(!hasDebugger(running.pid), "the runtime has opened its debugger");
  Deno.kill(pid, "SIGALRM");
  assert.deepEqual(await running.end(), { code: 3, signal: null, stdout: "", stderr: "" });
}

/** Whether a process listens on 127.0.0.1:9229. */
function hasDebugger(pid: number): boolean {
  const sockets = Deno.readTextFileSync("/proc/net/tcp").split("\n");
  const inodes = sockets.filter((line) => / 0100007F:240D .* 0A /.test(line)).map((line) => line.trim().split(/ +/)[9]);
  const own = Array.from(Deno.readDirSync(`/proc/${pid}/fd`), ({ name }) => linkOf(pid, name));
  return inodes.some((inode) => own.includes(`socket:[${inode}]`));
}

function linkOf(pid: number, descriptor: string): string {
  try {
    return Deno.readLinkSync(`/proc/${pid}/fd/${descriptor}`);
  } catch (error) {
    // It was closed meanwhile.
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

async function testDeathByDebuggerSignal(bin: string, folder: string): Promise<void> {
  await using running = new Running(wrap(bin, folder, ["sh", "-c", "echo ready; exec sleep 100"]));
  await running.line();
  running.kill("SIGUSR1");
  assert.equal((await running.end()).signal, "SIGUSR1");
}

// The launcher keeps the signal blocked for what it becomes.
async function testEarlyDebuggerSignal(bin: string, folder: string): Promise<void> {
  const deno = `${folder}/signalled-deno`;
  await Deno.writeTextFile(deno, `#!/bin/sh\nkill -USR1 $$\nexec '${bin}/deno' "$@"\n`, { mode: 0o755 });
  const { signal } = await execute(wrap(bin, folder, ["sleep", "10"]), { env: { RESMON_DENO: deno } });
  assert.equal(signal, "SIGUSR1");
}

async function testTerminal(bin: string, folder: string): Promise<void> {
  const steps = [{ expect: "ready" }, { send: "\x03" }, { expect: "SIGINT" }, { send: "\n" }];
  const plan = { argv: wrap(bin, folder, TELL), columns: 80, steps };
  const { stdout } = await must([PYTHON, `${WORKLOADS}terminal.py`, JSON.stringify(plan)], { env: { TERM: "xterm" } });
  const { transcript, missing } = JSON.parse(stdout);
  assert.equal(missing, null, transcript);
  assert.equal(transcript.split("SIGINT").length, 2, "the command got it once");
}

async function testWithoutDeno(bin: string): Promise<void> {
  const { code, stderr } = await execute([`${bin}/resmon`, "--version"], { env: { RESMON_DENO: "/nothing" } });
  assert.equal(code, 125);
  assert.match(stderr, /^resmon: Cannot start resmon: Deno is not \/nothing; install it by `pip install deno` /);
}

Deno.test("the wheel brings the marks and the command into a fresh virtual environment", (test) =>
  withTemporaryFolder(async (folder) => {
    const installed = await install(folder);
    if ("reason" in installed) return console.warn(`DID NOT RUN: ${test.name}: ${installed.reason.trim()}`);
    const { bin } = installed;
    await test.step("which tell one version, of the runtime too", () => testVersions(bin));
    await test.step("whose marks reach the run around them", () => testMarks(bin, folder));
    await test.step("which leaves exit status, signals, arguments and variables as they are", () =>
      testTransparency(bin, folder));
    await test.step("which passes SIGUSR1 on at any time, and opens no debugger", () =>
      testDebuggerSignal(bin, folder));
    await test.step("which ends by SIGUSR1 where the command does", () => testDeathByDebuggerSignal(bin, folder));
    await test.step("which hands on a SIGUSR1 that came before the command was started", () =>
      testEarlyDebuggerSignal(bin, folder));
    await test.step("which leaves Ctrl-C to the terminal", () => testTerminal(bin, folder));
    await test.step("which says what is missing without Deno", () => testWithoutDeno(bin));
  }));
