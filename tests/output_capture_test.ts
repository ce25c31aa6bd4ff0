/** `run --capture` and `--mark-pattern`: the command's output passes through resmon, and nobody notices. */

import assert from "node:assert/strict";
import { createOtherSystem, resmonOn } from "./other_system.ts";
import { execute, PYTHON, readRun, record, type Recorded, RESMON, resmon } from "./program.ts";
import { isRunning, Running, until } from "./running.ts";
import { withTemporaryFolder } from "./temporary.ts";
import { launch, wrap } from "./wrapping.ts";

const CAPTURE = ["--capture"];
const BYTES = "import os; os.write(1, bytes(range(256)) * 4000); os.write(2, b'\\xff\\r\\n'); os._exit(7)";

function eventsOf({ records }: Pick<Recorded, "records">, kind: string): Recorded["records"] {
  return records.filter((record) => record.type === "event" && record.kind === kind);
}

Deno.test("resmon run --capture passes every byte on and keeps it, each output apart", () =>
  withTemporaryFolder(async (folder) => {
    const script = `"$@" > ${folder}/out 2> ${folder}/err`;
    for (const words of [[], wrap(`${folder}/run`, [], CAPTURE)]) {
      const { code } = await execute(["sh", "-c", script, "sh", ...words, PYTHON, "-c", BYTES]);
      assert.equal(code, 7);
      const all = new Uint8Array(256 * 4000).map((_, at) => at);
      assert.deepEqual(await Deno.readFile(`${folder}/out`), all);
      assert.deepEqual(await Deno.readFile(`${folder}/err`), new Uint8Array([255, 13, 10]));
      if (words.length === 0) continue;
      assert.deepEqual(await Deno.readFile(`${folder}/run/stdout.log`), all);
      assert.deepEqual(await Deno.readFile(`${folder}/run/stderr.log`), new Uint8Array([255, 13, 10]));
    }
  }));

Deno.test("resmon run --capture records lines as logs, and keeps the order of outputs that are one", () =>
  withTemporaryFolder(async (folder) => {
    const command = ["sh", "-c", "for n in 1 2 3; do echo out $n; echo err $n >&2; done"];
    const { stdout } = await execute(["sh", "-c", '"$@" 2>&1', "sh", ...wrap(`${folder}/run`, command, CAPTURE)]);
    const lines = ["out 1", "err 1", "out 2", "err 2", "out 3", "err 3"];
    assert.equal(stdout, `${lines.join("\n")}\n`);
    assert.equal(await Deno.readTextFile(`${folder}/run/output.log`), stdout);
    const logs = eventsOf(readRun(`${folder}/run`), "log");
    assert.deepEqual(logs.map(({ messages }) => messages), lines.map((line) => [line]));
    assert.deepEqual([logs[0]?.level, logs[0]?.source, logs[0]?.name], ["info", "stdout", "output"]);
  }));

Deno.test("resmon run --capture lets a command end by SIGPIPE as its reader goes", () =>
  withTemporaryFolder(async (folder) => {
    for (const words of [[], wrap(`${folder}/run`, [], CAPTURE)]) {
      const script = '{ "$@"; echo $? >&2; } | head -1; exit 0';
      const { stdout, stderr } = await execute(["sh", "-c", script, "sh", ...words, "yes"]);
      assert.deepEqual([stdout, stderr], ["y\n", "141\n"]);
    }
  }));

