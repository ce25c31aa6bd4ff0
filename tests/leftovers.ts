import assert from "node:assert/strict";
import { execute } from "./program.ts";
import { isRunning } from "./running.ts";

const ATTEMPTS = 100;

/** Asserts that within some seconds no process has a word, such as the folder of a test, in its command line. */
export async function assertNothingLeft(word: string): Promise<void> {
  let left: number[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    left = await processesWith(word);
    if (left.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.deepEqual(left, [], `still running with ${word}`);
}

/** The pids of processes with a word in their command line, zombies not counted. */
export async function processesWith(word: string): Promise<number[]> {
  const { stdout } = await execute(["pgrep", "-f", word]);
  return stdout.split("\n").filter((line) => line !== "").map((line) => parseInt(line, 10)).filter(isRunning);
}
