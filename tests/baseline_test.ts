import assert from "node:assert/strict";
import { ArchiveRoot } from "../lib/archive_root.ts";
import { measureBaseline } from "../lib/baseline.ts";
import type { Collector, Reading } from "../lib/contracts.ts";
import { Recorder } from "../lib/recorder.ts";
import type { Baseline } from "../lib/records.ts";
import { FakeClock } from "./fake_clock.ts";
import { recorderEnvironmentOf } from "./fixture_machine.ts";

/** A machine whose package counts joules, and whose GPU tells watts. */
class Meter implements Collector {
  readonly name = "meter";
  readonly metrics = ["power_energy_joules_total", "gpu_power_watts", "gpu_power_limit_watts"] as const;
  readonly sources = [];
  readonly series = [
    'power_energy_joules_total{device="package-0",rail="package-0",scope="package"}',
    'gpu_power_watts{gpu="0"}',
    'gpu_power_limit_watts{gpu="0"}',
  ];

  open(): void {}

  collect(now: number): Reading {
    return { values: [now * 40, 70, 300] };
  }

  close(): void {}
}

async function measure(seconds: number, interval: number): Promise<Baseline & { readonly written: number }> {
  const clock = new FakeClock();
  let written = 0;
  const recorder = new Recorder({
    collectors: [new Meter()],
    required: [],
    environment: recorderEnvironmentOf(new ArchiveRoot("")),
    clock,
    write: (record) => {
      if (record.type !== "status") written++;
    },
    warn: (message) => assert.fail(message),
  });
  await recorder.open();
  const measured = measureBaseline(recorder, { clock, interval, seconds });
  for (let step = 0; step < 100; step++) {
    clock.advance(seconds / 100 + 1e-9);
    await Promise.resolve();
  }
  return { ...await measured, written };
}

Deno.test("measureBaseline() gives the mean power of counters and of meters, and no limit", async () => {
  for (const [seconds, interval] of [[10, 1], [10, 3], [1, 10]] as const) {
    const { written, watts, ...baseline } = await measure(seconds, interval);
    assert.equal(baseline.seconds, seconds);
    assert.equal(written, 0, "nothing of it is in the log");
    assert.deepEqual(Object.keys(watts).sort(), [
      'gpu_power_watts{gpu="0"}',
      'power_watts{device="package-0",rail="package-0",scope="package"}',
    ]);
    assert.deepEqual(Object.values(watts).map(Math.round), [70, 40]);
  }
});
