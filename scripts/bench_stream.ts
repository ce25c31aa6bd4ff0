/**
 * Shows that a long run costs no more memory than a short one: a million ticks of 20 series and a million processes that live
 * for one tick each, through everything between the records and the summary. Run:
 * `deno run -A --v8-flags=--expose-gc scripts/bench_stream.ts`
 */

import { Pipeline } from "../lib/pipeline.ts";
import type { ResmonRecord, SessionRecord, TickRecord } from "../lib/records.ts";

const MILLION = 1e6;
const STEPS = 5;
const SERIES = [
  "cpu_seconds_total",
  "storage_read_bytes_total",
  "memory_rss_bytes",
  ...Array.from({ length: 17 }, (_, sensor) => `system_temperature_celsius{sensor="${sensor}"}`),
];

const SESSION: SessionRecord = {
  type: "session",
  seq: 1,
  schema: 1,
  version: "0",
  run: "",
  mode: "run",
  command: ["true"],
  cwd: "/",
  host: "",
  started: 0,
  interval: 1,
  machine: { os: "linux", architecture: "", cpus: 1, cpus_usable: 1, memory_bytes: 1, memory_usable_bytes: 1 },
  tags: {},
  attributes: {},
};

const COLUMNS: ResmonRecord = {
  type: "columns",
  seq: 2,
  collector: "all",
  series: SERIES,
  processes: ["cpu_seconds_total", "memory_rss_bytes"],
};

function tickAt(elapsed: number): TickRecord {
  const gauges = SERIES.slice(2).map((_, at) => 40 + (elapsed * (at + 1)) % 50);
  const values = { all: [elapsed * 0.7, elapsed * 4096, ...gauges] };
  return {
    type: "tick",
    seq: elapsed,
    time: elapsed,
    elapsed,
    values,
    processes: [[elapsed + 1, 0.5, elapsed % 1000]],
  };
}

function feed(pipeline: Pipeline, tick: number): void {
  const event = { type: "event", seq: tick, time: tick, elapsed: tick, pid: 1, id: tick + 1 } as const;
  pipeline.accept({ ...event, kind: "process_start", attributes: { name: "cc1", command: ["cc1", `${tick}.c`] } });
  pipeline.accept(tickAt(tick));
  pipeline.accept({ ...event, kind: "process_exit", attributes: { exit_code: 0 } });
}

const pipeline = new Pipeline({});
pipeline.accept(SESSION);
pipeline.accept(COLUMNS);
let began = performance.now();
for (let tick = 0; tick < MILLION; tick++) {
  feed(pipeline, tick);
  if ((tick + 1) % (MILLION / STEPS) !== 0) continue;
  const microseconds = (performance.now() - began) * 1000 / (MILLION / STEPS);
  // Without --expose-gc the heap shows what was not collected yet, too.
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, rss } = Deno.memoryUsage();
  const memory = `heap ${(heapUsed / 1e6).toFixed(0)} MB, resident ${(rss / 1e6).toFixed(0)} MB`;
  console.log(`${tick + 1} ticks: ${microseconds.toFixed(1)} µs a tick, ${memory}`);
  began = performance.now();
}
console.log(`${pipeline.end().processes.seen} processes seen, ${pipeline.end().processes.rows.length} kept`);
