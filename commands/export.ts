import type { FrameSink, OnFailure, RecordSink } from "../lib/contracts.ts";
import type { ExitStatus } from "../lib/wait.ts";
import { CsvSink } from "../sinks/csv.ts";
import { JsonlSink } from "../sinks/jsonl.ts";
import { CommandError, USAGE } from "./exit_status.ts";
import { fileOf, folderOf, keepLog, logPath } from "./log_path.ts";
import { replayInto } from "./replaying.ts";

/** What `resmon export` is to write. */
export interface ExportOptions {
  readonly csv?: string;
  readonly jsonl?: string;
  readonly force?: boolean;
}

/** Writes a log in other formats. */
export async function exportLog(log: string, options: ExportOptions): Promise<ExitStatus> {
  const { csv, jsonl, force = false } = options;
  if (csv === undefined && jsonl === undefined) {
    throw new CommandError("Cannot export: say what to write, --csv FILE or --jsonl FILE", USAGE);
  }
  if (csv === "-" || jsonl === "-") {
    throw new CommandError("Cannot export to stdout: name a file (CSV makes two, samples and processes)", USAGE);
  }
  const path = logPath(log);
  keepLog(path, [csv, jsonl]);
  await replayInto(path, (onFailure) => {
    const recordSinks: RecordSink[] = jsonl === undefined ? [] : [new JsonlSink(jsonl, { force, onFailure })];
    const frameSinks: FrameSink[] = csv === undefined ? [] : [openCsv(csv, force, onFailure)];
    return { recordSinks, frameSinks };
  });
  return { code: 0 };
}

function openCsv(path: string, force: boolean, onFailure: OnFailure): CsvSink {
  const samples = fileOf(path);
  const processes = `${samples.replace(/\.csv$/, "")}-processes.csv`;
  return new CsvSink(folderOf(path), { names: { samples, processes }, force, onFailure });
}
