/** Holds conversations with an interactive shell on a real terminal, with and without resmon. */

import assert from "node:assert/strict";
import { execute, PYTHON } from "./program.ts";
import { withTemporaryFolder } from "./temporary.ts";
import { wrap } from "./wrapping.ts";

const WORKLOADS = new URL("workloads/", import.meta.url).pathname;

/** What the shell writes when it waits for a line. */
export const PROMPT = "PROMPT> ";
const BASH = ["bash", "--norc", "--noprofile", "--noediting", "-i"];

/** What is done, or waited for: see workloads/terminal.py. */
export type Step =
  | { readonly send: string }
  | { readonly expect: string }
  | { readonly idle: true }
  | { readonly columns: number }
  | { readonly hangup: true };

/** What was seen, and the first step that did not come true. */
export interface Session {
  readonly transcript: string;
  readonly missing: Step | null;
}

/** Types lines into an interactive bash, in which `$W` is nothing or resmon, and gives the session. */
export async function converse(
  steps: readonly Step[],
  { cwd, W, argv = BASH }: { readonly cwd: string; readonly W: string; readonly argv?: readonly string[] },
): Promise<Session> {
  const plan = { argv, columns: 73, steps };
  const { code, stdout, stderr } = await execute([PYTHON, `${WORKLOADS}terminal.py`, JSON.stringify(plan)], {
    cwd,
    env: {
      PS1: PROMPT,
      W,
      PYTHON,
      RUN: `${WORKLOADS}interactive.py`,
      TELL: `${WORKLOADS}tell_signals.py`,
      TERM: "xterm",
      LESS: "",
      HISTFILE: "",
    },
  });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** A command line, what is done while it runs, and the exit status that the shell then has. */
interface Case {
  readonly line: string;
  readonly steps: readonly Step[];
  readonly status: number;
  /** Needs its output to be the controlling terminal: see docs/wrapping.md. */
  readonly needsOwnOutput?: true;
}

/** The whole conversation around a line: its status, and the modes of the terminal afterwards. */
export function session({ line, steps, status }: Case): Step[] {
  // What is typed is echoed: quotes in it keep it from being taken for what the shell answers.
  return [
    { expect: PROMPT },
    { send: "ulimit -c 0; stty -g > before; echo rea'dy'\n" },
    { expect: `ready\r\n${PROMPT}` },
    { send: `${line}\n` },
    ...steps,
    { expect: PROMPT },
    { send: "echo sta'tus' $?\n" },
    { expect: `status ${status}\r\n${PROMPT}` },
    { send: "stty -g | cmp - before && echo mo'des' $?\n" },
    { expect: "modes 0\r\n" },
  ];
}

/** Defines a test that holds the same conversation without resmon, with it, and with its output passing through resmon. */
export function testSession(
  name: string,
  made: Case,
  check: (session: Session, folder: string) => void = () => undefined,
): void {
  Deno.test(`On a terminal, resmon run ${name}`, () =>
    withTemporaryFolder(async (cwd) => {
      const captured = made.needsOwnOutput ? [] : [wrap(`${cwd}/run`, [], ["--capture"])];
      for (const W of [[], wrap(`${cwd}/run`, []), ...captured].map((words) => words.join(" "))) {
        const held = await converse(session(made), { cwd, W });
        assert.equal(held.missing, null, `with "${W}":\n${held.transcript}`);
        check(held, cwd);
      }
    }));
}
