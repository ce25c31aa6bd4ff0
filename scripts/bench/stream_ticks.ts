/**
 * Passes many ticks of 20 series, and as many processes that live for one tick each, through everything between the records and
 * the summary, and tells the memory after each fifth. Usage: `deno run -A --v8-flags=--expose-gc stream_ticks.ts TICKS`.
 */
import { Pipeline } from "../../lib/pipeline.ts";
import type { ColumnsRecord, TickRecord } from "../../lib/records.ts";
import { benchSession } from "./session.ts";

const STEPS = 5;
const SERIES = [
  "cpu_seconds_total",
  "storage_read_bytes_total",
  "memory_rss_bytes",
  ...Array.from({ length: 17 }, (_, sensor) => `system_temperature_celsius{sensor="${sensor}"}`),
];

const COLUMNS: ColumnsRecord = {
  type: "columns",
  seq: 2,
  collector: "all",
  series: SERIES,
  processes: ["cpu_seconds_total", "memory_rss_bytes"],
};

function tickAt(elapsed: number): TickRecord {
  const gauges = SERIES.slice(2).map((_, at) => 40 + (elapsed * (at + 1)) % 50);
  const values = { all: [elapsed * 0.7, elapsed * 4096, ...gauges] };
  const processes = [[elapsed + 1, 0.5, elapsed % 1000]] as const;
  return { type: "tick", seq: elapsed, time: elapsed, elapsed, values, processes };
}

function feed(pipeline: Pipeline, tick: number): void {
  const event = { type: "event", seq: tick, time: tick, elapsed: tick, pid: 1, id: tick + 1 } as const;
  pipeline.accept({ ...event, kind: "process_start", attributes: { name: "cc1", command: ["cc1", `${tick}.c`] } });
  pipeline.accept(tickAt(tick));
  pipeline.accept({ ...event, kind: "process_exit", attributes: { exit_code: 0 } });
}

const ticks = parseInt(Deno.args[0] ?? "1000000", 10);
const pipeline = new Pipeline({});
pipeline.accept(benchSession());
pipeline.accept(COLUMNS);
for (let tick = 0; tick < ticks; tick++) {
  feed(pipeline, tick);
  if ((tick + 1) % (ticks / STEPS) !== 0) continue;
  // Without --expose-gc the heap shows what was not collected yet, too.
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, rss } = Deno.memoryUsage();
  console.log(JSON.stringify({ ticks: tick + 1, heap: heapUsed, resident: rss }));
}
