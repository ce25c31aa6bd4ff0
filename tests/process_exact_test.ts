import assert from "node:assert/strict";
import { type EndOfTree, exactTotals } from "../collectors/process_exact.ts";
import { noAmounts } from "../collectors/process_ledger.ts";

const MIB = 2 ** 20;

function end(parts: Partial<EndOfTree>, maxRssBytes = 300 * MIB): EndOfTree {
  const usage = {
    userSeconds: 1,
    systemSeconds: 0.5,
    maxRssBytes,
    minorFaults: 10,
    majorFaults: 1,
    voluntaryContextSwitches: 100,
    involuntaryContextSwitches: 20,
  };
  return {
    command: { status: { code: 0 }, usage },
    spawnPeakBytes: 50 * MIB,
    reaped: Float64Array.of(1, 0.5, 10, 1, 0, 0, 0, 0),
    orphanSwitches: { voluntary: 0, involuntary: 0 },
    orphanPeakBytes: 0,
    running: noAmounts(),
    dropped: noAmounts(),
    io: undefined,
    sampledPeakBytes: undefined,
    ...parts,
  };
}

Deno.test("exactTotals() adds what still runs to what was reaped, and says so", () => {
  const exact = exactTotals(end({ running: Float64Array.of(2, 1, 5, 0, 0, 0, 0, 0) }));
  assert.equal(exact.cpu_seconds, 4.5);
  assert.equal(exact.minor_faults, 15);
  assert.equal(exact.sources.cpu_seconds, "wait4 + sampled: processes that still run");
});

Deno.test("exactTotals() adds what nobody waited for, and says so", () => {
  const exact = exactTotals(end({ dropped: Float64Array.of(2, 0, 0, 0, 0, 0, 0, 0) }));
  assert.equal(exact.cpu_user_seconds, 3);
  assert.equal(exact.sources.cpu_seconds, "wait4 + sampled: processes that nobody waited for");
});

Deno.test("exactTotals() counts the switches and the peak of orphans", () => {
  const exact = exactTotals(end({ orphanSwitches: { voluntary: 7, involuntary: 3 }, orphanPeakBytes: 400 * MIB }));
  assert.equal(exact.voluntary_context_switches, 107);
  assert.equal(exact.involuntary_context_switches, 23);
  assert.equal(exact.memory_peak_bytes, 400 * MIB);
  assert.equal(exact.sources.memory_peak_bytes, "ru_maxrss");
});

Deno.test("exactTotals() tells a limit where resmon was larger than the command", () => {
  const exact = exactTotals(end({ sampledPeakBytes: 3 * MIB }, 50 * MIB));
  assert.equal(exact.memory_peak_bytes, 3 * MIB);
  assert.equal(exact.memory_peak_limit_bytes, 50 * MIB);
  assert.equal(exact.sources.memory_peak_bytes, "sampled VmHWM");
});

Deno.test("exactTotals() tells no totals of a command that it did not reap", () => {
  const exact = exactTotals(end({ command: undefined, sampledPeakBytes: 3 * MIB }));
  assert.deepEqual(exact, { memory_peak_bytes: 3 * MIB, sources: { memory_peak_bytes: "sampled VmHWM" } });
});
