import type { ExitStatus } from "../lib/wait.ts";
import { HtmlSink } from "../sinks/html.ts";
import { CommandError, USAGE } from "./exit_status.ts";
import { folderOf, logPath } from "./log_path.ts";
import { replayInto } from "./replaying.ts";

/** Makes the report of each log. */
export async function report(
  logs: readonly string[],
  options: { readonly output?: string; readonly force?: boolean },
): Promise<ExitStatus> {
  if (options.output !== undefined && logs.length > 1) {
    throw new CommandError("Cannot write several reports to one file: leave out -o, or name one log", USAGE);
  }
  for (const log of logs) {
    const path = logPath(log);
    const output = options.output ?? `${folderOf(path)}/report.html`;
    await replayInto(path, async (onFailure) => {
      return { frameSinks: [await HtmlSink.open(output, { force: options.force ?? false, onFailure })] };
    });
    console.error(`resmon: wrote ${output}`);
  }
  return { code: 0 };
}
