import { type Event, type ProcessRow, type ResmonRecord, SCHEMA_VERSION, type Unnumbered } from "./records.ts";
import { microseconds } from "./tick_writer.ts";
import { uuidv7 } from "./uuid.ts";
import { VERSION } from "./version.ts";

/** The systems whose files can be read. */
export type ForeignSystem = "reseng" | "heflwr" | "pyml";

/** A run that another system has recorded, in the units and under the names of the vocabulary. */
export interface ImportedRun {
  readonly system: ForeignSystem;
  /** Which of several in one file. */
  readonly name?: string;
  readonly command?: readonly string[];
  /** What had to be assumed of its times, because its file does not tell them. */
  readonly assumed?: string;
  /** Seconds between two of its ticks. */
  readonly interval: number;
  readonly series: readonly string[];
  /** The columns of process rows. */
  readonly processes?: readonly string[];
  /** In the order of their times. */
  readonly ticks: readonly ImportedTick[];
  readonly events: readonly ImportedEvent[];
  /** What the file does not tell, or what of it was left out, in sentences. */
  readonly notes: readonly ImportedNote[];
}

/** What was read at one instant: Unix seconds, and values in the order of the series. */
export interface ImportedTick {
  readonly time: number;
  readonly values: readonly (number | null)[];
  readonly processes?: readonly ProcessRow[];
}

/** Something that happened, at Unix seconds. */
export type ImportedEvent = Omit<Event, "elapsed">;

/** Something that is not known: of some metrics, or lines that were left out. */
export interface ImportedNote {
  readonly metrics?: readonly string[];
  readonly reason: string;
}

/** The collector of an imported run, as people are told it. */
export const IMPORT = "imported file";

/** The records of an imported run, as if resmon had attached to it; `file` is what it was read from. */
export function* importedRecords(run: ImportedRun, file: string): Generator<ResmonRecord> {
  let seq = 1;
  for (const record of unnumbered(run, file)) yield { ...record, seq: seq++ } as ResmonRecord;
}

function* unnumbered(run: ImportedRun, file: string): Generator<Unnumbered<ResmonRecord>> {
  const { system, name, ticks, events, series, processes, notes } = run;
  const started = ticks[0]?.time ?? 0;
  const elapsedOf = (time: number): number => microseconds(time - started);
  yield {
    type: "session",
    schema: SCHEMA_VERSION,
    version: VERSION,
    run: uuidv7(started),
    mode: "attach",
    command: run.command ?? [file.slice(file.lastIndexOf("/") + 1)],
    cwd: "",
    host: name ?? "",
    started,
    interval: run.interval,
    machine: {},
    tags: name === undefined ? {} : { ip: name },
    attributes: {
      imported_from: system,
      imported_file: file,
      ...(run.assumed !== undefined && { imported_times: run.assumed }),
    },
  };
  for (const { metrics, reason } of notes) {
    if (metrics !== undefined) yield { type: "status", collector: IMPORT, state: "absent", metrics, reason };
  }
  // The last status of a collector holds, so that this is one.
  const lost = notes.flatMap(({ metrics, reason }) => metrics === undefined ? [reason] : []);
  if (lost.length > 0) yield { type: "status", collector: IMPORT, state: "lost", reason: lost.join("; ") };
  yield { type: "columns", collector: IMPORT, series, ...(processes !== undefined && { processes }) };
  const waiting = events.toSorted((a, b) => a.time - b.time);
  for (const { time, values, processes: rows } of ticks) {
    while (waiting[0] !== undefined && waiting[0].time <= time) yield* eventsOf(waiting.splice(0, 1), elapsedOf);
    const told = rows === undefined ? {} : { processes: rows };
    yield { type: "tick", time, elapsed: elapsedOf(time), values: { [IMPORT]: values }, ...told };
  }
  yield* eventsOf(waiting, elapsedOf);
  const time = ticks.at(-1)?.time ?? started;
  const reason = `${system} does not record how a process ends`;
  yield { type: "end", time, elapsed: elapsedOf(time), reason, exact: { sources: {} } };
}

function eventsOf(
  events: readonly ImportedEvent[],
  elapsedOf: (time: number) => number,
): Unnumbered<ResmonRecord>[] {
  return events.map((event) => ({ type: "event", ...event, elapsed: elapsedOf(event.time) }));
}

/** The middle of the distances between ticks: what their interval was meant to be. */
export function usualInterval(times: readonly number[]): number {
  const spans = times.slice(1).map((time, at) => time - (times[at] ?? time)).filter((span) => span > 0);
  return spans.sort((a, b) => a - b)[Math.floor(spans.length / 2)] ?? 1;
}

/** A note on lines or records that were left out; none where there were none. */
export function leftOutNotes(leftOut: readonly string[], what: string): ImportedNote[] {
  const [first] = leftOut;
  if (first === undefined) return [];
  const many = leftOut.length === 1 ? `1 ${what} was` : `${leftOut.length} ${what}s were`;
  return [{ reason: `${many} left out; the first is ${first}` }];
}
