import { runDeno } from "./deno.ts";

// What commander imports, and the file that stands in for it.
const REPLACED = /from"node:(?:child_process|events|fs|path|process|util)"/g;
const STANDINS = "node_standins";

/**
 * Bundles resmon into an empty folder, from which Deno runs `main.js` without sources, dependencies or network. Each subcommand
 * and whatever else is loaded lazily is a file of its own. Throws Error.
 */
export function bundleProgram(folder: string): void {
  const options = ["bundle", "--quiet", "--minify"];
  runDeno(Deno.execPath(), [...options, "--code-splitting", "--outdir", folder, "main.ts"]);
  for (const { name } of Deno.readDirSync(folder)) replaceNodeModules(`${folder}/${name}`);
  runDeno(Deno.execPath(), [...options, "--output", `${folder}/${STANDINS}.js`, `commands/${STANDINS}.ts`]);
}

function replaceNodeModules(path: string): void {
  Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace(REPLACED, `from"./${STANDINS}.js"`));
}
