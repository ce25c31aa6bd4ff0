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

/** Does what may fail on what the user gave, and turns its error into a {@linkcode CommandError}. */
export async function asFailure<T>(action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof CommandError || !(error instanceof Error)) throw error;
    throw new CommandError(error.message, FAILURE);
  }
}
