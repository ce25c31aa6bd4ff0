/**
 * Builds the npm package, ready for `npm pack`: the marks for Deno and Node, and the program, which the package `deno` runs. Usage:
 *
 *   deno task npm [FOLDER]   into dist/npm unless a folder is given, which is emptied
 */
import { VERSION } from "../lib/version.ts";
import { bundleProgram } from "./bundle_program.ts";
import { writeDeclarations } from "./declarations.ts";
import { ROOT, runDeno } from "./deno.ts";

const CLIENT = "clients/typescript";
// What a program sees; the rest is inside.
const PUBLIC = ["mod", "marks", "monitor", "phase", "progress"];
const BIN = "bin.js";

function buildPackage(folder: string): void {
  Deno.mkdirSync(folder, { recursive: true });
  for (const { name } of Deno.readDirSync(folder)) Deno.removeSync(`${folder}/${name}`, { recursive: true });
  bundleProgram(`${folder}/program`);
  const entries = ["deno", "node", "bin"].map((name) => `${CLIENT}/${name}.ts`);
  runDeno(Deno.execPath(), ["bundle", "--quiet", "--outdir", folder, ...entries]);
  makeExecutable(`${folder}/${BIN}`);
  writeDeclarations(PUBLIC.map((name) => new URL(`${CLIENT}/${name}.ts`, ROOT).pathname), folder);
  Deno.writeTextFileSync(`${folder}/package.json`, `${JSON.stringify(describePackage(), undefined, 2)}\n`);
  Deno.copyFileSync(new URL(`${CLIENT}/README.md`, ROOT), `${folder}/README.md`);
  Deno.copyFileSync(new URL("LICENSE", ROOT), `${folder}/LICENSE`);
}

function makeExecutable(path: string): void {
  Deno.writeTextFileSync(path, `#!/usr/bin/env node\n${Deno.readTextFileSync(path)}`);
  Deno.chmodSync(path, 0o755);
}

function describePackage(): unknown {
  const deno = Deno.readTextFileSync(new URL(".dvmrc", ROOT)).trim();
  return {
    name: "resmon",
    version: VERSION,
    description: "Tells what a program really used: CPU, memory, I/O, processes, GPUs, power",
    license: "MIT",
    type: "module",
    sideEffects: false,
    exports: { ".": { types: "./mod.d.ts", deno: "./deno.js", default: "./node.js" } },
    types: "./mod.d.ts",
    bin: { resmon: BIN },
    files: ["*.js", "*.d.ts", "program"],
    engines: { node: ">=18.18" },
    dependencies: { deno: `^${deno}` },
  };
}

if (import.meta.main) {
  const [folder = new URL("dist/npm", ROOT).pathname] = Deno.args;
  buildPackage(folder);
  console.log(folder);
}
