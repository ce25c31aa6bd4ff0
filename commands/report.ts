import { Pipeline } from "../lib/pipeline.ts";
import { replay } from "../lib/replay.ts";
import type { ExitStatus } from "../lib/wait.ts";
import { HtmlSink } from "../sinks/html.ts";
import { asFailure, CommandError, FAILURE, USAGE } from "./exit_status.ts";
import { folderOf, logPath } from "./log_path.ts";

/** Makes the report of each log. */
export async function report(
  logs: readonly string[],
  options: { readonly output?: string; readonly force: boolean },
): Promise<ExitStatus> {
  if (options.output !== undefined && logs.length > 1) {
    throw new CommandError("Cannot write several reports to one file: leave out -o, or name one log", USAGE);
  }
  for (const log of logs) {
    const path = logPath(log);
    const output = options.output ?? `${folderOf(path)}/report.html`;
    await asFailure(() => reportOne(path, output, options.force));
    console.error(`resmon: wrote ${output}`);
  }
  return { code: 0 };
}

async function reportOne(path: string, output: string, force: boolean): Promise<void> {
  refuseToReplace(output, force);
  const failures: string[] = [];
  const sink = await HtmlSink.open(output, (reason) => failures.push(reason));
  const { incomplete } = await replay(path, new Pipeline({ frameSinks: [sink] }));
  for (const { reason } of incomplete) console.error(`resmon: ${reason}`);
  if (failures[0] !== undefined) throw new CommandError(failures[0], FAILURE);
}

/** Throws {@linkcode CommandError} where a file is there and must not be replaced. */
export function refuseToReplace(path: string, force: boolean): void {
  if (force || !exists(path)) return;
  throw new CommandError(`Cannot write ${path}: it is there; use --force to replace it`, FAILURE);
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
