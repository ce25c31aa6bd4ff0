import { MarkSender, type UnsentMark } from "../lib/mark_sender.ts";
import { DenoMarkSurroundings } from "../lib/mark_surroundings_deno.ts";
import type { ExitStatus } from "../lib/wait.ts";
import { FAILURE } from "./exit_status.ts";
import { tell } from "./stderr.ts";
import { writeStdout } from "./stdout.ts";

const PATIENCE_MS = 1000;

/** The options of the subcommands that send a mark. */
export interface MarkOptions {
  /** Whether it is a failure when nobody records this. */
  readonly require?: boolean;
  /** What to print, whether or not anybody records this. */
  readonly output?: string;
}

/**
 * Sends a mark in the name of the process that called resmon, and waits for at most a second until the system has taken it.
 * Where it cannot be sent a line on stderr says so; a failure that is only with `require`, for a script has other things to do.
 */
export async function sendMark(
  mark: UnsentMark,
  { require = false, output }: MarkOptions,
): Promise<ExitStatus> {
  if (output !== undefined) writeStdout(`${output}\n`);
  const sender = new MarkSender(new DenoMarkSurroundings());
  sender.send({ ...mark, pid: Deno.ppid });
  if (!sender.isWanted()) {
    if (require) tell("Nobody records this: start it with `resmon run -- <command>`, or attach to it");
    return { code: require ? FAILURE : 0 };
  }
  const isSent = await sender.flush(PATIENCE_MS);
  const [problem = "it is not read; resmon may be stopped"] = sender.problems();
  sender.close();
  if (!isSent) tell(`The mark is lost: ${problem}`);
  return { code: require && !isSent ? FAILURE : 0 };
}
