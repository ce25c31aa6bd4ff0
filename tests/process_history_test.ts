import assert from "node:assert/strict";
import type { Frame } from "../lib/frame.ts";
import { ProcessHistory, type ProcessPlan } from "../lib/process_history.ts";
import { Samples, SeriesList } from "../lib/samples.ts";

const LIST = new SeriesList();
LIST.add("cpu_percent");
LIST.add("memory_rss_bytes");

function frame(
  elapsed: number,
  tree: readonly [number, number],
  rows: Readonly<Record<number, readonly [number, number]>>,
): Frame {
  const processes = Object.entries(rows).map(([id, values]) => ({
    id: parseInt(id),
    name: `p${id}`,
    values: new Samples(LIST, [...values]),
  }));
  const none = new Samples(LIST, LIST.noValues());
  return { time: elapsed, elapsed, samples: new Samples(LIST, [...tree]), spans: none, processes };
}

const GROUPS = { labels: ["one", "two"], groupOf: ({ id }: { readonly id: number }) => [undefined, 0, 1][id] };

function plan(parts: Partial<ProcessPlan>): ProcessPlan {
  return { metric: "memory_rss_bytes", between: "level", groups: GROUPS, ticks: 4, budget: 100, ...parts };
}

Deno.test("ProcessHistory holds a level until the next row, and until the process has ended", () => {
  const history = new ProcessHistory(plan({}));
  history.add(frame(0, [NaN, 10], { 1: [NaN, 10] }));
  history.add(frame(1, [NaN, 15], { 2: [NaN, 5] }));
  history.exit(2);
  history.add(frame(2, [NaN, 10], {}));
  history.add(frame(3, [NaN, 32], { 1: [NaN, 30] }));
  const { times, groups, others } = history.close();
  assert.deepEqual([...times], [0, 1, 2, 3]);
  assert.deepEqual(groups.map((group) => [...group]), [[10, 10, 10, 30], [0, 5, 0, 0]]);
  assert.deepEqual([...others], [0, 0, 0, 2]);
});

Deno.test("ProcessHistory takes a process that has just ended for one without memory", () => {
  const history = new ProcessHistory(plan({ ticks: 2 }));
  history.add(frame(0, [NaN, 10], { 1: [NaN, 10] }));
  history.exit(1);
  history.add(frame(1, [NaN, NaN], { 1: [NaN, NaN] }));
  const { groups, others } = history.close();
  assert.deepEqual([...groups[0] ?? []], [10, NaN], "and where the tree is not known either, there is a gap");
  assert.deepEqual([...others], [0, NaN]);
});

Deno.test("ProcessHistory spreads a rate over the ticks since the row before", () => {
  const history = new ProcessHistory(plan({ metric: "cpu_percent", between: "rate" }));
  history.add(frame(0, [NaN, 0], { 1: [NaN, 0] }));
  history.add(frame(1, [80, 0], {}));
  history.add(frame(2, [80, 0], { 1: [50, 0] }));
  history.add(frame(3, [20, 0], {}));
  const { groups, others } = history.close();
  assert.deepEqual(groups.map((group) => [...group]), [[NaN, 50, 50, 0], [NaN, 0, 0, 0]]);
  assert.deepEqual([...others], [NaN, 30, 30, 20]);
});

Deno.test("ProcessHistory puts what a process used where the tree was busy", () => {
  const history = new ProcessHistory(plan({ metric: "cpu_percent", between: "rate" }));
  history.add(frame(0, [NaN, 0], { 1: [NaN, 0] }));
  history.add(frame(1, [0, 0], {}));
  history.add(frame(2, [90, 0], {}));
  history.add(frame(3, [30, 0], { 1: [40, 0] }));
  const { groups, others } = history.close();
  assert.deepEqual([...groups[0] ?? []], [NaN, 0, 90, 30]);
  assert.deepEqual([...others], [NaN, 0, 0, 0]);
});

Deno.test("ProcessHistory spreads a rate evenly where the tree's own is not known", () => {
  const history = new ProcessHistory(plan({ metric: "cpu_percent", between: "rate" }));
  history.add(frame(0, [NaN, 0], { 1: [NaN, 0] }));
  history.add(frame(1, [NaN, 0], {}));
  history.add(frame(2, [NaN, 0], { 1: [40, 0] }));
  assert.deepEqual([...history.close().groups[0] ?? []], [NaN, 40, 40]);
});

Deno.test("ProcessHistory takes a row without a rate into the time of the next rate", () => {
  const history = new ProcessHistory(plan({ metric: "cpu_percent", between: "rate" }));
  history.add(frame(0, [NaN, 0], { 1: [NaN, 0] }));
  history.add(frame(1, [40, 0], { 1: [NaN, 0] }));
  history.add(frame(2, [40, 0], { 1: [40, 0] }));
  assert.deepEqual([...history.close().groups[0] ?? []], [NaN, 40, 40]);
});

Deno.test("ProcessHistory leaves out ticks beyond those that it was planned for", () => {
  const history = new ProcessHistory(plan({ ticks: 3, budget: 8 }));
  [10, 10, 10, 99].forEach((bytes, at) => history.add(frame(at, [NaN, 20], { 1: [NaN, bytes], 2: [NaN, 10] })));
  const { times, groups } = history.close();
  assert.deepEqual([[...times], ...groups.map((group) => [...group])], [[1], [10], [10]]);
});

Deno.test("ProcessHistory tells no more of its groups than the tree has", () => {
  const history = new ProcessHistory(plan({ ticks: 2 }));
  history.add(frame(0, [NaN, 40], { 1: [NaN, 30], 2: [NaN, 10] }));
  history.add(frame(1, [NaN, 20], {}));
  assert.deepEqual(history.close().groups.map((group) => [...group]), [[30, 15], [10, 5]]);
});

Deno.test("ProcessHistory follows a process that becomes another program", () => {
  const groupOf = ({ name }: { readonly name: string }): number => name === "make" ? 0 : 1;
  const history = new ProcessHistory(plan({ ticks: 2, groups: { labels: ["make", "cc1"], groupOf } }));
  const [before, after] = ["make", "cc1"].map((name, at) => {
    const { processes, ...rest } = frame(at, [NaN, 10], { 1: [NaN, 10] });
    return { ...rest, processes: processes.map((process) => ({ ...process, name })) };
  });
  assert.ok(before !== undefined && after !== undefined);
  history.add(before);
  history.add(after);
  assert.deepEqual(history.close().groups.map((group) => [...group]), [[10, 0], [0, 10]]);
});

Deno.test("ProcessHistory adds up to the tree where ticks of different length share a bucket", () => {
  const history = new ProcessHistory(plan({ ticks: 4, budget: 9 }));
  [[0, 10], [1, 10], [2, 10], [10, 80]].forEach(([elapsed = 0, bytes = 0]) =>
    history.add(frame(elapsed, [NaN, bytes], { 1: [NaN, bytes] }))
  );
  const { times, groups, others } = history.close();
  assert.deepEqual([times.length, Math.round(groups[0]?.[0] ?? NaN), others[0]], [1, 66, 0]);
});
