/** The program that lies in the npm package, beside this module. */

// As in scripts/deno.ts.
const FLAGS = ["run", "-A", "--quiet", "--no-prompt", "--no-config", "--v8-flags=--max-semi-space-size=4"];

/** The words that start it, by the Deno that runs this or that of the package `deno`; undefined where it is not there. */
export async function ownProgram(): Promise<readonly string[] | undefined> {
  const { existsSync } = await import("node:fs");
  const { fileURLToPath } = await import("node:url");
  const main = fileURLToPath(new URL("./program/main.js", import.meta.url));
  if (!existsSync(main)) return undefined;
  const { default: process } = await import("node:process");
  const deno = "Deno" in globalThis ? process.execPath : await denoOfPackage();
  return deno === undefined ? undefined : [deno, ...FLAGS, main];
}

async function denoOfPackage(): Promise<string | undefined> {
  const { createRequire } = await import("node:module");
  try {
    const installed: { runInstall(): string } = createRequire(import.meta.url)("deno/install_api.cjs");
    return installed.runInstall();
  } catch (error) {
    // Left out with --no-optional, or no Deno for this machine: another resmon may be in PATH.
    if (error instanceof Error) return undefined;
    throw error;
  }
}
