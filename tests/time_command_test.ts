/** `resmon time`: a command as a phase. */

import assert from "node:assert/strict";
import { IS_COMPILED, PYTHON, record, RESMON, resmon } from "./program.ts";
import { Running } from "./running.ts";
import { launch } from "./wrapping.ts";

const ALONE = { RESMON_ADDR: "", RESMON_MARKS: "" };

function timed(command: readonly string[], ...options: readonly string[]): string[] {
  return [...RESMON, "time", ...options, "--", ...command];
}

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  "ends well": ["sh", "-c", "echo out; echo err >&2"],
  "fails": ["sh", "-c", "exit 7"],
  "dies by SIGTERM": ["sh", "-c", "kill -TERM $$"],
  "dies by SIGKILL": ["sh", "-c", "kill -KILL $$"],
  "dies by a real-time signal": ["sh", "-c", "kill -40 $$"],
  "has arguments like options": ["printf", "%s", "--quiet", "--", ""],
};

for (const [what, command] of Object.entries(COMMANDS)) {
  Deno.test(`resmon time --quiet is as the command that ${what}`, async () => {
    const environment = ALONE;
    assert.deepEqual(await launch(timed(command, "--quiet"), { environment }), await launch(command, { environment }));
  });
}

const BYTES = "resmon time passes on arguments that are not UTF-8";

Deno.test(BYTES, async () => {
  if (IS_COMPILED) {
    return console.warn(`DID NOT RUN: ${BYTES}: the runtime of a compiled program does not start with them`);
  }
  const { stdout } = await launch(timed(["printf", "%s", "\udcff"], "--quiet"), { environment: ALONE });
  assert.equal(stdout, "\udcff");
});

Deno.test("resmon time tells how long a command took and what it used, also where it fails", async () => {
  const load =
    "x = b'1' * 200_000_000; import time; e = time.process_time() + 0.2\nwhile time.process_time() < e: pass";
  const { code, stdout, stderr } = await resmon(["time", "--name", "load", PYTHON, "-c", `${load}\nexit(3)`], {
    env: ALONE,
  });
  assert.deepEqual([code, stdout], [3, ""]);
  const [started = "", failed = "", ...rest] = stderr.split("\n");
  assert.match(started, /^resmon: load started at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  const told =
    /^resmon: load failed after (.*) with exit status 3: (\d+ ms|[\d.]+ s) of CPU time \([\d.]+ cores\), largest process (\d+) MiB$/
      .exec(failed);
  assert.ok(told !== null, failed);
  const mebibytes = parseInt(told[3] ?? "", 10);
  assert.ok(mebibytes >= 190 && mebibytes < 260, failed);
  assert.deepEqual(rest, [""]);
});

Deno.test("resmon time tells the command by its words, and that its memory is not above resmon's own", async () => {
  const { stderr } = await resmon(["time", "sh", "-c", "kill -TERM $$"], { env: ALONE });
  assert.match(stderr, /^resmon: sh -c 'kill -TERM \$\$' started at /);
  assert.match(
    stderr,
    /\nresmon: sh -c 'kill -TERM \$\$' was ended after .* by SIGTERM: .*, largest process at most \d+(?:\.\d)? MiB\n$/,
  );
});

Deno.test("resmon time tells the cores that a command kept busy, and no more of its words than a line holds", async () => {
  const { stderr } = await resmon(["time", "sh", "-c", `sleep 0.3 # ${"x".repeat(1000)}`], { env: ALONE });
  assert.match(stderr, / \(0\.[0-2] cores\), /);
  assert.ok(stderr.split("\n").every((line) => line.length < 300), stderr);
});

Deno.test("resmon time passes signals on", async () => {
  const command = ["sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done"];
  await using running = new Running(timed(command, "--quiet"), { env: ALONE });
  assert.equal(await running.line(), "ready");
  running.kill("SIGTERM");
  assert.equal((await running.end()).code, 9);
});

Deno.test("resmon time has an exit status of its own where the command was not started", async () => {
  const cases: readonly (readonly [args: readonly string[], code: number, said: RegExp])[] = [
    [["no-such-command"], 127, /^resmon: Cannot run "no-such-command": not found in PATH\n$/],
    [["/"], 126, /^resmon: Cannot run "\/": /],
    [["--bogus", "true"], 125, /unknown option '--bogus'/],
    [[], 125, /missing required argument 'command'/],
  ];
  for (const [args, expected, said] of cases) {
    const { code, stderr } = await resmon(["time", ...args], { env: ALONE });
    assert.equal(code, expected, stderr);
    assert.match(stderr, said);
  }
});

Deno.test("resmon time is a phase of the run around it, which tells why it failed", async () => {
  const notFound = timed(["no-such-command"], "--name", "none").join(" ");
  const { records } = await record([
    "sh",
    "-c",
    `${timedWords("true")}; ${timedWords("exit 3")}; ${timedWords("kill -9 $$")}; ${notFound}`,
  ]);
  const phases = records.filter(({ kind }) => ["phase_start", "phase_end"].includes(kind));
  assert.deepEqual(phases.map(({ kind, name, attributes }) => [kind, name, attributes]), [
    ["phase_start", "a phase", undefined],
    ["phase_end", "a phase", undefined],
    ["phase_start", "a phase", undefined],
    ["phase_end", "a phase", { error: "exit status 3" }],
    ["phase_start", "a phase", undefined],
    ["phase_end", "a phase", { error: "SIGKILL" }],
    ["phase_start", "none", undefined],
    ["phase_end", "none", { error: "exit status 127" }],
  ]);
  assert.deepEqual(phases.map(({ span }) => span).filter((span, at, all) => at % 2 === 0 && span !== all[at + 1]), []);
});

function timedWords(text: string): string {
  return timed(["sh", "-c", `'${text}'`], "--quiet", "--name", "'a phase'").join(" ");
}
