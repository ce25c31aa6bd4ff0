import { CommandError, FAILURE } from "./exit_status.ts";

/** The log that a user named: the file itself, or `log.jsonl` in the folder of a run. */
export function logPath(path: string): string {
  try {
    return Deno.statSync(path).isDirectory ? `${path.replace(/\/+$/, "")}/log.jsonl` : path;
  } catch (error) {
    // The reader tells what is wrong with it.
    if (error instanceof Error) return path;
    throw error;
  }
}

/** Throws {@linkcode CommandError} where an output would replace the log that it is to be made of. */
export function keepLog(log: string, outputs: readonly (string | undefined)[]): void {
  for (const output of outputs) {
    if (output === undefined || !isSameFile(log, output)) continue;
    throw new CommandError(`Cannot write ${output}: it is the log that is to be read; name another file`, FAILURE);
  }
}

function isSameFile(a: string, b: string): boolean {
  try {
    const [first, second] = [Deno.statSync(a), Deno.statSync(b)];
    return first.dev === second.dev && first.ino === second.ino;
  } catch (error) {
    // Where one is not there, they are two.
    if (error instanceof Error) return false;
    throw error;
  }
}

/** The name of a file without its folder. */
export function fileOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The folder that a file lies in. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash) || "/";
}
