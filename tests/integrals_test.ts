import assert from "node:assert/strict";
import fc from "fast-check";
import { Derive, frameSeries } from "../lib/derive.ts";
import { derivedIntegrals, Integral, longestBridge } from "../lib/integrals.ts";
import type { ResmonRecord } from "../lib/records.ts";
import { SeriesStatistics } from "../lib/series_statistics.ts";
import { sampleColumns, sampleSession, sampleTick } from "./sample_records.ts";

const POWER = 'gpu_power_watts{gpu="0"}';
const ENERGY = 'gpu_energy_joules_total{gpu="0"}';

/** The last value of a series after a stream of records. */
function lastOf(records: readonly ResmonRecord[], series: string): number | undefined {
  const derive = new Derive();
  return records.map((record) => derive.accept(record)).findLast((frame) => frame !== undefined)?.samples.get(series);
}

function powers(...readings: readonly (readonly [elapsed: number, watts: number | null])[]): ResmonRecord[] {
  return [
    sampleSession(),
    sampleColumns({ collector: "gpu", series: [POWER] }),
    ...readings.map(([elapsed, watts]) => sampleTick(elapsed, { values: { gpu: [watts] } })),
  ];
}

Deno.test("Derive integrates power by trapezoid over real time", () => {
  assert.equal(lastOf(powers([0, 100]), ENERGY), 0);
  assert.equal(lastOf(powers([0, 100], [1, 200], [1.5, 100]), ENERGY), 150 + 75);
});

Deno.test("Derive tells the energy of a counter and leaves the integral, and the power of a meter and leaves the rate", () => {
  const both = [ENERGY, POWER];
  assert.deepEqual(frameSeries({ series: both }), both);
  assert.deepEqual(frameSeries({ series: [POWER] }), [POWER, ENERGY]);
  assert.deepEqual(frameSeries({ series: [ENERGY] }), [ENERGY, POWER]);
});

Deno.test("Derive bridges a gap in the readings, and does not invent energy for a long one", () => {
  assert.equal(lastOf(powers([0, 100], [1, null], [2, 100]), ENERGY), 200);
  assert.equal(lastOf(powers([0, 100], [1, 100], [3601, 100], [3602, 100]), ENERGY), 200);
  assert.equal(lastOf(powers([0, 100], [30, 100], [60.1, 100]), ENERGY), 3000);
  assert.deepEqual([longestBridge(1), longestBridge(60)], [30, 300]);
});

Deno.test("Derive never lets an energy fall where the offset of a sensor makes its power negative", () => {
  assert.equal(lastOf(powers([0, 100], [1, 100], [2, -50], [3, -50]), ENERGY), 100 + 25);
});

Deno.test("Derive says over how many seconds an energy was counted, by its power or by a counter", () => {
  const spansOf = (records: readonly ResmonRecord[]): (number | undefined)[] => {
    const derive = new Derive();
    return records.flatMap((record) => derive.accept(record)?.spans.get(ENERGY) ?? []);
  };
  assert.deepEqual(spansOf(powers([0, 100], [1, 100], [3, null], [3.5, 100], [99, 100])), [0, 1, 2.5, 0]);
  const counted = [[0, 5], [1, 7], [2, 6], [4, 6]].map(([elapsed = 0, joules = 0]) =>
    sampleTick(elapsed, { values: { gpu: [joules] } })
  );
  const records = [sampleSession(), sampleColumns({ collector: "gpu", series: [ENERGY] }), ...counted];
  assert.deepEqual(spansOf(records), [1, 2]);
});

Deno.test("Derive counts no energy of before the command started", () => {
  assert.equal(lastOf(powers([-0.6, 100], [0.4, 100], [1.4, 100]), ENERGY), 140);
  const counted = (...readings: readonly (readonly [elapsed: number, joules: number])[]): number | undefined => {
    const derive = new Derive();
    const statistics = new SeriesStatistics("gpu_energy_joules_total");
    derive.accept(sampleColumns({ collector: "gpu", series: [ENERGY] }));
    for (const [at, joules] of readings) {
      const frame = derive.accept(sampleTick(Math.max(0, at), { values: { gpu: [joules] }, at: { gpu: at } }));
      const value = frame?.samples.get(ENERGY);
      if (value !== undefined) statistics.add(value, at, frame?.spans.get(ENERGY) ?? NaN);
    }
    const { total, seconds } = statistics.result();
    assert.ok(Math.abs((seconds ?? NaN) - 1) < 1e-9);
    return total;
  };
  assert.equal(counted([-0.6, 1000], [0.4, 1100], [1.4, 1200]), 100);
  assert.equal(counted([-0.002, 1000], [0.998, 1100]), 100);
});

Deno.test("Derive counts a reading that is told again once", () => {
  const again = (elapsed: number): ResmonRecord => sampleTick(elapsed, { values: { gpu: [100] }, at: { gpu: 1 } });
  assert.equal(lastOf([...powers([0, 100]), again(1), again(2), again(3)], ENERGY), 100);
});

Deno.test("Derive goes on with an integral when the columns change", () => {
  const records = powers([0, 100], [1, 100]);
  records.push(sampleColumns({ collector: "gpu", series: ['gpu_power_watts{gpu="1"}', POWER] }));
  records.push(sampleTick(2, { values: { gpu: [50, 100] } }), sampleTick(3, { values: { gpu: [50, 100] } }));
  assert.equal(lastOf(records, ENERGY), 300);
  assert.equal(lastOf(records, 'gpu_energy_joules_total{gpu="1"}'), 50);
});

Deno.test("derivedIntegrals() keeps all labels, and knows power only", () => {
  const columns = ["cpu_percent", 'power_watts{device="jetson",rail="VDD_IN",scope="module"}', "not a {series"];
  assert.deepEqual(derivedIntegrals(columns), [
    { series: 'power_energy_joules_total{device="jetson",rail="VDD_IN",scope="module"}', column: 1 },
  ]);
});

Deno.test("Integral.add() agrees with the sum of its parts, whatever the steps in between", () => {
  fc.assert(fc.property(fc.array(fc.double({ min: 0.001, max: 9, noNaN: true }), { minLength: 1 }), (steps) => {
    const integral = new Integral();
    let time = 0;
    for (const step of [0, ...steps]) integral.add(40, time += step, 10);
    assert.ok(Math.abs(integral.sum - 40 * time) <= 1e-9 * Math.max(1, 40 * time));
  }));
});
