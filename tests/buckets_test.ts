import assert from "node:assert/strict";
import fc from "fast-check";
import { firstAtOrAfter, gapSeconds, isSparse, type Line, nearest, pointsIn } from "../report/buckets.ts";
import { highestByPixel } from "../report/rows.ts";

function lineOf(values: readonly number[], step = 1): Line {
  return { times: Float64Array.from(values, (_, at) => at * step), mean: Float32Array.from(values) };
}

Deno.test("pointsIn() gives every point with a value, and a neighbour on each side, where there is room", () => {
  const line = lineOf([1, NaN, 3, 4, 5, 6]);
  assert.deepEqual(pointsIn(line, { from: 2.5, to: 3.5, room: 10 }).map(({ x, mean }) => [x, mean]), [[2, 3], [3, 4], [
    4,
    5,
  ]]);
  assert.deepEqual(pointsIn(line, { from: 0, to: 9, room: 10 }).length, 5);
});

Deno.test("pointsIn() loses no peak and no low where there is little room", () => {
  const values = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 20, maxLength: 500 });
  fc.assert(fc.property(values, fc.integer({ min: 2, max: 15 }), (numbers, room) => {
    const points = pointsIn(lineOf(numbers), { from: 0, to: numbers.length - 1, room });
    assert.ok(points.length <= room + 2);
    assert.equal(Math.max(...points.map(({ max }) => max)), Math.max(...numbers));
    assert.equal(Math.min(...points.map(({ min }) => min)), Math.min(...numbers));
    assert.ok(points.every(({ min, mean, max }) => min - 1e-3 <= mean && mean <= max + 1e-3));
  }));
});

Deno.test("pointsIn() takes the extremes of points that stand for several ticks", () => {
  const line = { ...lineOf([5, 5]), min: Float32Array.of(1, 4), max: Float32Array.of(9, 6) };
  assert.deepEqual(pointsIn(line, { from: 0, to: 1, room: 10 })[0], { x: 0, min: 1, mean: 5, max: 9 });
  const long = lineOf(new Array(100).fill(5));
  const peaks = { ...long, min: long.mean, max: Float32Array.from(long.mean, (_, at) => at === 50 ? 77 : 5) };
  assert.ok(pointsIn(peaks, { from: 0, to: 99, room: 4 }).some(({ max, mean }) => max === 77 && mean === 5));
});

Deno.test("pointsIn() weights what falls onto one spot by time", () => {
  const line = { times: Float64Array.of(0, 1, 9), mean: Float32Array.of(0, 90, 10) };
  const points = pointsIn(line, { from: 0, to: 10, room: 1 });
  assert.deepEqual(points.map(({ min, mean, max }) => [min, Math.round(mean), max]), [[0, 19, 90]]);
});

Deno.test("firstAtOrAfter() finds the place of a time", () => {
  const times = Float64Array.of(0, 1, 2);
  assert.deepEqual([-1, 0, 0.5, 2, 3].map((time) => firstAtOrAfter(times, time)), [0, 0, 1, 2, 3]);
});

Deno.test("nearest() finds the nearest value within reach, over gaps", () => {
  const line = lineOf([1, NaN, NaN, 4]);
  assert.equal(nearest(line, 1.1, 5), 0);
  assert.equal(nearest(line, 2, 5), 3);
  assert.equal(nearest(line, 1.4, 1), undefined);
  assert.equal(nearest(lineOf([]), 1, 1), undefined);
});

Deno.test("gapSeconds() takes a series that is read less often for whole", () => {
  assert.equal(gapSeconds(lineOf([1, NaN, 1, NaN, 1, NaN, 1])), 7);
  assert.equal(gapSeconds(lineOf([1])), 0);
});

Deno.test("isSparse() tells lines that have no value in most ticks", () => {
  assert.equal(isSparse(lineOf([1, NaN, NaN, 2, NaN])), true);
  assert.equal(isSparse(lineOf([1, NaN, 3, NaN])), false);
  assert.equal(isSparse(lineOf([])), false);
});

Deno.test("highestByPixel() gives each pixel its largest value, and the later one between two", () => {
  const edges = Float64Array.of(0, 1, 2, 3, 4, 5, 6, 7);
  const line = { times: Float64Array.of(0, 0.5, 4, 4.2), mean: Float32Array.of(9, 3, 7, NaN) };
  assert.deepEqual([...highestByPixel({ line, gap: 10 }, edges)], [9, 7, 7, 7, 7, NaN, NaN]);
  assert.deepEqual([...highestByPixel({ line, gap: 1.5 }, edges)], [9, NaN, 7, 7, 7, NaN, NaN]);
});
