import assert from "node:assert/strict";
import fc from "fast-check";
import { History } from "../lib/history.ts";
import { Samples, SeriesList } from "../lib/samples.ts";

const LIST = new SeriesList();
LIST.add("other");
LIST.add("a");

function sample(value: number | undefined): Samples {
  return new Samples(LIST, [-1, value ?? NaN]);
}

function historyOf(values: readonly (number | undefined)[], { budget }: { readonly budget: number }): History {
  const history = new History({ series: ["a"], ticks: values.length, budget });
  values.forEach((value, at) => history.add(at, sample(value)));
  return history;
}

Deno.test("History keeps every value where the budget allows it, and gaps as NaN", () => {
  const history = historyOf([1, undefined, 3], { budget: 3 });
  assert.equal(history.ticksPerBucket, 1);
  assert.deepEqual([...history.times()], [0, 1, 2]);
  assert.deepEqual([...history.column("a")?.mean ?? []], [1, NaN, 3]);
  assert.equal(history.column("a")?.max, undefined);
  assert.equal(history.column("b"), undefined);
});

Deno.test("History puts ticks together where it has to, weighted by time", () => {
  const history = new History({ series: ["a"], ticks: 6, budget: 5 });
  assert.equal(history.ticksPerBucket, 4);
  [[0, 100], [1, 10], [2, 20], [5, 30], [6, 1], [7, 2]].forEach(([elapsed, value]) =>
    history.add(elapsed ?? NaN, sample(value))
  );
  assert.deepEqual([...history.times()], [2.5, 6.5]);
  const { mean, min, max } = history.column("a") ?? {};
  assert.equal(Math.round(mean?.[0] ?? NaN), Math.round((10 + 20 + 3 * 30) / 5));
  assert.deepEqual([...min ?? []], [10, 1]);
  assert.deepEqual([...max ?? []], [100, 2]);
});

Deno.test("History loses no peak and no low, however many ticks a bucket has", () => {
  const numbers = fc.array(fc.option(fc.integer({ min: -1e6, max: 1e6 }), { nil: undefined, freq: 4 }), {
    minLength: 1,
  });
  fc.assert(fc.property(numbers, fc.integer({ min: 3, max: 100 }), (values, budget) => {
    const history = historyOf(values, { budget });
    const { mean = [], min = mean, max = mean } = history.column("a") ?? {};
    const known = values.filter((value) => value !== undefined);
    const seen = (column: Iterable<number>): number[] => [...column].filter((value) => !Number.isNaN(value));
    if (history.ticksPerBucket > 1) assert.ok(history.times().length <= budget / 3 + 1);
    if (known.length === 0) return assert.deepEqual(seen(max), []);
    assert.equal(Math.max(...seen(max)), Math.max(...known));
    assert.equal(Math.min(...seen(min)), Math.min(...known));
    mean.forEach((value, at) =>
      assert.ok(Number.isNaN(value) || (min[at] ?? 0) - 1 <= value && value <= (max[at] ?? 0) + 1)
    );
  }));
});

Deno.test("History leaves out ticks beyond those that it was planned for", () => {
  const history = new History({ series: ["a"], ticks: 1, budget: 10 });
  history.add(0, sample(1));
  history.add(1, sample(2));
  assert.deepEqual([...history.column("a")?.mean ?? []], [1]);
});
