import { heflwrSummary } from "../lib/heflwr_summary.ts";
import { Pipeline } from "../lib/pipeline.ts";
import { replayRun } from "../lib/replay.ts";
import { type ImportOptions, openRuns } from "../lib/run_reader.ts";
import type { ExitStatus } from "../lib/wait.ts";
import { describeTerminal, TerminalSink } from "../sinks/terminal.ts";
import { asFailure } from "./exit_status.ts";
import { folderOf, logPath } from "./log_path.ts";
import { tellIncomplete } from "./replaying.ts";
import { tell } from "./stderr.ts";
import { writeStdout } from "./stdout.ts";

/** What `resmon summary` is told. */
export interface SummaryOptions extends ImportOptions {
  readonly json?: boolean;
  /** Whose numbers to tell, as JSON. */
  readonly compat?: "heflwr";
}

/** Tells on stdout what a run used, from its log. */
export async function summary(log: string, { json = false, compat, interval }: SummaryOptions): Promise<ExitStatus> {
  const path = logPath(log);
  const isData = json || compat !== undefined;
  const frameSinks = isData ? [] : [stdoutSink(folderOf(path))];
  for (const run of await asFailure(() => openRuns(path, { interval }))) {
    const told = await asFailure(() => replayRun(run, new Pipeline({ frameSinks })));
    tellIncomplete(told);
    if (isData) writeStdout(`${JSON.stringify(compat === "heflwr" ? heflwrSummary(told) : told, null, 2)}\n`);
  }
  return { code: 0 };
}

function stdoutSink(folder: string): TerminalSink {
  const stdout = describeTerminal(Deno.stdout, (name) => Deno.env.get(name));
  // Whoever asks for it gets the whole, also into a file.
  const terminal = { ...stdout, isTerminal: true, write: writeStdout };
  return new TerminalSink(terminal, { folder }, tell);
}
