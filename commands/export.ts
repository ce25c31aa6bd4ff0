import type { FrameSink, OnFailure, RecordSink } from "../lib/contracts.ts";
import { OutputFile, type OutputOptions, type TextOutput } from "../lib/output_file.ts";
import { type ImportOptions, openRun } from "../lib/run_reader.ts";
import type { ExitStatus } from "../lib/wait.ts";
import { CsvSink } from "../sinks/csv.ts";
import { PhasesCsvSink } from "../sinks/csv_phases.ts";
import { FOREIGN_FORMATS, type ForeignFormat } from "../sinks/foreign_formats.ts";
import { JsonlSink } from "../sinks/jsonl.ts";
import { asFailure, CommandError, USAGE } from "./exit_status.ts";
import { fileOf, folderOf, keepLog, logPath } from "./log_path.ts";
import { replayInto } from "./replaying.ts";
import { writeStdout } from "./stdout.ts";

/** What `resmon export` is to write. */
export interface ExportOptions extends ImportOptions {
  readonly csv?: string;
  readonly jsonl?: string;
  readonly phases?: string;
  /** The format of another system, written to `output`: stdout unless given. */
  readonly format?: ForeignFormat;
  readonly output?: string;
  readonly force?: boolean;
}

/** Writes a log in other formats. */
export async function exportLog(log: string, options: ExportOptions): Promise<ExitStatus> {
  const { csv, jsonl, phases, format, output, interval, force = false } = options;
  if ([csv, jsonl, phases, format].every((wanted) => wanted === undefined)) {
    throw new CommandError(
      "Cannot export: say what to write, --csv FILE, --phases FILE, --jsonl FILE or --format FORMAT",
      USAGE,
    );
  }
  if (output !== undefined && format === undefined) {
    throw new CommandError(
      "Cannot export: -o says where a --format goes; name one, or use --csv, --phases or --jsonl",
      USAGE,
    );
  }
  if ([csv, jsonl, phases].includes("-")) {
    throw new CommandError("Cannot export to stdout: name a file (CSV makes two, samples and processes)", USAGE);
  }
  const path = logPath(log);
  keepLog(path, [csv, jsonl, phases, output]);
  const run = await asFailure(() => openRun(path, { interval }));
  await replayInto(run, async (onFailure) => {
    const recordSinks: RecordSink[] = jsonl === undefined ? [] : [new JsonlSink(jsonl, { force, onFailure })];
    const frameSinks: FrameSink[] = [
      ...(csv === undefined ? [] : [openCsv(csv, force, onFailure)]),
      ...(phases === undefined ? [] : [new PhasesCsvSink(phases, { force, isWantedEmpty: true, onFailure })]),
    ];
    if (format === undefined) return { recordSinks, frameSinks };
    const foreign = await FOREIGN_FORMATS[format](openText(output, { force, onFailure }));
    return { recordSinks, frameSinks: [...frameSinks, foreign] };
  });
  return { code: 0 };
}

function openText(path: string | undefined, options: OutputOptions): TextOutput {
  if (path !== undefined && path !== "-") return new OutputFile(path, options);
  return { append: (text) => writeOrTell(text, options.onFailure), close: () => undefined };
}

function writeOrTell(text: string, onFailure: OnFailure): void {
  try {
    writeStdout(text);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    onFailure(error.message);
  }
}

function openCsv(path: string, force: boolean, onFailure: OnFailure): CsvSink {
  const samples = fileOf(path);
  const processes = `${samples.replace(/\.csv$/, "")}-processes.csv`;
  return new CsvSink(folderOf(path), { names: { samples, processes }, force, onFailure });
}
