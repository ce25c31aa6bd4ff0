import { CommanderError } from "commander";
import type { ExitStatus } from "../lib/wait.ts";
import { CommandError, FAILURE, OWN_FAILURE } from "./exit_status.ts";
import { describeOwnError } from "./own_errors.ts";
import { createProgram, usageStatus } from "./program.ts";
import { tell } from "./stderr.ts";

/** Does what the words after `resmon` say, and gives the exit status that resmon ends with. */
export async function runCommandLine(args: readonly string[]): Promise<ExitStatus> {
  const results: Promise<ExitStatus>[] = [];
  try {
    createProgram((result) => results.push(result)).parse(args, { from: "user" });
    const [result] = await Promise.all(results);
    return result ?? { code: 0 };
  } catch (error) {
    return { code: explain(error, args) };
  }
}

function explain(error: unknown, args: readonly string[]): number {
  // Commander has printed its own message, or the help.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageStatus(args);
  if (error instanceof CommandError) {
    tell(error.message);
    return error.exitCode;
  }
  tell(`an error of its own: ${describeOwnError(error)}`);
  return usageStatus(args) === OWN_FAILURE ? OWN_FAILURE : FAILURE;
}
