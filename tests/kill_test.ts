/** resmon killed at any moment: the command lives on, and what was recorded is there. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { readLog } from "../lib/log_reader.ts";
import { RESMON, resmon } from "./program.ts";
import { exists, isRunning, Running, until } from "./running.ts";
import { withTemporaryFolder } from "./temporary.ts";

const KILLS = 100;
const AT_ONCE = 4;
const LATEST_MS = 700;

// Waits for its file, starting short processes meanwhile, and then writes more than a pipe holds.
const COMMAND = 'echo $$; while [ ! -e "$0" ]; do sleep 0.01; done; seq 20000; exit 8';
const WRITTEN = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join("");

/** The words that start resmon so that it counts its ticks in a file; another form of the program cannot be made to. */
function countingResmon(counter: string): readonly string[] {
  const binary = Deno.env.get("RESMON_BIN") ?? "";
  if (binary !== "") return RESMON;
  const script = new URL("workloads/counted_run.ts", import.meta.url).pathname;
  return [...RESMON.slice(0, -1), script, counter];
}

interface Killed {
  readonly folder: string;
  /** Whether the command had started. */
  readonly started: boolean;
}

/** Kills resmon after some milliseconds, and lets the command finish. */
async function killAfter(folder: string, milliseconds: number): Promise<Killed> {
  await Deno.mkdir(folder);
  const words = [...countingResmon(`${folder}/ticks`), "run", "-q", "-i", "10ms", "-o", `${folder}/run`, "--"];
  await using running = new Running([...words, "sh", "-c", COMMAND, `${folder}/go`]);
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  running.kill("SIGKILL");
  await until(() => !isRunning(running.pid));
  await Deno.writeTextFile(`${folder}/go`, "");
  const { signal, stdout } = await running.end();
  assert.equal(signal, "SIGKILL");
  const [pid] = stdout.split("\n", 1);
  if (stdout !== "") assert.equal(stdout, `${pid}\n${WRITTEN}`, "the command ended as without resmon");
  return { folder, started: stdout !== "" };
}

/** Asserts that every tick but at most the last is in the log, in order and whole, and gives how many there are. */
function assertLog(folder: string): number {
  const damage: unknown[] = [];
  const records = [...readLog(`${folder}/run/log.jsonl`, { onDamage: (line) => damage.push(line) })];
  assert.deepEqual(damage, []);
  assert.deepEqual(records.map(({ seq }) => seq), records.map((_, index) => index + 1));
  const ticks = records.filter(({ type }) => type === "tick").length;
  const taken = sizeOf(`${folder}/ticks`);
  // The first tick brings the reading from before the command with it.
  if (taken > 1) assert.ok(ticks >= taken, `${ticks} ticks in the log, ${taken} were begun after the first`);
  return ticks;
}

/** Bytes of a file; 0 where there is none. */
function sizeOf(path: string): number {
  return exists(path) ? Deno.statSync(path).size : 0;
}

/** Asserts that a report and a summary can be made of it. */
async function assertReport({ folder }: Killed): Promise<void> {
  const report = await resmon(["report", `${folder}/run`, "--force"]);
  assert.equal(report.code, 0, report.stderr);
  const summary = await resmon(["summary", `${folder}/run`]);
  assert.equal(summary.code, 0, summary.stderr);
  assert.match(summary.stdout, /The end of the command is not known: the log ends before the command did/);
}

Deno.test(`${KILLS} times kill -9 leaves every tick but at most the last, and the command runs on`, () =>
  withTemporaryFolder(async (folder) => {
    const seed = Date.now() % 2 ** 31;
    console.log(`kill -9 with seed ${seed}`);
    const moments = fc.sample(fc.integer({ min: 0, max: LATEST_MS }), { numRuns: KILLS, seed });
    const results = { started: 0, recorded: 0, ticks: 0 };
    async function work(): Promise<void> {
      for (let moment = moments.pop(); moment !== undefined; moment = moments.pop()) {
        const killed = await killAfter(`${folder}/${moments.length}`, moment);
        if (killed.started) results.started++;
        if (sizeOf(`${killed.folder}/run/log.jsonl`) === 0) {
          assert.ok(!killed.started, "a command runs whose log was not begun");
          continue;
        }
        results.ticks += assertLog(killed.folder);
        results.recorded++;
        await assertReport(killed);
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    console.log(JSON.stringify(results));
    assert.ok(results.started > KILLS / 4 && results.ticks > KILLS, JSON.stringify(results));
  }));
