/**
 * Passes ticks of 300 series through everything between the records and the summary while some phases go on, and tells the
 * microseconds of a tick. Usage: `deno run -A phase_ticks.ts TICKS PHASES`.
 */
import { Pipeline } from "../../lib/pipeline.ts";
import type { TickRecord } from "../../lib/records.ts";
import { benchSession } from "./session.ts";

const SERIES = [
  "cpu_seconds_total",
  "memory_rss_bytes",
  "storage_read_bytes_total",
  "storage_write_bytes_total",
  ...["gpu_utilization_percent", "gpu_memory_used_bytes", "gpu_energy_joules_total"].flatMap((name) =>
    Array.from({ length: 8 }, (_, gpu) => `${name}{gpu="${gpu}"}`)
  ),
  ...Array.from({ length: 272 }, (_, sensor) => `system_temperature_celsius{sensor="${sensor}"}`),
];
const WARM_UP = 2000;

function tickAt(elapsed: number): TickRecord {
  const values = { all: SERIES.map((_, at) => elapsed * (at + 1)) };
  return { type: "tick", seq: elapsed, time: elapsed, elapsed, values };
}

const [ticks = 0, phases = 0] = Deno.args.map((word) => parseInt(word, 10));
const pipeline = new Pipeline({});
pipeline.accept(benchSession());
pipeline.accept({ type: "columns", seq: 2, collector: "all", series: SERIES });
for (let phase = 0; phase < phases; phase++) {
  const span = `${phase}`;
  pipeline.accept({ type: "event", seq: 3, kind: "phase_start", name: `phase ${phase}`, span, time: 0, elapsed: 0 });
}
for (let tick = 0; tick < WARM_UP; tick++) pipeline.accept(tickAt(tick));
const records = Array.from({ length: ticks }, (_, tick) => tickAt(WARM_UP + tick));
const start = performance.now();
for (const record of records) pipeline.accept(record);
console.log((performance.now() - start) * 1000 / ticks);
