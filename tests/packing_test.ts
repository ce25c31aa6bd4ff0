import assert from "node:assert/strict";
import fc from "fast-check";
import { pack, packTimes, unpack, unpackTimes } from "../report/packing.ts";

Deno.test("pack() and unpack() keep four digits and every gap", async () => {
  const number = fc.oneof(
    fc.constant(NaN),
    fc.constant(0),
    fc.double({ min: 1e-30, max: 1e15, noNaN: true }),
    fc.integer(),
  );
  await fc.assert(fc.asyncProperty(fc.array(number), async (numbers) => {
    const values = Float32Array.from(numbers);
    const back = await unpack(await pack(values));
    assert.equal(back.length, values.length);
    back.forEach((value, at) => {
      const given = values[at] ?? NaN;
      assert.equal(Number.isNaN(value), Number.isNaN(given));
      assert.ok(Number.isNaN(given) || Math.abs(value - given) <= Math.abs(given) * 1.3e-4, `${given} became ${value}`);
    });
  }));
});

Deno.test("pack() makes gaps of infinities", async () => {
  assert.deepEqual([...await unpack(await pack(Float32Array.of(1, Infinity, -Infinity)))], [1, NaN, NaN]);
});

Deno.test("pack() and unpack() take more than fits into one piece", async () => {
  const values = Float32Array.from({ length: 200_001 }, (_, at) => at % 1000);
  const back = await unpack(await pack(values));
  assert.deepEqual([back.length, back[65_536], back[200_000]], [200_001, 536, 0]);
});

Deno.test("packTimes() and unpackTimes() are right to a millisecond after a day, negative times included", async () => {
  const times = Float64Array.from({ length: 86_400 }, (_, at) => at - 0.0015 + (at % 7) / 1000);
  const back = await unpackTimes(await packTimes(times));
  const worst = times.reduce((most, time, at) => Math.max(most, Math.abs(time - (back[at] ?? NaN))), 0);
  assert.ok(worst <= 0.00051, `${worst}`);
});

Deno.test("packTimes() lets the rounding of long steps not add up", async () => {
  const times = Float64Array.from({ length: 1000 }, (_, at) => at * 60.007);
  const back = await unpackTimes(await packTimes(times));
  const worst = times.reduce((most, time, at) => Math.max(most, Math.abs(time - (back[at] ?? NaN))), 0);
  assert.ok(worst <= 0.01, `${worst}`);
});

Deno.test("unpack() rejects what was not packed", async () => {
  await assert.rejects(unpack(btoa("no numbers")));
});
