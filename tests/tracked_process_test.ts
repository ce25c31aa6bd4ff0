import assert from "node:assert/strict";
import { ProcessCollector } from "../collectors/process_linux.ts";
import { PROCESS_COLUMNS } from "../collectors/process_values.ts";
import { environmentOf } from "./fixture_machine.ts";
import { FixtureProcesses } from "./fixture_processes.ts";

interface Watched {
  readonly root: FixtureProcesses;
  readonly collector: ProcessCollector;
  /** CPU seconds by pid, as the clocks of the processes tell them. */
  readonly clocks: Map<number, number>;
}

function watch(): Watched {
  const root = new FixtureProcesses();
  const clocks = new Map([[10, 1], [11, 1], [12, 1]]);
  root.put({ pid: 10, rss: 1000, children: [11] });
  root.put({ pid: 11, ppid: 10, children: [12] });
  root.put({ pid: 12, ppid: 11 });
  const collector = new ProcessCollector({ startsCommand: true, adopts: false, maxOpenFiles: 100 });
  collector.open({
    ...environmentOf(root),
    interval: 0.1,
    processCpuSeconds: (pid) => clocks.get(pid),
  });
  collector.begin({ pid: 10 });
  return { root, collector, clocks };
}

/** Resident KiB of process 10 in a reading at `now`. */
function residentAt(collector: ProcessCollector, now: number): number {
  const values = collector.collect(now).processes?.get(1);
  return (values?.[PROCESS_COLUMNS.indexOf("memory_rss_bytes")] ?? NaN) / 1024;
}

Deno.test("ProcessCollector reads a process that has not run once a second, for its memory", () => {
  const { root, collector } = watch();
  assert.equal(residentAt(collector, 0), 1000);
  root.put({ pid: 10, rss: 600, children: [11] });
  assert.equal(residentAt(collector, 0.5), 1000);
  assert.equal(residentAt(collector, 1), 600);
});

Deno.test("ProcessCollector reads a process that has run in every tick", () => {
  const { root, collector, clocks } = watch();
  residentAt(collector, 0);
  for (const [now, rss] of [[0.1, 900], [0.2, 800]] as const) {
    root.put({ pid: 10, rss, children: [11] });
    clocks.set(10, 1 + now);
    assert.equal(residentAt(collector, now), rss);
  }
});

Deno.test("ProcessCollector reads a process at once whose parent has gone, though it has not run", () => {
  const { root, collector, clocks } = watch();
  collector.collect(0);
  root.end(11);
  clocks.delete(11);
  root.put({ pid: 12, ppid: 10 });
  root.put({ pid: 10, rss: 1000, children: [12] });
  collector.collect(0.1);
  assert.equal(collector.tree.processes.get(12)?.parent?.pid, 10);
});

Deno.test("ProcessCollector gives the same row for a process that has not run, and another for one that has", () => {
  const { collector, clocks } = watch();
  collector.collect(0);
  const before = collector.collect(0.1).processes;
  clocks.set(11, 2);
  const after = collector.collect(0.2).processes;
  assert.ok(before?.get(3) !== undefined);
  assert.equal(after?.get(3) === before.get(3), true);
  assert.equal(after?.get(2) === before.get(2), false);
});
