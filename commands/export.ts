import type { FrameSink, OnFailure, RecordSink } from "../lib/contracts.ts";
import { Pipeline } from "../lib/pipeline.ts";
import { replay } from "../lib/replay.ts";
import type { ExitStatus } from "../lib/wait.ts";
import { CsvSink } from "../sinks/csv.ts";
import { JsonlSink } from "../sinks/jsonl.ts";
import { asFailure, CommandError, FAILURE, USAGE } from "./exit_status.ts";
import { logPath } from "./log_path.ts";

/** What `resmon export` is to write. */
export interface ExportOptions {
  readonly csv?: string;
  readonly jsonl?: string;
  readonly force: boolean;
}

/** Writes a log in other formats. */
export async function exportLog(log: string, options: ExportOptions): Promise<ExitStatus> {
  if (options.csv === undefined && options.jsonl === undefined) {
    throw new CommandError("Cannot export: say what to write, --csv FILE or --jsonl FILE", USAGE);
  }
  const failures: string[] = [];
  const sinks = await asFailure(() => openSinks(options, (reason) => failures.push(reason)));
  const { incomplete } = await asFailure(() => replay(logPath(log), new Pipeline(sinks)));
  for (const { reason } of incomplete) console.error(`resmon: ${reason}`);
  if (failures[0] !== undefined) throw new CommandError(failures[0], FAILURE);
  return { code: 0 };
}
