/** Programs on a real terminal, under a shell with job control: all is as without resmon. */

import assert from "node:assert/strict";
import { readRun } from "./program.ts";
import { exists, until } from "./running.ts";
import { withTemporaryFolder } from "./temporary.ts";
import { converse, PROMPT, session, testSession } from "./terminal_session.ts";
import { wrap } from "./wrapping.ts";

const CTRL_C = "\x03";
const CTRL_D = "\x04";
const CTRL_Z = "\x1a";
const CTRL_BACKSLASH = "\x1c";

function countOf(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

function stopsAndContinues(folder: string): string[] {
  return readRun(folder).records.filter(({ type, kind }) => type === "event" && ["stop", "continue"].includes(kind))
    .map(({ kind, attributes }) => `${kind}${attributes === undefined ? "" : ` ${attributes.signal}`}`);
}

testSession("shows a progress bar of the right width", {
  line: "$W $PYTHON $RUN progress",
  steps: [{ expect: "\\[True, True, True\\] 73\r\n" }, { expect: "\r  0% .*\r 20% .*\r100% ##########\\|" }],
  status: 0,
}, ({ transcript }) => assert.ok(!transcript.includes("\x1b"), "nobody else has written to the terminal"));

testSession("lets a pager scroll and quit", {
  line: "seq 1000 > numbers; $W less numbers",
  steps: [{ expect: "\n23\r\n" }, { send: " " }, { expect: "\n46\r\n" }, { send: "/777\n" }, { expect: "777" }, {
    send: "q",
  }],
  status: 0,
});

testSession("gives Ctrl-C to a Python prompt once, which goes on", {
  line: "$W $PYTHON -q",
  steps: [
    { expect: ">>> " },
    { idle: true },
    { send: CTRL_C },
    { expect: "\r\nKeyboardInterrupt\r\n>>> " },
    { send: "exec(\"print('spin' + 'ning')\\nwhile True: pass\")\n" },
    { expect: "spinning\r\n" },
    { send: CTRL_C },
    { expect: "\r\nKeyboardInterrupt\r\n>>> " },
    { send: "print(6 * 7)\n" },
    { expect: "42\r\n>>> " },
    { send: "exit(5)\n" },
  ],
  status: 5,
}, ({ transcript }) => assert.equal(countOf(transcript, /KeyboardInterrupt/g), 2));

testSession(
  "gives Ctrl-C and Ctrl-\\ to the command exactly once each",
  {
    line: "$W $PYTHON $TELL",
    steps: [
      { expect: "ready" },
      ...[CTRL_C, CTRL_BACKSLASH, CTRL_C, CTRL_C].flatMap((send) => [{ send }, { expect: "SIG(INT|QUIT)\r\n" }]),
      { send: "end\n" },
    ],
    status: 3,
  },
  ({ transcript }) =>
    assert.deepEqual([...transcript.matchAll(/SIG[A-Z]+/g)].join(" "), "SIGINT SIGQUIT SIGINT SIGINT"),
);

testSession("stops with an editor that suspends itself, three times", {
  line: "$W $PYTHON $RUN suspend",
  steps: [
    { expect: "editing 0\r\n" },
    ...[1, 2, 3].flatMap((count) => [
      { send: "\n" },
      { expect: `Stopped.*${PROMPT}` },
      { send: "echo sta'tus' $?; jobs; fg\n" },
      { expect: "status 148\r\n\\[1\\]\\+  Stopped   " },
      { expect: `editing ${count}\r\n` },
    ]),
    { send: "\n" },
  ],
  status: 0,
});

testSession("lets vi suspend itself and its group", {
  line: "$W vi -u NONE -i NONE -n text",
  steps: [
    { expect: "~" },
    ...[1, 2].flatMap(() => [{ send: CTRL_Z }, { expect: `Stopped.*${PROMPT}` }, { send: "fg\n" }, { expect: "~" }]),
    { send: ":q!\n" },
  ],
  status: 0,
});

const BOTH_STOPPED = "ps -o stat= -p $(jobs -p) --ppid $(jobs -p) | cut -c 1 | tr -d '\\n'; echo ' al'l\n";

testSession("stops on Ctrl-Z, goes on by fg and bg, and ends on Ctrl-C", {
  line: "$W $PYTHON $RUN count",
  steps: [
    { expect: "working 3\r\n" },
    { send: CTRL_Z },
    { expect: `Stopped.*${PROMPT}` },
    { send: BOTH_STOPPED },
    { expect: "\nTT? all\r\n" },
    { send: "jobs\n" },
    { expect: `\\[1\\]\\+  Stopped .*${PROMPT}` },
    { send: "fg\n" },
    { expect: "working [0-9]+\r\nworking" },
    { send: CTRL_Z },
    { expect: `Stopped.*${PROMPT}` },
    { send: "bg\n" },
    { expect: "working [0-9]+\r\nworking" },
    { send: "jobs\n" },
    { expect: "\\[1\\]\\+  Running" },
    { send: "fg\n" },
    { expect: "working [0-9]+\r\nworking" },
    { send: CTRL_C },
  ],
  status: 130,
});

// A command that runs until it is ended, and says when it has begun.
const WAIT = "$W sh -c 'echo run\"ning\"; exec sleep 100'";
const RUNNING = { expect: "running\r\n" };

testSession("ends on Ctrl-\\ as the command does", {
  line: WAIT,
  steps: [RUNNING, { send: CTRL_BACKSLASH }, { expect: "Quit" }],
  status: 131,
});

testSession("ends on Ctrl-C where the command does not expect it", {
  line: WAIT,
  steps: [RUNNING, { send: CTRL_C }],
  status: 130,
});

testSession("runs on with a command that ignores Ctrl-Z", {
  line: '$W sh -c \'trap "" TSTP; echo run"ning"; read x; echo got "$x"\'',
  steps: [RUNNING, { send: CTRL_Z }, { idle: true }, { send: "words\n" }, { expect: "got words\r\n" }],
  status: 0,
});

testSession("ends by kill %1, running or stopped", {
  line: `${WAIT} &`,
  steps: [
    RUNNING,
    { send: "kill -TSTP %1; until jobs | grep -q Stopped; do sleep 0.05; done; bg; jobs\n" },
    { expect: "\\[1\\]\\+  Running" },
    { send: "kill %1; wait %1; echo sta'tus' $?\n" },
    { expect: "status 143\r\n" },
    { send: `${WAIT}\n` },
    RUNNING,
    { send: CTRL_Z },
    { expect: `Stopped.*${PROMPT}` },
    { send: "echo sta'tus' $?; kill %1; fg; echo sta'tus' $?\n" },
    { expect: "status 148\r\n.*status 143\r\n" },
  ],
  status: 0,
});

testSession("stops in the background when the command wants input, and goes on by fg", {
  line: "$W sh -c 'read x; echo got \"$x\"; exit 6' &",
  steps: [
    { expect: PROMPT },
    { send: "until jobs | grep -q Stopped; do sleep 0.05; done; jobs\n" },
    { expect: `\\[1\\]\\+  Stopped \\(tty input\\).*${PROMPT}|\\[1\\]\\+  Stopped .*${PROMPT}` },
    { send: "fg\n" },
    { expect: "sh -c [^\n]*\r\n" },
    { send: "words\n" },
    { expect: "got words\r\n" },
  ],
  status: 6,
});

testSession("tells the command that the window has changed", {
  line: "$W $PYTHON $RUN columns",
  steps: [{ expect: "columns 73\r\n" }, { columns: 100 }, { expect: "columns 100\r\n" }, { send: "\n" }],
  status: 0,
});

testSession("lets the command ask the terminal past its input and output", {
  line: "echo no | $W sh -c 'read x < /dev/tty; echo got \"$x\" > /dev/tty' | cat",
  steps: [{ expect: "\n" }, { send: "words\n" }, { expect: "got words\r\n" }],
  status: 0,
});

testSession("hands the terminal to an interactive shell and takes it back", {
  line: "$W bash --norc --noprofile --noediting -i",
  steps: [
    { expect: PROMPT },
    { send: "$PYTHON $RUN count\n" },
    { expect: "working 3\r\n" },
    { send: CTRL_Z },
    { expect: `Stopped.*${PROMPT}` },
    { send: "fg\n" },
    { expect: "working [0-9]+\r\nworking" },
    { send: CTRL_C },
    { expect: PROMPT },
    { send: "exit 7\n" },
  ],
  status: 7,
  needsOwnOutput: true,
});

testSession("ends with a shell that gets the end of its input", {
  line: "$W cat",
  steps: [{ send: "words\n" }, { expect: "words\r\n.*words\r\n" }, { send: CTRL_D }],
  status: 0,
});

Deno.test("On a terminal, resmon run records stops and continues of the command", () =>
  withTemporaryFolder(async (cwd) => {
    const W = wrap(`${cwd}/run`, []).join(" ");
    const steps = [
      { expect: "editing 0\r\n" },
      { send: "\n" },
      { expect: `Stopped.*${PROMPT}` },
      { send: "fg\n" },
      { expect: "editing 1\r\n" },
      { idle: true as const },
      { send: CTRL_Z },
      { expect: `Stopped.*${PROMPT}` },
      { send: "fg\n" },
      { expect: "RUN suspend\r\n" },
      { idle: true as const },
      { send: CTRL_C },
    ];
    const { missing, transcript } = await converse(session({ line: "$W $PYTHON $RUN suspend", steps, status: 130 }), {
      cwd,
      W,
    });
    assert.equal(missing, null, transcript);
    assert.deepEqual(stopsAndContinues(`${cwd}/run`), ["stop SIGTSTP", "continue", "stop SIGTSTP", "continue"]);
  }));

Deno.test("On a terminal, resmon run gives the command one hang-up when the terminal goes away", () =>
  withTemporaryFolder(async (cwd) => {
    for (const W of ["", wrap(`${cwd}/run`, []).join(" "), wrap(`${cwd}/run`, [], ["--capture"]).join(" ")]) {
      const told = `${cwd}/told${W.length}`;
      // An interactive shell would pass on the hang-up that it gets as well, so that even without resmon there are two.
      const argv = ["sh", "-c", `$W $PYTHON $RUN hangup ${told}; true`];
      assert.equal(
        (await converse([{ expect: "ready [0-9]+\r\n" }, { hangup: true }], { cwd, W, argv })).missing,
        null,
      );
      await until(() => exists(told));
      await Deno.writeTextFile(`${told}.end`, "");
      await until(() => Deno.readTextFileSync(told).endsWith("end\n"));
      assert.equal(await Deno.readTextFile(told), "SIGHUP\nend\n", W);
    }
  }));
