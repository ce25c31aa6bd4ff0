/** The repository. */
export const ROOT: URL = new URL("../", import.meta.url);

/**
 * What V8 is told in every form of the program: a young generation of 4 MB instead of 16. The report of a million ticks takes
 * 115 MB instead of 138, and is made sooner.
 */
export const V8_FLAGS = "--v8-flags=--max-semi-space-size=4";

/** Runs a Deno in the repository, and hands its messages on. Throws Error with what it said where it fails. */
export function runDeno(deno: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  const { success, stderr } = new Deno.Command(deno, { args: [...args], cwd: ROOT, env, stdout: "inherit" })
    .outputSync();
  const said = new TextDecoder().decode(stderr);
  if (!success) throw new Error(`Cannot ${args[0]} with ${deno}:\n${said.trimEnd()}`);
  if (said !== "") console.error(said.trimEnd());
}
