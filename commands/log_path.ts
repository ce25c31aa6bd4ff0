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

/** The name of a file without its folder. */
export function fileOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The folder that a file lies in. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash) || "/";
}
