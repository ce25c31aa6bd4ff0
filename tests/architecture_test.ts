/** The rules of the house that a test can hold: who imports whom, and where numbers are parsed. */

import assert from "node:assert/strict";

const ROOT = new URL("../", import.meta.url);
const FOLDERS = ["lib", "collectors", "sinks", "commands", "report", "scripts", "clients"] as const;

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  lib: ["lib"],
  collectors: ["collectors", "lib"],
  sinks: ["sinks", "lib", "report"],
  report: ["report", "lib"],
  commands: ["commands", "collectors", "sinks", "lib"],
  clients: ["clients", "lib"],
  scripts: ["scripts", "lib", "collectors", "sinks", "report", "tests"],
};

interface Source {
  readonly path: string;
  readonly text: string;
}

function* sources(folder: string): Generator<Source> {
  for (const entry of Deno.readDirSync(new URL(`${folder}/`, ROOT))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* sources(path);
    else if (entry.name.endsWith(".ts")) yield { path, text: Deno.readTextFileSync(new URL(path, ROOT)) };
  }
}

function allSources(): Source[] {
  return FOLDERS.flatMap((folder) => [...sources(folder)]);
}

function importsOf({ path, text }: Source): string[] {
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map((match) => match[1] ?? "");
  return specifiers.map((specifier) => new URL(specifier, new URL(path, ROOT)).pathname.slice(ROOT.pathname.length));
}

Deno.test("Each room imports only from the rooms that it may import from", () => {
  const found = allSources();
  assert.ok(found.length > 50, "the sources were found");
  for (const source of found) {
    const room = source.path.split("/")[0] ?? "";
    for (const imported of importsOf(source)) {
      const other = imported.split("/")[0] ?? "";
      assert.ok(MAY_IMPORT[room]?.includes(other), `${source.path} must not import ${imported}`);
    }
  }
});

Deno.test("Collectors and sinks do not import each other's files beside mod.ts", () => {
  for (const source of sources("collectors")) {
    assert.ok(!importsOf(source).some((path) => path.startsWith("sinks/")), source.path);
  }
});

Deno.test("libc and NVML are opened in one file each", () => {
  const openers = allSources().filter(({ text }) => text.includes("Deno.dlopen(")).map(({ path }) => path).sort();
  assert.deepEqual(openers, ["lib/ffi/libc.ts", "lib/ffi/nvml.ts"]);
});

Deno.test("Texts become numbers in lib/parse.ts only", () => {
  const offenders = allSources().filter(({ path, text }) => {
    // Number(bigint) of FFI is no parsing: it stands in files that say so by what they convert.
    const calls = [...text.matchAll(/\bNumber\(([^()]*)/g)].map((match) => match[1] ?? "");
    return path !== "lib/parse.ts" &&
      calls.some((argument) => !/view|limit|raised|big|get(?:Big)?U?[iI]nt/i.test(argument));
  });
  assert.deepEqual(offenders.map(({ path }) => path), []);
});

Deno.test("The program uses none of Node's modules that its bundle replaces for commander", () => {
  const replaced = /from "node:(?:child_process|events|fs|path|process|util)"/;
  const users = ["lib", "collectors", "sinks", "commands"].flatMap((folder) => [...sources(folder)])
    .filter(({ text }) => replaced.test(text)).map(({ path }) => path);
  assert.deepEqual(users, []);
});

Deno.test("No file is longer than 350 lines", () => {
  const long = allSources().filter(({ text, path }) => text.split("\n").length > 350 && path !== "lib/metrics.ts");
  assert.deepEqual(long.map(({ path }) => path), []);
});
