/** The repository. */
export const ROOT: URL = new URL("../", import.meta.url);

/** Runs a Deno in the repository, and hands its messages on. Throws Error with what it said where it fails. */
export function runDeno(deno: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  const { success, stderr } = new Deno.Command(deno, { args: [...args], cwd: ROOT, env, stdout: "inherit" })
    .outputSync();
  const said = new TextDecoder().decode(stderr);
  if (!success) throw new Error(`Cannot ${args[0]} with ${deno}:\n${said.trimEnd()}`);
  if (said !== "") console.error(said.trimEnd());
}
