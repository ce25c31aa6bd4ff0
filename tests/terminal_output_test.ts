/** Programs on a real terminal, whose output passes through resmon: see terminal_session_test.ts, which does most of it. */

import assert from "node:assert/strict";
import { withTemporaryFolder } from "./temporary.ts";
import { converse, PROMPT, session, testSession } from "./terminal_session.ts";
import { wrap } from "./wrapping.ts";

const CTRL_C = "\x03";
const CTRL_Z = "\x1a";

testSession("lets a program that uses ncurses have single keys, and puts the terminal in order", {
  line: "$W $PYTHON $RUN keys",
  steps: [
    { expect: "press q" },
    { idle: true },
    { send: "a" },
    { expect: "key 97" },
    { idle: true },
    { send: CTRL_Z },
    { expect: `Stopped.*${PROMPT}` },
    { send: "stty -g | cmp - before && echo ord'er' $?\n" },
    { expect: `order 0\r\n${PROMPT}` },
    { send: "fg\n" },
    { expect: "key" },
    { idle: true },
    { send: "z" },
    { expect: "122" },
    { idle: true },
    { send: "q" },
    { expect: "left\r\n" },
  ],
  status: 0,
});

Deno.test("On a terminal, resmon run --capture within another tells the command that the window has changed", () =>
  withTemporaryFolder(async (cwd) => {
    const W = [...wrap(`${cwd}/outer`, [], ["--capture"]), ...wrap(`${cwd}/inner`, [], ["--capture"])].join(" ");
    const steps = [
      { expect: "columns 73\r\n" },
      { columns: 100 },
      { expect: "columns 100\r\n" },
      { send: "\n" },
    ];
    const { missing, transcript } = await converse(session({ line: "$W $PYTHON $RUN columns", steps, status: 0 }), {
      cwd,
      W,
    });
    assert.equal(missing, null, transcript);
  }));

Deno.test("On a terminal, resmon run --capture keeps what the program wrote, as the program wrote it", () =>
  withTemporaryFolder(async (cwd) => {
    const W = wrap(`${cwd}/run`, [], ["--capture"]).join(" ");
    const line = "$W $PYTHON $RUN progress";
    const { missing, transcript } = await converse(session({ line, steps: [], status: 0 }), { cwd, W });
    assert.equal(missing, null, transcript);
    const output = await Deno.readTextFile(`${cwd}/run/output.log`);
    assert.match(output, /^\[True, True, True\] 73\n\r {2}0% .*\r100% #{10}\|\n$/s);
    assert.ok(transcript.includes(output.replaceAll("\n", "\r\n")));
  }));

Deno.test("On a terminal, what a command in the background asks is shown before the terminal stops it and resmon", () =>
  withTemporaryFolder(async (cwd) => {
    const W = wrap(`${cwd}/run`, [], ["--capture"]).join(" ");
    const steps = [
      { expect: PROMPT },
      { send: '$W sh -c "echo who $((1+1)); read x; echo got \\$x" &\n' },
      { expect: "who 2\r\n" },
      { send: "until jobs | grep -q Stopped; do sleep 0.05; done; fg\n" },
      { expect: "fg\r\n.*read x" },
      { send: "word\n" },
      { expect: "got word\r\n" },
      { expect: PROMPT },
    ];
    const { missing, transcript } = await converse(steps, { cwd, W });
    assert.equal(missing, null, transcript);
  }));

Deno.test("On a terminal, a command whose output resmon keeps lives on when resmon is killed", () =>
  withTemporaryFolder(async (cwd) => {
    const W = wrap(`${cwd}/run`, [], ["--capture"]).join(" ");
    const command =
      "until [ -e go ]; do sleep 0.02; done; trap 'echo hung up > told' HUP; sleep 0.2; echo lives >> told";
    const steps = [
      { expect: PROMPT },
      { send: `$W sh -c "echo pid \\$\\$; ${command}" & wait\n` },
      { expect: "pid [0-9]+\r\n" },
      { send: CTRL_C },
      { expect: PROMPT },
      { send: "kill -9 $!; wait $!; touch go; until [ -e told ]; do sleep 0.02; done; cat told\n" },
      { expect: "\nlives\r\n" },
    ];
    const { missing, transcript } = await converse(steps, { cwd, W });
    assert.equal(missing, null, transcript);
  }));

Deno.test("On a terminal, resmon run --live shows a line while the command is quiet, and leaves nothing of it", () =>
  withTemporaryFolder(async (cwd) => {
    const W = wrap(`${cwd}/run`, [], ["--live"]).join(" ");
    const line =
      'unset NO_COLOR; $W sh -c \'echo "phase start train" >> "$RESMON_MARKS"; echo first; read x; echo last; printf mid; read x\'';
    const steps = [
      { expect: "first\r\n" },
      { expect: "\x1b\\[2m[0-9.]+ m?s \\| CPU [^\r]* \\| train\x1b\\[0m\x1b\\[K\r" },
      { send: "\n" },
      { expect: "\x1b\\[Klast\r\nmid" },
      { send: "\n" },
    ];
    const { missing, transcript } = await converse(session({ line, steps, status: 0 }), { cwd, W });
    assert.equal(missing, null, transcript);
    assert.ok(!/mid.*\|/.test(transcript), "nothing is shown while the cursor is within a line");
  }));
