import assert from "node:assert/strict";
import { chooseGroups } from "../lib/process_groups.ts";
import type { ProcessSummary } from "../lib/summary.ts";

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

Deno.test("chooseGroups() leaves out programs that are too small to be seen", () => {
  const rows = Array.from({ length: 100 }, (_, at) => row(at + 1, at === 0 ? 0.1 : 1, at === 0 ? "true" : "cc1"));
  assert.deepEqual(chooseGroups(rows, "cpu_seconds_total").labels, ["cc1"]);
});

Deno.test("chooseGroups() has no groups for a run without rows", () => {
  assert.deepEqual(chooseGroups([], "cpu_seconds_total").labels, []);
});
