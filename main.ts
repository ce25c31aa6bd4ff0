import { CommanderError } from "commander";
import { CommandError, FAILURE, OWN_FAILURE } from "./commands/exit_status.ts";
import { describeOwnError } from "./commands/own_errors.ts";
import { createProgram, usageStatus } from "./commands/program.ts";
import { tell } from "./commands/stderr.ts";
import { exitLike } from "./lib/exit.ts";
import type { ExitStatus } from "./lib/wait.ts";

if (import.meta.main) exitLike(await main(Deno.args));

async function main(args: readonly string[]): Promise<ExitStatus> {
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
