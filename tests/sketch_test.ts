import assert from "node:assert/strict";
import fc from "fast-check";
import { Sketch } from "../lib/sketch.ts";

function assertNear(actual: number | undefined, expected: number): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= 0.00501 * Math.abs(expected),
    `${actual}, ${expected}`,
  );
}

Deno.test("Sketch.quantile() is within 0.5 % of the true quantile", () => {
  const sketch = new Sketch();
  for (let value = 1; value <= 10_000; value++) sketch.add(value, 1);
  for (const q of [0.01, 0.5, 0.95, 0.99, 1]) assertNear(sketch.quantile(q), q * 10_000);
});

Deno.test("Sketch.quantile() takes weights far below 1, where counting ranks would fail", () => {
  const sketch = new Sketch();
  sketch.add(5, 0.002);
  sketch.add(9, 0.001);
  assertNear(sketch.quantile(0.5), 5);
  assertNear(sketch.quantile(0.9), 9);
});

Deno.test("Sketch.quantile() knows zero and negative values", () => {
  const sketch = new Sketch();
  for (const value of [-40, -1, 0, 0, 30]) sketch.add(value, 1);
  assertNear(sketch.quantile(0.1), -40);
  assertNear(sketch.quantile(0.3), -1);
  assert.equal(sketch.quantile(0.6), 0);
  assertNear(sketch.quantile(1), 30);
});

Deno.test("Sketch.quantile() of nothing is undefined", () => {
  assert.equal(new Sketch().quantile(0.5), undefined);
});

Deno.test("Sketch.quantile() agrees with sorting for any values and weights", () => {
  const value = fc.double({ noNaN: true, min: -1e15, max: 1e15 }).filter((each) => each === 0 || Math.abs(each) > 1e-9);
  const weighted = fc.tuple(value, fc.double({ noNaN: true, min: 1e-6, max: 1e6 }));
  fc.assert(
    fc.property(fc.array(weighted, { minLength: 1 }), fc.double({ noNaN: true, min: 0, max: 1 }), (values, q) => {
      const sketch = new Sketch();
      for (const [each, weight] of values) sketch.add(each, weight);
      const sorted = values.toSorted(([a], [b]) => a - b);
      const total = sorted.reduce((sum, [, weight]) => sum + weight, 0);
      // Rounding may move a rank over the border of two values: both are then right.
      const truth = [q - 1e-9, q + 1e-9].map((rank) => quantileOf(sorted, Math.max(0, Math.min(1, rank)) * total));
      const actual = sketch.quantile(q) ?? NaN;
      assert.ok(
        truth.some((expected) => Math.abs(actual - expected) <= 0.00501 * Math.abs(expected)),
        `${actual}, ${truth}`,
      );
    }),
  );
});

function quantileOf(sorted: readonly (readonly [number, number])[], rank: number): number {
  let left = rank;
  for (const [value, weight] of sorted) {
    left -= weight;
    if (left <= 0) return value;
  }
  return sorted.at(-1)?.[0] ?? NaN;
}
