import assert from "node:assert/strict";
import { ProcessRows } from "../lib/process_rows.ts";

// Columns: CPU seconds, resident bytes.
function rows(maxProcesses = 100): ProcessRows {
  return new ProcessRows({ maxProcesses, tolerance: 0.01, maxAgeSeconds: 60, cpuColumn: 0, memoryColumn: 1 });
}

function processes(...entries: [number, (number | null)[]][]): Map<number, (number | null)[]> {
  return new Map(entries);
}

Deno.test("ProcessRows writes a row when a value changed by more than 1 %", () => {
  const chosen = rows();
  assert.deepEqual(chosen.select(processes([1, [0, 1000]]), 0), [[1, 0, 1000]]);
  assert.deepEqual(chosen.select(processes([1, [0, 1010]]), 1), []);
  assert.deepEqual(chosen.select(processes([1, [0, 1011]]), 2), [[1, 0, 1011]]);
  assert.deepEqual(chosen.select(processes([1, [0.01, 1011]]), 3), [[1, 0.01, 1011]]);
});

Deno.test("ProcessRows adds up small changes until they are more than 1 %", () => {
  const chosen = rows();
  chosen.select(processes([1, [0, 1000]]), 0);
  assert.deepEqual(chosen.select(processes([1, [0, 1006]]), 1), []);
  assert.deepEqual(chosen.select(processes([1, [0, 1012]]), 2), [[1, 0, 1012]]);
});

Deno.test("ProcessRows writes an unchanged row again after 60 s", () => {
  const chosen = rows();
  chosen.select(processes([1, [1, 2]]), 0);
  assert.deepEqual(chosen.select(processes([1, [1, 2]]), 59.9), []);
  assert.deepEqual(chosen.select(processes([1, [1, 2]]), 60), [[1, 1, 2]]);
});

Deno.test("ProcessRows takes a value that is not read in a tick for no change", () => {
  const chosen = rows();
  chosen.select(processes([1, [1, 500]]), 0);
  assert.deepEqual(chosen.select(processes([1, [1, null]]), 1), []);
});

Deno.test("ProcessRows writes the largest by CPU and memory, and adds up the others", () => {
  const chosen = rows(2);
  const before = processes([1, [0, 10]], [2, [0, 900]], [3, [5, 10]], [4, [7, 10]]);
  chosen.select(before, 0);
  const now = processes([1, [4, 10]], [2, [0, 900]], [3, [5.5, 12]], [4, [7.25, 13]]);
  assert.deepEqual(chosen.select(now, 1), [[1, 4, 10], [0, 12.75, 25]]);
  assert.deepEqual(chosen.select(now, 61).map(([id]) => id).sort(), [0, 2, 4]);
});

Deno.test("ProcessRows forgets processes that are gone", () => {
  const chosen = rows();
  chosen.select(processes([1, [1, 1]]), 0);
  chosen.select(processes(), 1);
  assert.deepEqual(chosen.select(processes([1, [1, 1]]), 2), [[1, 1, 1]]);
});
