import assert from "node:assert/strict";
import type { ResmonRecord } from "../lib/records.ts";
import { RunHistory } from "../sinks/html_history.ts";
import { bareSummary } from "./sample_run.ts";
import { sampleColumns, sampleEvent, sampleSession, sampleTick } from "./sample_records.ts";

const COLUMNS = ["cpu_seconds_total", "memory_rss_bytes"];

function start(id: number): ResmonRecord {
  return sampleEvent("process_start", 0, { id, pid: 100 + id, attributes: { name: `p${id}` } });
}

function tick(elapsed: number, tree: (number | null)[], ...processes: [number, ...(number | null)[]][]): ResmonRecord {
  return sampleTick(elapsed, { values: { process: tree }, processes });
}

// The second process ends before the tick at 2 s.
const RECORDS: readonly ResmonRecord[] = [
  sampleSession(),
  sampleColumns({ series: COLUMNS, processes: COLUMNS }),
  start(1),
  start(2),
  tick(0, [0, 300], [1, 0, 100], [2, 0, 200]),
  tick(1, [1.5, 300], [1, 1, 100], [2, 0.5, 200]),
  sampleEvent("process_exit", 2, { id: 2 }),
  tick(2, [2, 130]),
  tick(3, [2.5, 150], [1, 1.5, 150]),
];

const ROWS = [1, 2].map((id) => ({
  id,
  pid: 100 + id,
  name: `p${id}`,
  values: { cpu_seconds_total: 3 - id, memory_rss_bytes: 100 * id },
}));

function historyOf(records: readonly ResmonRecord[]): RunHistory {
  const summary = bareSummary({ processes: { seen: 2, rows: ROWS }, monitor: { ticks: 4, ticks_skipped: 0 } });
  const history = new RunHistory(summary, [], 1);
  for (const record of records) history.record(record);
  return history;
}

Deno.test("RunHistory tells the memory of processes until they end", () => {
  const { memory } = historyOf(RECORDS);
  assert.deepEqual(memory.labels, ["p2 (102)", "p1 (101)"]);
  const { times, groups, others } = memory.close();
  assert.deepEqual([...times], [0, 1, 2, 3]);
  assert.deepEqual(groups.map((group) => [...group]), [[200, 200, 0, 0], [100, 100, 100, 150]]);
  assert.deepEqual([...others], [0, 0, 30, 0]);
});

Deno.test("RunHistory tells the CPU use of processes as rates that add up to the tree's", () => {
  const { cpu } = historyOf(RECORDS);
  assert.deepEqual(cpu.labels, ["p1 (101)", "p2 (102)"]);
  const { groups, others } = cpu.close();
  assert.deepEqual(groups.map((group) => Math.round(group[1] ?? NaN)), [100, 50]);
  const sums = [1, 2, 3].map((at) => [...groups, others].reduce((sum, column) => sum + (column[at] ?? NaN), 0));
  assert.deepEqual(sums.map(Math.round), [150, 50, 50]);
});
