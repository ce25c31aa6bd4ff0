import { type Command, CommanderError } from "commander";
import type { ExitStatus } from "../lib/wait.ts";
import { CommandError, FAILURE, OWN_FAILURE, USAGE } from "./exit_status.ts";
import type { OnResult } from "./command_style.ts";
import { describeOwnError } from "./own_errors.ts";
import { QUICK_WORDS } from "./quick_words.ts";
import { tell } from "./stderr.ts";

/** Does what the words after `resmon` say, and gives the exit status that resmon ends with. */
export async function runCommandLine(args: readonly string[]): Promise<ExitStatus> {
  const results: Promise<ExitStatus>[] = [];
  try {
    const program = await createProgram(args[0] ?? "", (result) => results.push(result));
    program.parse(args, { from: "user" });
    const [result] = await Promise.all(results);
    return result ?? { code: 0 };
  } catch (error) {
    return { code: explain(error, args) };
  }
}

async function createProgram(word: string, onResult: OnResult): Promise<Command> {
  if (QUICK_WORDS.includes(word)) return (await import("./mark_program.ts")).createMarkProgram(word, onResult);
  return (await import("./program.ts")).createProgram(onResult);
}

// Of those that end as their command does, so that nobody takes an error of theirs for one of the command's.
function usageStatus(args: readonly string[]): number {
  const word = args.find((word) => !word.startsWith("-")) ?? "";
  return ["run", "time"].includes(word) ? OWN_FAILURE : USAGE;
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
