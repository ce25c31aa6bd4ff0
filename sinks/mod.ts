import type { FrameSink, OnFailure, RecordSink } from "../lib/contracts.ts";
import type { OutputOptions } from "../lib/output_file.ts";

/** Where the outputs of a run go. */
export interface OutputPlace {
  readonly folder: string;
  /** Replaces files that are there. */
  readonly force: boolean;
  /** Seconds between two syncs of the log; the system decides unless given. */
  readonly syncSeconds?: number;
  /** Told once for each output that can be written no more. */
  readonly onFailure: (output: string, reason: string) => void;
}

/** One output: its files, and how it is opened. What only it needs is loaded then. */
export interface Output {
  readonly files: readonly string[];
  /** Of a run that marks phases alone. */
  readonly isOfPhases?: true;
  /** Rejects where a file cannot be written. */
  open(place: OutputPlace): Promise<Sink>;
}

/** An opened output, by what it takes. */
export type Sink = { readonly recordSink: RecordSink } | { readonly frameSink: FrameSink };

/** Every output that is files in the folder of a run, by name; the log first, for everything else can be made from it. */
export const OUTPUTS = {
  log: { files: ["log.jsonl"], open: openLog },
  csv: { files: ["samples.csv", "processes.csv"], open: openCsv },
  phases: { files: ["phases.csv"], isOfPhases: true, open: openPhases },
  summary: { files: ["summary.json"], open: openSummary },
  html: { files: ["report.html"], open: openHtml },
} as const satisfies Record<string, Output>;

/** The name of an output. */
export type OutputName = keyof typeof OUTPUTS;

/** Opens outputs one after the other. Rejects where one cannot be written, with the others closed. */
export async function openOutputs(
  names: readonly OutputName[],
  place: OutputPlace,
): Promise<{ readonly recordSinks: RecordSink[]; readonly frameSinks: FrameSink[] }> {
  const sinks: { recordSinks: RecordSink[]; frameSinks: FrameSink[] } = { recordSinks: [], frameSinks: [] };
  try {
    for (const name of names) {
      const sink = await OUTPUTS[name].open(place);
      if ("recordSink" in sink) sinks.recordSinks.push(sink.recordSink);
      else sinks.frameSinks.push(sink.frameSink);
    }
  } catch (error) {
    for (const sink of [...sinks.recordSinks, ...sinks.frameSinks]) await sink.close(0);
    throw error;
  }
  return sinks;
}

async function openLog(place: OutputPlace): Promise<Sink> {
  const { JsonlSink } = await import("./jsonl.ts");
  const { syncSeconds } = place;
  const syncing = syncSeconds === undefined ? {} : { syncSeconds };
  return { recordSink: new JsonlSink(pathIn(place, "log.jsonl"), { ...optionsOf(place, "log"), ...syncing }) };
}

async function openCsv(place: OutputPlace): Promise<Sink> {
  const { CsvSink } = await import("./csv.ts");
  return { frameSink: new CsvSink(place.folder, optionsOf(place, "csv")) };
}

async function openPhases(place: OutputPlace): Promise<Sink> {
  const { PhasesCsvSink } = await import("./csv_phases.ts");
  return { frameSink: new PhasesCsvSink(pathIn(place, "phases.csv"), optionsOf(place, "phases")) };
}

async function openSummary(place: OutputPlace): Promise<Sink> {
  const { SummaryJsonSink } = await import("./summary_json.ts");
  return { frameSink: new SummaryJsonSink(pathIn(place, "summary.json"), { force: place.force }) };
}

async function openHtml(place: OutputPlace): Promise<Sink> {
  const { HtmlSink } = await import("./html.ts");
  const options = { ...optionsOf(place, "html"), log: pathIn(place, "log.jsonl") };
  return { frameSink: await HtmlSink.open(pathIn(place, "report.html"), options) };
}

function pathIn({ folder }: OutputPlace, file: string): string {
  return `${folder}/${file}`;
}

function optionsOf({ force, onFailure }: OutputPlace, output: OutputName): OutputOptions {
  const tell: OnFailure = (reason) => onFailure(output, reason);
  return { force, onFailure: tell };
}
