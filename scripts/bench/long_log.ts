import { readLog } from "../../lib/log_reader.ts";
import { describeMetric, isMetricName } from "../../lib/metrics.ts";
import type { ColumnsRecord, ProcessRow, ResmonRecord, TickRecord } from "../../lib/records.ts";
import { parseSeries } from "../../lib/series.ts";
import { benchSession } from "./session.ts";

/** How long a log is to be. */
export interface LongLogOptions {
  readonly ticks: number;
  /** Nominal seconds between two ticks. */
  readonly interval: number;
}

/** A short log that a long one is spun from. */
interface Pattern {
  /** Everything before the first tick. */
  readonly head: readonly ResmonRecord[];
  readonly columns: ReadonlyMap<string, readonly string[]>;
  readonly processColumns: readonly string[];
  readonly tick: TickRecord;
}

const BATCH = 1000;

/** Writes a log of a run of four gauges: what a report of few but long series costs. */
export function writeGaugeLog(path: string, options: LongLogOptions): void {
  const series = ["memory_rss_bytes", "system_memory_used_bytes", "processes", "threads"];
  const columns: ColumnsRecord = { type: "columns", seq: 2, collector: "process", series };
  const tick: TickRecord = { type: "tick", seq: 3, time: 0, elapsed: 0, values: { process: [3e8, 2e9, 12, 40] } };
  spin(
    path,
    { head: [benchSession(), columns], columns: new Map([["process", series]]), processColumns: [], tick },
    options,
  );
}

/** Writes a log as long as asked for whose ticks look as those of a recorded one; its processes all live on. */
export function writeLikeLog(path: string, recorded: string, options: LongLogOptions): void {
  spin(path, readPattern(recorded), options);
}

function readPattern(path: string): Pattern {
  const head: ResmonRecord[] = [];
  const columns = new Map<string, readonly string[]>();
  const processColumns: string[] = [];
  const ticks: TickRecord[] = [];
  for (const record of readLog(path)) {
    if (record.type === "tick") ticks.push(record);
    else if (ticks.length === 0) head.push(record);
    if (record.type !== "columns") continue;
    columns.set(record.collector, record.series);
    processColumns.push(...record.processes ?? []);
  }
  // One from the middle: the first and the last are taken while there is no command.
  const whole = ticks.filter(({ processes }) => processes !== undefined);
  const tick = whole[Math.floor(whole.length / 2)];
  if (tick === undefined) throw new Error(`Cannot use ${path}: it has too few ticks`);
  return { head, columns, processColumns, tick };
}

function spin(path: string, pattern: Pattern, { ticks, interval }: LongLogOptions): void {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  const encoder = new TextEncoder();
  let lines = pattern.head.map((record) => JSON.stringify(record));
  for (let number = 0; number < ticks; number++) {
    lines.push(JSON.stringify(tickOf(pattern, number, interval)));
    if (lines.length < BATCH && number + 1 < ticks) continue;
    file.writeSync(encoder.encode(`${lines.join("\n")}\n`));
    lines = [];
  }
}

function tickOf({ head, columns, processColumns, tick }: Pattern, number: number, interval: number): TickRecord {
  const values: Record<string, (number | null)[]> = {};
  for (const [collector, row] of Object.entries(tick.values)) {
    const series = columns.get(collector) ?? [];
    values[collector] = row.map((value, column) => moved(series[column] ?? "", value, number));
  }
  const processes = tick.processes?.map(([id, ...row]): ProcessRow => {
    return [id, ...row.map((value, column) => moved(processColumns[column] ?? "", value, number))];
  });
  const elapsed = round(number * interval + 1e-4 * Math.random());
  const time = round(1.79e9 + elapsed);
  const seq = head.length + number + 1;
  return { type: "tick", seq, time, elapsed, values, ...(processes === undefined ? {} : { processes }) };
}

/** A counter goes on by a share of itself, a gauge wavers; what was 0 or unknown stays so. */
function moved(series: string, value: number | null, number: number): number | null {
  if (value === null || value === 0) return value;
  const { name } = parseSeries(series);
  const isWhole = Number.isInteger(value);
  const isCounter = isMetricName(name) && describeMetric(name).kind === "counter";
  const next = isCounter ? value * (1 + (number + Math.random()) * 1e-6) : value * (0.75 + Math.random() / 2);
  return isWhole ? Math.round(next) : round(next);
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
