/**
 * Builds resmon as one executable file, with its permissions and everything that it loads. Usage:
 *
 *   deno task build [--target T] [--output FILE]   for this machine, or for T; into build/ unless FILE is given
 *   deno task build --bundle-only [--output DIR]   only the program as JavaScript, into dist/: deno run -A dist/main.js
 *
 * DENO_COMPILE names the Deno that compiles (default: the one that runs this), DENORT_BIN a file with its runtime for compiled
 * programs, which Deno downloads otherwise.
 */
import { parseArgs } from "node:util";
import { bundleProgram } from "./bundle_program.ts";
import { ROOT, runDeno, V8_FLAGS } from "./deno.ts";
import { parseTarget, type Target } from "./targets.ts";

// --lite-mode would save 6 of the 59 MB of a run, and make reports of long logs take seven times as long. Without a cache of
// compiled code: Deno keeps it in a file of the temporary folder that any other user may have put there, and resmon is often
// run by root.
const FLAGS = ["--allow-all", "--no-config", "--no-code-cache", V8_FLAGS];

function build(args: string[]): void {
  const { values } = parseArgs({
    args,
    options: { target: { type: "string" }, output: { type: "string" }, "bundle-only": { type: "boolean" } },
  });
  if (values["bundle-only"]) return bundle(values.output ?? new URL("dist", ROOT).pathname);
  const target = parseTarget(values.target ?? Deno.build.target);
  const output = values.output ?? defaultOutput(target, values.target === undefined);
  const folder = Deno.makeTempDirSync({ prefix: "resmon-build-" });
  try {
    bundleProgram(folder);
    compile(target, { main: `${folder}/main.js`, output });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
  console.log(output);
}

function bundle(folder: string): void {
  Deno.mkdirSync(folder, { recursive: true });
  for (const { name } of Deno.readDirSync(folder)) Deno.removeSync(`${folder}/${name}`, { recursive: true });
  bundleProgram(folder);
}

function defaultOutput(target: Target, isOwn: boolean): string {
  const name = isOwn ? "resmon" : `resmon-${target}`;
  return `build/${name}${target.includes("windows") ? ".exe" : ""}`;
}

function compile(target: Target, { main, output }: { readonly main: string; readonly output: string }): void {
  const deno = Deno.env.get("DENO_COMPILE") || Deno.execPath();
  try {
    runDeno(deno, ["compile", "--quiet", ...FLAGS, "--target", target, "--output", output, main]);
  } catch (error) {
    if (!(error instanceof Error) || !isDownloadFailure(error.message)) throw error;
    throw new Error(`${error.message}\n\n${whatIsMissing(deno, target)}`, { cause: error });
  }
}

// Where DENORT_BIN names a file, nothing is downloaded.
function isDownloadFailure(message: string): boolean {
  return !Deno.env.get("DENORT_BIN") && /base binary|denort/.test(message);
}

function whatIsMissing(deno: string, target: Target): string {
  const { stdout } = new Deno.Command(deno, { args: ["--version"], env: { NO_COLOR: "1" } }).outputSync();
  const version = /deno (\S+)/.exec(new TextDecoder().decode(stdout))?.[1] ?? "";
  return `Missing is Deno's runtime for compiled programs, which could not be downloaded: denort-${target}.zip of the ` +
    `release of Deno ${version}. Get it by another way, unpack it, and name the file: DENORT_BIN=/path/to/denort`;
}

if (import.meta.main) {
  try {
    build(Deno.args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
