import { energySeriesOf, summarizeEnergy } from "./energy.ts";
import { joulesPerCpuSecond } from "./energy_estimate.ts";
import type { Frame } from "./frame.ts";
import { isToldApart, MarksSummarizer } from "./marks_summary.ts";
import { METRIC_NAMES } from "./metrics.ts";
import type { MeasuredPhase } from "./phase_summary.ts";
import { ProcessTotals } from "./process_totals.ts";
import type {
  Baseline,
  Device,
  EndRecord,
  Event,
  EventRecord,
  ResmonRecord,
  SessionRecord,
  Status,
} from "./records.ts";
import { SeriesList } from "./samples.ts";
import { SeriesStatistics } from "./series_statistics.ts";
import { Sketch } from "./sketch.ts";
import {
  type ExactSummary,
  type MetricSummary,
  type MonitorSummary,
  type ProcessesSummary,
  type ProcessSummary,
  type RunSummary,
  type Summary,
  SUMMARY_SCHEMA,
} from "./summary.ts";

const MAX_EVENTS = 1000;
const SINK = "sink:";

const EVENT_FIELDS = [
  "pid",
  "tid",
  "id",
  "parent",
  "source",
  "name",
  "attributes",
] as const satisfies readonly (keyof Event)[];

/** Adds a run up, record by record, in memory that does not grow with its length. */
export class Summarizer {
  /** Of the series by their numbers in the frames; those that have had no value yet are not there. */
  readonly #statistics: (SeriesStatistics | undefined)[] = [];
  #list = new SeriesList();
  readonly #processes = new ProcessTotals();
  readonly #marks = new MarksSummarizer();
  readonly #events: Event[] = [];
  readonly #devices = new Map<string, Device>();
  readonly #statuses = new Map<string, Status>();
  readonly #tickSeconds = new Sketch();
  #session: SessionRecord | undefined;
  #baseline: Baseline | undefined;
  #end: EndRecord | undefined;
  #elapsed = 0;
  #ticks = 0;

  /** Takes every record; a tick counts only by its frame. */
  record(record: ResmonRecord): void {
    if ("elapsed" in record) this.#elapsed = Math.max(this.#elapsed, record.elapsed);
    switch (record.type) {
      case "session":
        this.#session ??= record;
        this.#marks.interval = record.interval;
        break;
      case "status":
        this.#statuses.set(JSON.stringify([record.collector, record.metrics]), statusOf(record));
        break;
      case "device":
        this.#devices.set(JSON.stringify([record.label, record.id]), deviceOf(record));
        break;
      case "baseline":
        this.#baseline = { seconds: record.seconds, watts: record.watts };
        break;
      case "event":
        this.#event(record);
        break;
      case "end":
        this.#end = record;
        break;
    }
  }

  /** Takes the frame of a tick, after its record; all frames are of one stream. */
  frame(frame: Frame): void {
    const { elapsed, samples, spans, processes } = frame;
    this.#ticks++;
    this.#list = samples.list;
    for (let number = 0; number < samples.values.length; number++) {
      const value = samples.values[number] ?? NaN;
      if (Number.isNaN(value)) continue;
      const statistics = this.#statistics[number] ??= this.#create(number);
      statistics.add(value, elapsed, spans.values[number] ?? NaN);
    }
    const tickSeconds = samples.get("monitor_tick_seconds");
    if (tickSeconds !== undefined) this.#tickSeconds.add(tickSeconds, 1);
    this.#processes.rows(processes);
    this.#marks.frame(frame);
  }