Deno.test("resmon run --capture lets a command wait for a slow reader, and loses nothing", () =>
  withTemporaryFolder(async (folder) => {
    const command = wrap(`${folder}/run`, ["sh", "-c", "seq 300000; exit 4"], CAPTURE);
    const reader =
      "import sys, time; time.sleep(0.5); print(hash(sys.stdin.read()) == hash(''.join(f'{n}\\n' for n in range(1, 300001))))";
    const script = `{ "$@"; echo $? >&2; } | ${PYTHON} -c "${reader}"`;
    const { stdout, stderr } = await execute(["sh", "-c", script, "sh", ...command]);
    assert.equal(stdout, "True\n");
    assert.match(stderr, /^(?:resmon: [\d,]+ lines of the command's output came [^\n]*\n)?4\n$/);
  }));

Deno.test("resmon run --capture ends with the command where a daemon keeps its output open, and says so", () =>
  withTemporaryFolder(async (folder) => {
    const command = ["sh", "-c", "sleep 1000 & echo $!; exit 5"];
    const { code, stdout, stderr } = await resmon(
      ["run", "--capture", "--no-report", "-o", `${folder}/run`, "--", ...command],
    );
    Deno.kill(parseInt(stdout, 10), "SIGKILL");
    assert.equal(code, 5);
    assert.match(
      stderr,
      /What the command has left running still holds the command's stdout and stderr open: what it writes .* is lost/,
    );
  }));

Deno.test("resmon run --capture gives a command that it cannot pass on its error, and keeps what there was", () =>
  withTemporaryFolder(async (folder) => {
    const command = ["sh", "-c", "trap '' PIPE; for n in 1 2 3; do echo $n || exit 9; sleep 0.2; done"];
    const { status, stderr } = await launch(wrap(folder, command, CAPTURE), { full: true });
    assert.equal(status, 9);
    assert.match(stderr, /Cannot pass on the command's stdout: no space left on device/);
    assert.match(await Deno.readTextFile(`${folder}/stdout.log`), /^1\n/);
  }));

Deno.test("resmon run --mark-pattern makes tags and phases of lines, and leaves no file", async () => {
  const text = "start\\n\\033[32mEpoch 1\\033[0m/2\\rEpoch 1/2 50%%\\nEpoch 2/2\\nloss=0.5\\nlast";
  const recorded = await record(["printf", text], {
    args: ["--quiet", "--mark-pattern", "(?<phase>Epoch \\d+)", "--mark-pattern", "^(loss)=(?<value>.*)|last$"],
  });
  assert.deepEqual(eventsOf(recorded, "tag").map(({ name, attributes }) => [name, attributes]), [
    ["loss", { value: 0.5 }],
    ["last", undefined],
  ]);
  assert.deepEqual(eventsOf(recorded, "phase_start").map(({ name }) => name), ["Epoch 1", "Epoch 2"]);
  const ends = eventsOf(recorded, "phase_end");
  assert.deepEqual(ends.map(({ name }) => name), ["Epoch 1", "Epoch 2"]);
  assert.equal(ends[0]?.elapsed, eventsOf(recorded, "phase_start")[1]?.elapsed, "one begins where the other ends");
  assert.deepEqual(recorded.summary.phases.map(({ unfinished }) => unfinished), [undefined, undefined]);
  assert.deepEqual(eventsOf(recorded, "log"), []);
});

Deno.test("resmon run --capture records of a bar that is drawn again and again what stays", async () => {
  const recorded = await record(["printf", "begin\\n10%%\\r55%%\\r100%%\\nend\\r\\n"], { args: CAPTURE });
  assert.deepEqual(eventsOf(recorded, "log").map(({ messages: [text] = [] }) => text), ["begin", "100%", "end"]);
  assert.equal(recorded.stdout, "begin\n10%\r55%\r100%\nend\r\n");
});

Deno.test("resmon run --mark-pattern refuses a wrong pattern before the command starts", async () => {
  const { code, stdout, stderr } = await resmon(["run", "--mark-pattern", "a(b", "--", "echo", "started"]);
  assert.deepEqual([code, stdout], [125, ""]);
  assert.match(stderr, /Cannot use --mark-pattern "a\(b": missing closing \): `a\(b`/);
});

Deno.test("resmon run --capture of a resmon that is killed ends the command's output, and not the command", () =>
  withTemporaryFolder(async (folder) => {
    const script = "trap '' PIPE; echo $$; while [ ! -e end ]; do sleep 0.02; done; echo after; echo done > told";
    const words = wrap(`${folder}/run`, ["sh", "-c", script], CAPTURE);
    await using running = new Running(words, { cwd: folder });
    const pid = parseInt(await running.line(), 10);
    running.kill("SIGKILL");
    await running.end();
    assert.ok(isRunning(pid));
    await Deno.writeTextFile(`${folder}/end`, "");
    await until(() => !isRunning(pid));
    assert.equal(await Deno.readTextFile(`${folder}/told`), "done\n");
  }));

Deno.test("resmon run --capture passes output on where there are no pseudo-terminals", () =>
  withTemporaryFolder(async (folder) => {
    await Deno.mkdir(`${folder}/bin`);
    const env = createOtherSystem("darwin", `${folder}/bin`);
    const command = ["sh", "-c", "echo out; echo err >&2; exit 3"];
    const { code, stdout, stderr } = await resmonOn(env, wrap(`${folder}/run`, command, CAPTURE).slice(RESMON.length));
    assert.deepEqual([code, stdout, stderr], [3, "out\n", "err\n"]);
    assert.equal(await Deno.readTextFile(`${folder}/run/stderr.log`), "err\n");
  }));
