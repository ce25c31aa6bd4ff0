/** More processes than anybody can look at: the totals agree with what the command itself is told by getrusage(2). */

import assert from "node:assert/strict";
import { assertClose, execute, record, type Recorded } from "./program.ts";
import { withTemporaryFolder } from "./temporary.ts";

const SOURCE = new URL("workloads/forks.c", import.meta.url).pathname;

/** Builds the program, runs it under resmon, and gives what it printed: what it made, and its CPU seconds. */
async function recordForks(words: readonly string[]): Promise<Recorded & { readonly told: readonly number[] }> {
  let recorded: Recorded | undefined;
  await withTemporaryFolder(async (folder) => {
    const built = await execute(["gcc", "-O1", "-o", `${folder}/forks`, SOURCE]);
    assert.equal(built.code, 0, built.stderr);
    recorded = await record([`${folder}/forks`, ...words], { args: ["-i", "100ms", "--quiet"] });
  });
  assert.ok(recorded !== undefined);
  assert.deepEqual({ code: recorded.code, stderr: recorded.stderr }, { code: 5, stderr: "" });
  return { ...recorded, told: recorded.stdout.trim().split(" ").map(parseFloat) };
}

Deno.test("The CPU time of thousands of processes a second, each shorter than any tick, is told", async () => {
  const { summary, told: [made = NaN, seconds = NaN] } = await recordForks(["short", "1.5"]);
  assert.ok(made > 1000, `${made} processes in 1.5 s`);
  assertClose(summary.exact.cpu_seconds, seconds, { share: 0.02, what: "exact CPU seconds" });
  assertClose(summary.exact.sampled_cpu_seconds, seconds, { share: 0.04, what: "sampled CPU seconds" });
  assert.ok(summary.processes.seen < made / 10, "they could not be seen");
  assert.deepEqual(summary.incomplete, []);
});

Deno.test("A tree of 2,000 processes is told whole: how many, and the CPU time of all", async () => {
  const { summary, records, told: [seconds = NaN] } = await recordForks(["tree", "45", "2", "3000"]);
  assert.equal(summary.processes.seen, 1 + 45 + 45 * 45);
  assert.equal(summary.metrics["processes"]?.max, 1 + 45 + 45 * 45);
  assertClose(summary.exact.cpu_seconds, seconds, { share: 0.02, what: "exact CPU seconds" });
  assert.equal(summary.processes.rows.length, 1000);
  const exits = records.filter(({ kind }) => kind === "process_exit");
  assert.equal(exits.length, summary.processes.seen);
  assert.ok(records.every((record) => record.type !== "tick" || (record.processes ?? []).length <= 101));
});
