import type { ExitStatus } from "../lib/wait.ts";

/** Something of resmon's own went wrong before the command started, its usage included. */
export const OWN_FAILURE = 125;

/** The other subcommands: wrong usage, or a failure. */
export const USAGE = 2;
export const FAILURE = 1;

/** A failure that the user is told in one sentence, and the exit status that it gives. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What a subcommand ends with: an exit code of its own, or the status of the wrapped command. */
export type CommandResult = ExitStatus;
