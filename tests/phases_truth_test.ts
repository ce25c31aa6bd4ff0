/** What phases used, against what the kernel tells the workload itself at their boundaries. */

import assert from "node:assert/strict";
import type { PhaseSummary } from "../lib/phase_summary.ts";
import { assertClose, PYTHON, record } from "./program.ts";

const WORKLOAD = new URL("workloads/phases.py", import.meta.url).pathname;
const MIB = 1024 ** 2;

interface Told {
  readonly seconds: number;
  readonly cpu: number;
  readonly written: number;
  readonly resident: number;
}

// On a busy machine the reading at a boundary comes late: what it is too late, at full use, stands in the other phase.
const LATE_SECONDS = 0.1;

Deno.test("phases used what the kernel tells the program at their boundaries", async () => {
  // Not in /tmp: what is written to a file system in memory is no I/O.
  const disk = await Deno.makeTempDir({ dir: new URL("..", import.meta.url).pathname });
  const { summary, stdout } = await record([PYTHON, WORKLOAD, disk], { args: ["-i", "100ms"] });
  await Deno.remove(disk);
  const told: Record<string, Told> = JSON.parse(stdout);
  assert.deepEqual(summary.phases.map(({ name, count }) => [name, count]), [["burn", 1], ["touch", 1], ["write", 1]]);
  assert.equal(summary.phase_troubles, undefined);
  for (const phase of summary.phases) assertPhase(phase, told[phase.name]);
});

function assertPhase(phase: PhaseSummary, truth: Told | undefined): void {
  const { name, seconds, cpu_seconds = NaN, memory_rss_max_bytes = NaN, storage_write_bytes = NaN } = phase;
  assert.ok(truth !== undefined, name);
  assertClose(seconds, truth.seconds, { share: 0.02, what: `${name}: seconds` });
  const off = Math.abs(cpu_seconds - truth.cpu);
  assert.ok(off <= LATE_SECONDS + 0.03 * truth.cpu, `${name}: ${cpu_seconds} CPU seconds, ${truth.cpu} were told`);
  assert.ok(
    Math.abs(storage_write_bytes - truth.written) <= 0.05 * 20 * MIB,
    `${name}: ${storage_write_bytes} bytes written, ${truth.written} were told`,
  );
  assertClose(memory_rss_max_bytes, truth.resident, { share: 0.05, what: `${name}: resident` });
}

Deno.test("a phase in which the program was killed ends with the run, and says so", async () => {
  const script = 'echo "phase start work" >> "$RESMON_MARKS"; sleep 0.3; kill -KILL $$';
  const { summary } = await record(["sh", "-c", script], { args: ["-i", "100ms"] });
  const [work] = summary.phases;
  assert.deepEqual([summary.run.signal, work?.name, work?.unfinished, summary.phases.length], [
    "SIGKILL",
    "work",
    1,
    1,
  ]);
  assert.ok(Math.abs((work?.started ?? NaN) + (work?.seconds ?? NaN) - summary.run.wall_seconds) < 1e-5);
});
