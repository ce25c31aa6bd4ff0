import type { FrameSink, RecordSink } from "../lib/contracts.ts";
import { openOutputs as openSinks, type OutputName } from "../sinks/mod.ts";
import { LiveSink } from "../sinks/live.ts";
import { stderrTerminal, TerminalSink } from "../sinks/terminal.ts";
import { type DestinationOptions, openDestinations } from "./destinations.ts";
import { CommandError, OWN_FAILURE } from "./exit_status.ts";
import { Notices } from "./notices.ts";
import type { OutputFolder } from "./output_folder.ts";

/** Which outputs a recording has. */
export interface OutputsOptions extends DestinationOptions {
  readonly force?: boolean;
  readonly report: boolean;
  /** Seconds between two syncs of the log; absent: the system decides. */
  readonly sync?: number;
  /** Keeps what is to be shown while the run goes on. */
  readonly live?: boolean;
}

/** The sinks of a recording, and the way to tell the user something. */
export interface Outputs {
  readonly recordSinks: readonly RecordSink[];
  readonly frameSinks: readonly FrameSink[];
  /** To be told which sink can write no more; set by whoever connects them. */
  onFailure: (sink: string, reason: string) => void;
  readonly notices: Notices;
  /** What there is to show while the run goes on, where that is asked for. */
  readonly live: LiveSink | undefined;
}

/**
 * Opens every output in a folder. All that they need is loaded here, before the command starts: one that uses up all threads
 * would make the runtime fail to load anything later. Throws {@linkcode CommandError} where one cannot be written, and
 * leaves none behind.
 */
export async function openOutputs(folder: OutputFolder, options: OutputsOptions): Promise<Outputs> {
  const notices = new Notices();
  if (folder.notice !== undefined) notices.add(folder.notice);
  const outputs: Pick<Outputs, "onFailure"> = { onFailure: () => undefined };
  const names: OutputName[] = ["log", "csv", "phases", "summary", ...(options.report ? ["html" as const] : [])];
  try {
    const destinations = await openDestinations(options, (sink, reason) => outputs.onFailure(sink, reason));
    const { recordSinks, frameSinks } = await openSinks(names, {
      folder: folder.path,
      force: options.force ?? false,
      ...(options.sync === undefined ? {} : { syncSeconds: options.sync }),
      onFailure: (output, reason) => outputs.onFailure(output, reason),
    });
    const live = options.live ? new LiveSink() : undefined;
    const terminal = options.quiet ? [] : [openTerminal(folder.path, { outputs, hasReport: options.report })];
    return Object.assign(outputs, {
      recordSinks,
      frameSinks: [notices, ...frameSinks, ...destinations, ...(live === undefined ? [] : [live]), ...terminal],
      notices,
      live,
    });
  } catch (error) {
    folder.discard();
    throw new CommandError(error instanceof Error ? error.message : String(error), OWN_FAILURE);
  }
}

function openTerminal(
  folder: string,
  { outputs, hasReport }: { readonly outputs: Pick<Outputs, "onFailure">; readonly hasReport: boolean },
): FrameSink {
  const paths = { folder, ...(hasReport ? { report: `${folder}/report.html` } : {}) };
  const terminal = stderrTerminal((name) => Deno.env.get(name));
  return new TerminalSink(terminal, paths, (reason) => outputs.onFailure("terminal", reason));
}
