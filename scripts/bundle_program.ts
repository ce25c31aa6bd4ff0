import { ROOT, runDeno } from "./deno.ts";

const FOLDER = new URL("dist/", ROOT);

/** Where the bundled program starts: `deno run -A dist/main.js`. */
export const BUNDLE: URL = new URL("main.js", FOLDER);

// What commander imports, and the file that stands in for it.
const REPLACED = /from"node:(?:child_process|events|fs|path|process|util)"/g;
const STANDINS = "node_standins";

/**
 * Bundles resmon into `dist/`, which Deno runs without its sources, dependencies or network. Each subcommand and whatever else
 * is loaded lazily is a file of its own. Throws Error.
 */
export function bundleProgram(): void {
  emptyFolder(FOLDER);
  const options = ["bundle", "--quiet", "--minify"];
  runDeno(Deno.execPath(), [...options, "--code-splitting", "--outdir", FOLDER.pathname, "main.ts"]);
  for (const { name } of Deno.readDirSync(FOLDER)) replaceNodeModules(new URL(name, FOLDER));
  const standins = new URL(`${STANDINS}.js`, FOLDER);
  runDeno(Deno.execPath(), [...options, "--output", standins.pathname, `commands/${STANDINS}.ts`]);
}

function emptyFolder(folder: URL): void {
  Deno.mkdirSync(folder, { recursive: true });
  for (const { name } of Deno.readDirSync(folder)) Deno.removeSync(new URL(name, folder), { recursive: true });
}

function replaceNodeModules(file: URL): void {
  Deno.writeTextFileSync(file, Deno.readTextFileSync(file).replace(REPLACED, `from"./${STANDINS}.js"`));
}
