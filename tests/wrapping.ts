/** Starts commands with and without resmon around them, under conditions of all kinds. */

import assert from "node:assert/strict";
import { execute, PYTHON, RESMON } from "./program.ts";
import { withTemporaryFolder } from "./temporary.ts";

const LAUNCHER = new URL("workloads/launch.py", import.meta.url).pathname;

/** What `workloads/launch.py` can arrange. Bytes that are not UTF-8 are lone surrogates (`"\udcff"` is 0xff). */
export interface Conditions {
  readonly ignore?: readonly number[];
  readonly block?: readonly number[];
  readonly close?: readonly number[];
  readonly open?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, number>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly umask?: number;
  readonly cwd?: string;
  readonly user?: number;
  /** Sends stdout to /dev/full, where every write fails. */
  readonly full?: boolean;
}

/** How a program ended for its parent: an exit code, or the negative number of a signal. */
export interface Launched {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program under conditions. */
export async function launch(argv: readonly string[], conditions: Conditions = {}): Promise<Launched> {
  const { code, stdout, stderr } = await execute([PYTHON, LAUNCHER, JSON.stringify({ argv, ...conditions })]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** The words that run a command under resmon, its outputs in `folder`. */
export function wrap(folder: string, command: readonly string[], options: readonly string[] = []): string[] {
  return [...RESMON, "run", "--quiet", "--no-report", "--force", "-o", folder, ...options, "--", ...command];
}

/** Runs a command under resmon. */
export async function launchWrapped(command: readonly string[], conditions: Conditions = {}): Promise<Launched> {
  let launched: Launched | undefined;
  await withTemporaryFolder(async (folder) => {
    launched = await launch(wrap(folder, command), conditions);
  });
  assert.ok(launched !== undefined);
  return launched;
}

/** Asserts that a command ends and writes the same with resmon around it as without, and gives what it wrote. */
export async function assertTransparent(command: readonly string[], conditions: Conditions = {}): Promise<Launched> {
  const bare = await launch(command, conditions);
  assert.deepEqual(await launchWrapped(command, conditions), bare);
  return bare;
}
