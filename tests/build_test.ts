/** The bundled program, and how it is compiled and released. */

import assert from "node:assert/strict";
import { V8_FLAGS } from "../scripts/deno.ts";
import { VERSION } from "../lib/version.ts";
import { bundleProgram } from "../scripts/bundle_program.ts";
import { TARGETS } from "../scripts/targets.ts";
import { type Ended, execute } from "./program.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";

const ROOT = new URL("../", import.meta.url);
const DENO = Deno.execPath();

/** The files that are loaded with a file of the bundle, by its static imports. */
function loadedWith(folder: string, name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  const imports = Deno.readTextFileSync(`${folder}/${name}`).matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g);
  for (const [, imported = ""] of imports) loadedWith(folder, imported, seen);
  return seen;
}

function textOf(folder: string, names: Iterable<string>): string {
  return [...names].map((name) => Deno.readTextFileSync(`${folder}/${name}`)).join("\n");
}

Deno.test("bundleProgram() makes a program that runs anywhere, and loads what it needs when it needs it", () =>
  withTemporaryFolder(async (folder) => {
    const dist = `${folder}/dist`;
    bundleProgram(dist);
    const program = [DENO, "run", "-A", "--no-config", "--cached-only", `${dist}/main.js`];
    const { code, stderr } = await execute([...program, "run", "-o", "run", "--", "sh", "-c", "exit 7"], {
      cwd: folder,
    });
    assert.equal(code, 7);
    assert.match(stderr, /^resmon: failed with exit code 7 .* report run\/report\.html\n$/);
    const names = listFolder(dist);
    const run = names.find((name) => name.startsWith("run-"));
    assert.ok(run !== undefined, "the subcommand is a file of its own");
    const text = textOf(dist, [...loadedWith(dist, "main.js"), ...loadedWith(dist, run)]);
    assert.ok(text.includes("posix_spawnp"), "the files were found");
    assert.doesNotMatch(text, /(?:from|import)\s*"node:/, "no part of Node's library is loaded for a run");
    assert.doesNotMatch(text, /Chart\.js v/, "the report's script is loaded only for a report");
  }));

/** Builds with a stand-in for the Deno that compiles, which writes down its arguments. */
async function build(folder: string, args: readonly string[], script: string): Promise<Ended> {
  await Deno.writeTextFile(`${folder}/deno`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const env = { DENO_COMPILE: `${folder}/deno`, DENORT_BIN: "", TOLD: `${folder}/told` };
  return await execute([DENO, "run", "-A", "scripts/build.ts", ...args], { cwd: ROOT, env });
}

Deno.test("deno task build compiles for a target, with permissions, and without a cache that others could replace", () =>
  withTemporaryFolder(async (folder) => {
    const args = ["--target", "aarch64-unknown-linux-gnu", "--output", `${folder}/resmon`];
    const { code, stderr } = await build(folder, args, 'for word; do echo "$word"; done > "$TOLD"');
    assert.equal(code, 0, stderr);
    const told = (await Deno.readTextFile(`${folder}/told`)).trimEnd().split("\n");
    assert.deepEqual(told.slice(0, -1), [
      "compile",
      "--quiet",
      "--allow-all",
      "--no-config",
      "--no-code-cache",
      V8_FLAGS,
      ...args,
    ]);
    assert.match(told.at(-1) ?? "", /\/main\.js$/);
  }));

Deno.test("deno task build says what is missing where Deno's runtime cannot be downloaded, and what to do", () =>
  withTemporaryFolder(async (folder) => {
    const script =
      'case $1 in --version) echo "deno 2.9.6 (stable)" ;; *) echo "error: Setting up base binary." >&2; exit 1 ;; esac';
    const { code, stderr } = await build(folder, ["--target", "x86_64-apple-darwin"], script);
    assert.equal(code, 1);
    assert.match(stderr, /error: Setting up base binary/);
    assert.match(stderr, /could not be downloaded: denort-x86_64-apple-darwin\.zip of the release of Deno 2\.9\.6/);
    assert.match(stderr, /name the file: DENORT_BIN=/);
  }));

Deno.test("deno task build refuses a target that there is not", () =>
  withTemporaryFolder(async (folder) => {
    const { code, stderr } = await build(folder, ["--target", "armv7"], "exit 1");
    assert.equal(code, 1);
    assert.match(stderr, /^Cannot build for "armv7": the targets are x86_64-unknown-linux-gnu, /);
  }));

Deno.test("release.yml builds every target, with the Deno of .dvmrc", async () => {
  const workflow = await Deno.readTextFile(new URL(".github/workflows/release.yml", ROOT));
  const listed = [...workflow.matchAll(/^ +- (\w+-\w+-[\w-]+)$/gm)].map(([, target]) => target);
  assert.deepEqual(listed, TARGETS);
  assert.match(workflow, /deno-version-file: \.dvmrc/);
  assert.match(VERSION, /^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
});
