import { Pipeline } from "../lib/pipeline.ts";
import { replay } from "../lib/replay.ts";
import type { ExitStatus } from "../lib/wait.ts";
import { describeTerminal, TerminalSink } from "../sinks/terminal.ts";
import { asFailure } from "./exit_status.ts";
import { folderOf, logPath } from "./log_path.ts";
import { tellIncomplete } from "./replaying.ts";
import { tell } from "./stderr.ts";
import { writeStdout } from "./stdout.ts";

/** Tells on stdout what a run used, from its log. */
export async function summary(log: string, options: { readonly json?: boolean }): Promise<ExitStatus> {
  const path = logPath(log);
  const frameSinks = options.json ? [] : [stdoutSink(folderOf(path))];
  const told = await asFailure(() => replay(path, new Pipeline({ frameSinks })));
  tellIncomplete(told);
  if (options.json) writeStdout(`${JSON.stringify(told, null, 2)}\n`);
  return { code: 0 };
}

function stdoutSink(folder: string): TerminalSink {
  const stdout = describeTerminal(Deno.stdout, (name) => Deno.env.get(name));
  // Whoever asks for it gets the whole, also into a file.
  const terminal = { ...stdout, isTerminal: true, write: writeStdout };
  return new TerminalSink(terminal, { folder }, tell);
}
