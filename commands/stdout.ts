import { CommandError, FAILURE } from "./exit_status.ts";

/** Writes data to stdout, whole. A reader that has gone away (`| head`) is no failure. Throws {@linkcode CommandError}. */
export function writeStdout(text: string): void {
  try {
    let rest = new TextEncoder().encode(text);
    while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return;
    if (!(error instanceof Error)) throw error;
    throw new CommandError(`Cannot write to stdout: ${error.message}`, FAILURE);
  }
}
