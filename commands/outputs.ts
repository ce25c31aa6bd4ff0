import type { FrameSink, OnFailure, RecordSink } from "../lib/contracts.ts";
import type { OutputOptions } from "../lib/output_file.ts";
import { CsvSink } from "../sinks/csv.ts";
import { JsonlSink } from "../sinks/jsonl.ts";
import { SummaryJsonSink } from "../sinks/summary_json.ts";
import { stderrTerminal, TerminalSink } from "../sinks/terminal.ts";
import { CommandError, OWN_FAILURE } from "./exit_status.ts";
import { Notices } from "./notices.ts";
import type { OutputFolder } from "./output_folder.ts";

/** Which outputs a recording has. */
export interface OutputsOptions {
  readonly force: boolean;
  readonly report: boolean;
  readonly quiet: boolean;
  /** Seconds between two syncs of the log; absent: the system decides. */
  readonly sync?: number;
}

/** The sinks of a recording, and the way to tell the user something. */
export interface Outputs {
  readonly recordSinks: readonly RecordSink[];
  readonly frameSinks: readonly FrameSink[];
  /** To be told which sink can write no more; set by whoever connects them. */
  onFailure: (sink: string, reason: string) => void;
  readonly notices: Notices;
}

/** Opens every output in a folder. Throws {@linkcode CommandError} where one cannot be written, and leaves none behind. */
export async function openOutputs(folder: OutputFolder, options: OutputsOptions): Promise<Outputs> {
  try {
    return await openAll(folder, options);
  } catch (error) {
    folder.discard();
    throw new CommandError(error instanceof Error ? error.message : String(error), OWN_FAILURE);
  }
}

async function openAll(folder: OutputFolder, options: OutputsOptions): Promise<Outputs> {
  const { path } = folder;
  const { force, sync, report } = options;
  const notices = new Notices();
  if (folder.notice !== undefined) notices.add(folder.notice);
  const connection: Pick<Outputs, "onFailure"> = { onFailure: () => undefined };
  function failureOf(sink: string): OnFailure {
    return (reason) => connection.onFailure(sink, reason);
  }
  const syncing = sync === undefined ? {} : { syncSeconds: sync };
  const log = new JsonlSink(`${path}/log.jsonl`, { force, onFailure: failureOf("log"), ...syncing });
  const frameSinks: FrameSink[] = [
    notices,
    new CsvSink(path, { force, onFailure: failureOf("csv") }),
    new SummaryJsonSink(`${path}/summary.json`, { force }),
  ];
  if (report) frameSinks.push(await openReport(`${path}/report.html`, { force, onFailure: failureOf("html") }));
  if (!options.quiet) {
    const terminal = stderrTerminal((name) => Deno.env.get(name));
    const paths = { folder: path, ...(report ? { report: `${path}/report.html` } : {}) };
    frameSinks.push(new TerminalSink(terminal, paths, failureOf("terminal")));
  }
  return Object.assign(connection, { recordSinks: [log], frameSinks, notices });
}

// Loaded before the command starts: later on, one that uses up all threads would make the runtime fail to load anything.
async function openReport(path: string, options: OutputOptions): Promise<FrameSink> {
  const { HtmlSink } = await import("../sinks/html.ts");
  return await HtmlSink.open(path, options);
}
