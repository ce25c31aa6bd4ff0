import assert from "node:assert/strict";
import type { Frame } from "../lib/frame.ts";
import { chooseGroups, ProcessHistory, type ProcessPlan } from "../lib/process_history.ts";
import { Samples, SeriesList } from "../lib/samples.ts";
import type { ProcessSummary } from "../lib/summary.ts";

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

Deno.test("ProcessHistory spreads a rate over the ticks since the row before", () => {
  const history = new ProcessHistory(plan({ metric: "cpu_percent", between: "rate" }));
  history.add(frame(0, [NaN, 0], { 1: [NaN, 0] }));
  history.add(frame(1, [80, 0], {}));
  history.add(frame(2, [80, 0], { 1: [50, 0] }));
  history.add(frame(3, [20, 0], {}));
  const { groups, others } = history.close();
  assert.deepEqual(groups.map((group) => [...group]), [[0, 50, 50, 0], [0, 0, 0, 0]]);
  assert.deepEqual([...others], [0, 30, 30, 20]);
});

Deno.test("ProcessHistory tells the mean where ticks share a bucket", () => {
  const history = new ProcessHistory(plan({ ticks: 3, budget: 5 }));
  [10, 20, 60].forEach((bytes, at) => history.add(frame(at, [NaN, bytes], { 1: [NaN, bytes] })));
  assert.deepEqual(history.close().groups.map((group) => [...group]), [[30], [0]]);
});

function row(id: number, seconds: number, name = "cc1"): ProcessSummary {
  return { id, pid: 100 + id, name, values: { cpu_seconds_total: seconds } };
}

Deno.test("chooseGroups() names single processes where they are most of it, without the tiny ones", () => {
  const { labels, groupOf } = chooseGroups([row(1, 50, "python"), row(2, 20), row(3, 0.1)], "cpu_seconds_total");
  assert.deepEqual(labels, ["python (101)", "cc1 (102)"]);
  assert.deepEqual([1, 2, 3].map((id) => groupOf({ id, name: "" })), [0, 1, undefined]);
});

Deno.test("chooseGroups() names programs where no process is large", () => {
  const rows = Array.from({ length: 100 }, (_, at) => row(at + 1, 1, at % 4 === 0 ? "as" : "cc1"));
  const { labels, groupOf } = chooseGroups(rows, "cpu_seconds_total");
  assert.deepEqual(labels, ["cc1", "as"]);
  assert.equal(groupOf({ id: 5000, name: "as" }), 1);
  assert.equal(groupOf({ id: 0, name: "as" }), undefined, "the row of the others is of no program");
});

Deno.test("chooseGroups() has no groups for a run without rows", () => {
  assert.deepEqual(chooseGroups([], "cpu_seconds_total").labels, []);
});
