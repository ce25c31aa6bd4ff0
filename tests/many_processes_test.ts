/** More processes than anybody can look at: the totals agree with what the command itself is told by getrusage(2). */

import assert from "node:assert/strict";
import { assertClose, execute, readRun, type Recorded, RESMON, treeColumn } from "./program.ts";
import { exists, Running, until } from "./running.ts";
import { withTemporaryFolder } from "./temporary.ts";

const SOURCE = new URL("workloads/forks.c", import.meta.url).pathname;

type Forks = Pick<Recorded, "records" | "summary"> & { readonly told: readonly number[] };

/**
 * Builds the program, runs it under resmon, and gives what it printed: what it made, and its CPU seconds. A word GO stands for a
 * file that is made when the log tells of so many processes at once.
 */
function recordForks(words: readonly string[], { goWith = 0 } = {}): Promise<Forks> {
  return withTemporaryFolder(async (folder) => {
    const built = await execute(["gcc", "-O1", "-o", `${folder}/forks`, SOURCE]);
    assert.equal(built.code, 0, built.stderr);
    const command = [`${folder}/forks`, ...words.map((word) => word === "GO" ? `${folder}/go` : word)];
    const options = ["-i", "100ms", "--quiet", "--no-report"];
    await using running = new Running([...RESMON, "run", "-o", `${folder}/run`, ...options, "--", ...command]);
    if (goWith > 0) {
      await until(() => mostProcesses(`${folder}/run/log.jsonl`) >= goWith);
      await Deno.writeTextFile(`${folder}/go`, "");
    }
    const { code, stdout, stderr } = await running.end();
    assert.deepEqual({ code, stderr }, { code: 5, stderr: "" });
    return { ...readRun(`${folder}/run`), told: stdout.trim().split(" ").map(parseFloat) };
  });
}

function mostProcesses(log: string): number {
  if (!exists(log)) return 0;
  const records = Deno.readTextFileSync(log).split("\n").slice(0, -1).map((line) => JSON.parse(line));
  const isTold = records.some(({ type, collector }) => type === "columns" && collector === "process");
  return isTold ? Math.max(0, ...treeColumn({ records }, "processes")) : 0;
}

Deno.test("The CPU time of thousands of processes a second, each shorter than any tick, is told", async () => {
  const { summary, told: [made = NaN, seconds = NaN] } = await recordForks(["short", "1.5"]);
  assert.ok(made > 1000, `${made} processes in 1.5 s`);
  assertClose(summary.exact.cpu_seconds, seconds, { share: 0.02, what: "exact CPU seconds" });
  // The kernel tells what children used in clock ticks of 10 ms, of user and of system time.
  const share = Math.max(0.04, 0.02 / seconds);
  assertClose(summary.exact.sampled_cpu_seconds, seconds, { share, what: "sampled CPU seconds" });
  assert.ok(summary.processes.seen < made / 10, "they could not be seen");
  assert.deepEqual(summary.incomplete, []);
});

Deno.test("A tree of 2,000 processes is told whole: how many, and the CPU time of all", async () => {
  const { summary, records, told: [seconds = NaN] } = await recordForks(["tree", "45", "2", "GO"], {
    goWith: 1 + 45 + 45 * 45,
  });
  assert.equal(summary.processes.seen, 1 + 45 + 45 * 45);
  assert.equal(summary.metrics["processes"]?.max, 1 + 45 + 45 * 45);
  assertClose(summary.exact.cpu_seconds, seconds, { share: 0.02, what: "exact CPU seconds" });
  assert.equal(summary.processes.rows.length, 1000);
  const exits = records.filter(({ kind }) => kind === "process_exit");
  assert.equal(exits.length, summary.processes.seen);
  assert.ok(records.every((record) => record.type !== "tick" || (record.processes ?? []).length <= 101));
});
