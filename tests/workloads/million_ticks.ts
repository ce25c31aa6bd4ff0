/** A million ticks on a simulated clock, with a process that starts and one that ends in each, into everything that is kept during a run. */

import { ArchiveRoot } from "../../lib/archive_root.ts";
import type { Collector, Reading } from "../../lib/contracts.ts";
import { Pipeline } from "../../lib/pipeline.ts";
import { Recorder } from "../../lib/recorder.ts";
import { TerminalSink } from "../../sinks/terminal.ts";
import { FakeClock } from "../fake_clock.ts";
import { sampleSession } from "../sample_records.ts";
import { recorderEnvironmentOf } from "../fixture_machine.ts";

const TICKS = 1_000_000;

class Busy implements Collector {
  readonly name = "process";
  readonly metrics = [];
  readonly sources = [];
  readonly series = [
    "cpu_seconds_total",
    "memory_rss_bytes",
    "memory_pss_bytes",
    "storage_write_bytes_total",
    "processes",
  ];
  readonly processColumns = ["cpu_seconds_total", "memory_rss_bytes"];
  #tick = 0;

  open(): void {}

  close(): void {}

  collect(): Reading {
    const tick = ++this.#tick;
    return {
      values: [tick * 0.7, 1e9 + tick % 1000, tick % 7 === 0 ? null : 9e8, tick * 4096, 2],
      processes: new Map([[tick, [0.5, tick % 5000]], [tick + 1, [0.1, 100]]]),
      events: [
        {
          kind: "process_start",
          id: tick + 1,
          pid: tick + 1,
          attributes: { name: "cc1", command: ["cc1", `${tick}.c`] },
        },
        { kind: "process_exit", id: tick, pid: tick, attributes: { exit_code: 0 } },
      ],
    };
  }
}

const terminal = new TerminalSink(
  { isTerminal: true, columns: 80, color: false, unicode: true, write: () => undefined },
  { folder: "" },
  console.error,
);
const pipeline = new Pipeline({ frameSinks: [terminal] });
const clock = new FakeClock();
const recorder = new Recorder({
  collectors: [new Busy()],
  required: [],
  environment: recorderEnvironmentOf(new ArchiveRoot("")),
  clock,
  write: (record) => pipeline.write(record),
  warn: console.error,
});
pipeline.accept(sampleSession());
await recorder.open();
recorder.prepare();
recorder.watch({ pid: 1 }, clock.now());
for (let tick = 0; tick < TICKS; tick += 1000) clock.advance(1000);
const summary = pipeline.end();
await pipeline.close(1);
console.log(
  JSON.stringify({
    ticks: recorder.statistics.ticks,
    seen: summary.processes.seen,
    rows: summary.processes.rows.length,
  }),
);