  /** The next phases that have ended, each once, in the order of their ends, until there are none: after each frame, and after the result. */
  takePhases(): MeasuredPhase[] {
    return this.#marks.takePhases(() => {
      const metrics = this.#metrics((series) => nameOf(series).endsWith("_energy_joules_total"));
      return energySeriesOf({ metrics, devices: [...this.#devices.values()] });
    });
  }

  /** The summary of what has come so far. Throws RangeError before the session. */
  result(): Summary {
    if (this.#session === undefined) throw new RangeError("Cannot summarize a run: it has no session record");
    const statuses = [...this.#statuses.values()].filter(({ state }) => state !== "working");
    const sources = {
      run: summarizeRun(this.#session, this.#end, this.#elapsed),
      devices: [...this.#devices.values()],
      exact: this.#exact(),
      metrics: this.#metrics(),
      baseline: this.#baseline,
    };
    const energy = summarizeEnergy(sources);
    this.#marks.finish(sources.run.wall_seconds);
    return {
      schema: SUMMARY_SCHEMA,
      run: sources.run,
      machine: this.#session.machine,
      devices: sources.devices,
      exact: sources.exact,
      metrics: sources.metrics,
      ...(energy === undefined ? {} : { energy }),
      processes: this.#processesSummary(joulesPerCpuSecond(sources)),
      events: this.#events,
      ...this.#marks.result(energy?.devices.map(({ series }) => series) ?? []),
      unavailable: statuses.filter(({ collector }) => !collector.startsWith(SINK)),
      incomplete: statuses.filter(({ collector }) => collector.startsWith(SINK)).map(incompleteOf),
      monitor: this.#monitor(),
    };
  }

  #create(number: number): SeriesStatistics {
    return new SeriesStatistics(nameOf(this.#list.names[number] ?? ""));
  }

  #of(series: string): SeriesStatistics | undefined {
    return this.#statistics[this.#list.find(series) ?? NaN];
  }

  #event(record: EventRecord): void {
    this.#marks.event(record);
    if (record.kind.startsWith("process_")) return this.#processes.event(record);
    if (isToldApart(record)) return;
    if (this.#events.length < MAX_EVENTS) this.#events.push(eventOf(record));
  }

  #exact(): ExactSummary {
    const exact = this.#end?.exact ?? { sources: {} };
    const sampledPeak = this.#of("memory_peak_bytes")?.max;
    const peak = exact.memory_peak_bytes === undefined && sampledPeak !== undefined
      ? { memory_peak_bytes: sampledPeak, sources: { ...exact.sources, memory_peak_bytes: "sampled VmHWM" } }
      : {};
    const known: ExactSummary = { ...exact, ...peak };
    const source = known.sources.memory_peak_bytes;
    const sampled = this.#of("cpu_seconds_total")?.result().total;
    return {
      ...known,
      ...(source === undefined ? {} : { memory_peak_source: source }),
      ...(sampled === undefined ? {} : { sampled_cpu_seconds: sampled }),
    };
  }

  #metrics(isWanted: (series: string) => boolean = () => true): Record<string, MetricSummary> {
    const order = new Map<string, number>(METRIC_NAMES.map((name, at) => [name, at]));
    const rank = (series: string): number => order.get(nameOf(series)) ?? order.size;
    const metrics = this.#list.names.flatMap((series, number) => {
      const statistics = this.#statistics[number];
      return statistics === undefined || !isWanted(series) ? [] : [[series, statistics.result()] as const];
    });
    return Object.fromEntries(metrics.sort(([a], [b]) => rank(a) - rank(b)));
  }

  #processesSummary(joulesPerSecond: number | undefined): ProcessesSummary {
    const share = this.#shortLivedPercent();
    return {
      seen: this.#processes.seen,
      ...(share === undefined ? {} : { short_lived_cpu_percent: share }),
      rows: this.#processes.largest().map((row) => withEnergy(row, joulesPerSecond)),
    };
  }

  #shortLivedPercent(): number | undefined {
    const total = this.#end?.exact.cpu_seconds ?? this.#of("cpu_seconds_total")?.total;
    const accounted = this.#processes.cpuSeconds;
    if (total === undefined || total <= 0 || accounted === undefined) return undefined;
    return Math.min(100, Math.max(0, (1 - accounted / total) * 100));
  }

  #monitor(): MonitorSummary {
    const cpu = this.#of("monitor_cpu_seconds_total")?.last;
    const memory = this.#of("monitor_memory_rss_bytes")?.max;
    const p50 = this.#tickSeconds.quantile(0.5);
    const p99 = this.#tickSeconds.quantile(0.99);
    return {
      ...(cpu === undefined ? {} : { cpu_seconds: cpu }),
      ...(memory === undefined ? {} : { memory_peak_bytes: memory }),
      ticks: this.#ticks,
      ticks_skipped: this.#of("monitor_ticks_skipped_total")?.last ?? 0,
      ...(p50 === undefined ? {} : { tick_p50_seconds: p50 }),
      ...(p99 === undefined ? {} : { tick_p99_seconds: p99 }),
    };
  }
}

function summarizeRun(session: SessionRecord, end: EndRecord | undefined, elapsed: number): RunSummary {
  const reason = end === undefined ? "the log ends before the command did" : end.reason;
  return {
    id: session.run,
    mode: session.mode,
    command: session.command,
    cwd: session.cwd,
    host: session.host,
    started: new Date(session.started * 1000).toISOString(),
    wall_seconds: end?.elapsed ?? elapsed,
    ...(reason === undefined ? { exit_code: end?.exit_code ?? null, signal: end?.signal ?? null } : {}),
    ...(reason === undefined ? {} : { end_unknown: reason }),
    interval_seconds: session.interval,
    tags: session.tags,
    ...(session.message === undefined ? {} : { message: session.message }),
    attributes: session.attributes,
    version: session.version,
  };
}

// Without fields of other versions, whose values nobody has checked.
function eventOf(record: EventRecord): Event {
  const { kind, time, elapsed } = record;
  const known = EVENT_FIELDS.filter((name) => record[name] !== undefined).map((name) => [name, record[name]]);
  return { kind, time, elapsed, ...Object.fromEntries(known) };
}

function statusOf({ collector, state, metrics, reason, remedy }: Status): Status {
  return {
    collector,
    state,
    ...(metrics === undefined ? {} : { metrics }),
    ...(reason === undefined ? {} : { reason }),
    ...(remedy === undefined ? {} : { remedy }),
  };
}

function withEnergy(row: ProcessSummary, joulesPerSecond: number | undefined): ProcessSummary {
  const seconds = row.values["cpu_seconds_total"];
  if (joulesPerSecond === undefined || seconds === undefined) return row;
  return { ...row, energy_estimate_joules: seconds * joulesPerSecond };
}

function deviceOf({ label, id, name, attributes }: Device): Device {
  return { label, id, name, ...(attributes === undefined ? {} : { attributes }) };
}

function incompleteOf({ collector, reason }: Status): Summary["incomplete"][number] {
  return { output: collector.slice(SINK.length), reason: reason ?? "it stopped before the end" };
}

/** The name of a series, without its labels. */
function nameOf(series: string): string {
  const brace = series.indexOf("{");
  return brace < 0 ? series : series.slice(0, brace);
}
