import assert from "node:assert/strict";
import fc from "fast-check";
import { nextDeadline, skippedDeadlines } from "../lib/schedule.ts";

function deadlines(interval: number, count: number): number[] {
  const list: number[] = [];
  for (let elapsed = 0; list.length < count;) list.push(elapsed = nextDeadline(elapsed, interval));
  return list;
}

Deno.test("nextDeadline() begins with a ramp and goes on with multiples of the interval", () => {
  assert.deepEqual(deadlines(1, 8), [0.03125, 0.0625, 0.125, 0.25, 0.5, 1, 2, 3]);
  assert.deepEqual(deadlines(0.1, 5), [0.025, 0.05, 0.1, 0.2, 0.30000000000000004]);
});

Deno.test("nextDeadline() has no ramp below tens of milliseconds", () => {
  assert.deepEqual(deadlines(0.01, 3), [0.01, 0.02, 0.03]);
});

Deno.test("nextDeadline() ramps up to minutes", () => {
  const list = deadlines(120, 15);
  assert.ok((list[0] ?? 1) < 0.04);
  assert.deepEqual(list.slice(-3), [120, 240, 360]);
});

Deno.test("nextDeadline() is after elapsed, and a multiple of the interval once that has passed", () => {
  const elapsed = fc.double({ min: 0, max: 1e6, noNaN: true });
  const interval = fc.double({ min: 0.01, max: 3600, noNaN: true });
  fc.assert(fc.property(elapsed, interval, (now, step) => {
    const deadline = nextDeadline(now, step);
    assert.ok(deadline > now);
    assert.ok(deadline - now <= step * (1 + 1e-6));
    if (now >= step) assert.ok(Math.abs(deadline / step - Math.round(deadline / step)) < 1e-6);
  }));
});

Deno.test("skippedDeadlines() counts what passed while nobody looked", () => {
  assert.equal(skippedDeadlines(5, 5.01, 1), 0);
  assert.equal(skippedDeadlines(5, 5.99, 1), 0);
  assert.equal(skippedDeadlines(5, 8.2, 1), 3);
  assert.equal(skippedDeadlines(5, 4.9, 1), 0);
});
