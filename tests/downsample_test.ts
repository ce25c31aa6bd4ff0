import assert from "node:assert/strict";
import fc from "fast-check";
import { type Buckets, Downsample, meanOverTime, overTime } from "../lib/downsample.ts";

function fill(capacity: number, values: readonly (number | undefined)[]): Downsample {
  const buckets = new Downsample(capacity);
  values.forEach((value, tick) => buckets.add(tick, value === undefined ? [] : [["cpu_percent", value]]));
  return buckets;
}

function bucketsOf(downsample: Downsample): Buckets {
  const buckets = downsample.buckets("cpu_percent");
  assert.ok(buckets !== undefined);
  return buckets;
}

Deno.test("Downsample keeps every tick as it is while there is room", () => {
  const downsample = fill(4, [10, 20, 30]);
  assert.deepEqual([...downsample.times()], [0, 1, 2]);
  assert.deepEqual([...bucketsOf(downsample).mean], [10, 20, 30]);
  assert.equal(downsample.ticksPerBucket, 1);
});

Deno.test("Downsample merges neighbours and doubles the bucket when full", () => {
  const downsample = fill(4, [10, 20, 30, 40, 50]);
  const { min, mean, max } = bucketsOf(downsample);
  assert.equal(downsample.ticksPerBucket, 2);
  assert.deepEqual([...downsample.times()], [0.5, 2.5, 4]);
  assert.deepEqual([...min], [10, 30, 50]);
  assert.deepEqual([...max], [20, 40, 50]);
  assert.deepEqual([...mean.slice(1)], [35, 50]);
});

Deno.test("Downsample weighs the mean by the time since the value before", () => {
  const downsample = new Downsample(2);
  downsample.add(0, []);
  downsample.add(1, []);
  downsample.add(2, [["cpu_percent", 100]]);
  downsample.add(5, [["cpu_percent", 20]]);
  assert.deepEqual([...bucketsOf(downsample).mean], [NaN, 40]);
});

Deno.test("Downsample leaves a gap where a series has no value, also before its first", () => {
  const downsample = fill(8, [undefined, 5, undefined, 7]);
  assert.deepEqual([...bucketsOf(downsample).max], [NaN, 5, NaN, 7]);
});

Deno.test("Downsample gives as many buckets as times for a series that has ended", () => {
  const downsample = fill(8, [5, undefined, undefined]);
  assert.deepEqual([...bucketsOf(downsample).min], [5, NaN, NaN]);
});

Deno.test("Downsample knows nothing of a series without a value", () => {
  const downsample = fill(8, [1]);
  assert.equal(downsample.buckets("memory_rss_bytes"), undefined);
  assert.deepEqual(downsample.names, ["cpu_percent"]);
});

Deno.test("Downsample refuses an odd number of buckets", () => {
  assert.throws(() => new Downsample(3), {
    name: "RangeError",
    message: "Cannot downsample to 3 buckets: not an even number of at least 2",
  });
});

Deno.test("Downsample never loses a peak, keeps the order of time and its bound for any values", () => {
  const value = fc.option(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), { nil: undefined, freq: 4 });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), fc.integer({ min: 1, max: 8 }), (values, half) => {
      const downsample = fill(2 * half, values);
      const times = [...downsample.times()];
      assert.ok(times.length <= 2 * half);
      assert.ok(times.every((time, at) => at === 0 || time > (times[at - 1] ?? Infinity)));
      const known = values.filter((each) => each !== undefined);
      if (known.length === 0) return assert.equal(downsample.buckets("cpu_percent"), undefined);
      const { min, max } = bucketsOf(downsample);
      assert.equal(Math.min(...min.filter(Number.isFinite)), Math.min(...known));
      assert.equal(Math.max(...max.filter(Number.isFinite)), Math.max(...known));
    }),
  );
});

Deno.test("Downsample holds a million ticks in its fixed number of buckets", () => {
  const downsample = new Downsample(2000);
  for (let tick = 0; tick < 1_000_000; tick++) {
    downsample.add(tick, [["cpu_percent", tick === 777_777 ? 1600 : tick % 100]]);
  }
  const { min, mean, max } = bucketsOf(downsample);
  assert.ok(max.length > 1000 && max.length <= 2000);
  assert.equal(max.filter((peak) => peak === 1600).length, 1);
  assert.ok(min.slice(0, -1).every((least) => least === 0));
  assert.ok(mean.slice(0, -1).every((each) => each > 45 && each < 55));
});

Deno.test("overTime() takes the peak of each span and fills a span from the value that follows", () => {
  const times = Float64Array.of(0, 0.1, 1, 5, 9, 10);
  const values = Float64Array.of(NaN, 50, 20, 80, NaN, 10);
  assert.deepEqual([...overTime(times, values, 5)], [50, 80, 80, 10, 10]);
});

Deno.test("overTime() gives gaps where nothing follows and does not need a duration", () => {
  assert.deepEqual([...overTime(Float64Array.of(0, 2), Float64Array.of(7, NaN), 2)], [7, NaN]);
  assert.deepEqual([...overTime(Float64Array.of(0), Float64Array.of(7), 2)], [7, NaN]);
  assert.deepEqual([...overTime(new Float64Array(), new Float64Array(), 1)], [NaN]);
});

Deno.test("meanOverTime() weights each value by the time since the one before", () => {
  const times = Float64Array.of(0, 1, 3.99, 4);
  assert.deepEqual([...meanOverTime(times, Float64Array.of(NaN, 8, 2, 90), 2)].map((mean) => mean.toFixed(2)), [
    "5.00",
    "2.44",
  ]);
  assert.deepEqual([...meanOverTime(times, Float64Array.of(NaN, 8, 2, 2), 4)], [8, 2, 2, 2]);
});

Deno.test("meanOverTime() has no value where nothing was read, and none for no time at all", () => {
  assert.deepEqual([...meanOverTime(Float64Array.of(1, 2), Float64Array.of(NaN, 3), 2)], [NaN, 3]);
  assert.deepEqual([...meanOverTime(Float64Array.of(0), Float64Array.of(3), 2)], [NaN, NaN]);
});
