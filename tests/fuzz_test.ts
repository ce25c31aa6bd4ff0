/** What `deno task fuzz` does at length, in short. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { TARGETS } from "./fuzz/targets.ts";

const RUNS = 1000;

for (const { name, property } of TARGETS) {
  Deno.test(`${name} holds for ${RUNS} damaged inputs`, async () => {
    await fc.assert(property(), { numRuns: RUNS });
  });
}

Deno.test("Every parser of the sources is fuzzed", () => {
  // For speed parseIntegers() tells damage by NaN; parseProcStat(), which it is there for, makes an error of it.
  const fuzzed = new Set(["parseIntegers()", ...TARGETS.map(({ name }) => name)]);
  const parsers = ["lib", "collectors", "commands"].flatMap(exportedParsers);
  assert.ok(parsers.length > 30);
  assert.deepEqual(parsers.filter((name) => !fuzzed.has(`${name}()`)), []);
});

function exportedParsers(folder: string): string[] {
  const url = new URL(`../${folder}/`, import.meta.url);
  return Array.from(Deno.readDirSync(url)).filter(({ name }) => name.endsWith(".ts")).flatMap(({ name }) => {
    const text = Deno.readTextFileSync(new URL(name, url));
    return Array.from(text.matchAll(/^export function (parse[A-Z]\w*)/gm), ([, parser]) => parser ?? "");
  });
}
