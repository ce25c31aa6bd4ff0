import { runDeno } from "./deno.ts";

// What commander imports, and the file that stands in for it.
const REPLACED = /from"node:(?:child_process|events|fs|path|process|util)"/g;
const STANDINS = "node_standins";

// V8 compiles the functions of a file with this first line when it loads the file, and not one by one when they are called.
// That lets Deno keep them compiled for the next start: a quarter of the time of `resmon run true`.
const COMPILE_AT_ONCE = "//# allFunctionsCalledOnLoad\n";

/**
 * Bundles resmon into an empty folder, from which Deno runs `main.js` without sources, dependencies or network. Each subcommand
 * and whatever else is loaded lazily is a file of its own. Throws Error.
 */
export function bundleProgram(folder: string): void {
  const options = ["bundle", "--quiet", "--minify"];
  runDeno(Deno.execPath(), [...options, "--code-splitting", "--outdir", folder, "main.ts"]);
  for (const { name } of Deno.readDirSync(folder)) finish(`${folder}/${name}`);
  runDeno(Deno.execPath(), [...options, "--output", `${folder}/${STANDINS}.js`, `commands/${STANDINS}.ts`]);
}

function finish(path: string): void {
  const text = Deno.readTextFileSync(path).replace(REPLACED, `from"./${STANDINS}.js"`);
  Deno.writeTextFileSync(path, COMPILE_AT_ONCE + text);
}
