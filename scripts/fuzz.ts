/**
 * Fuzzes everything that reads what others wrote: `deno task fuzz [--runs N] [--seed N] [NAME]`. What fails is told with its
 * seed and the smallest input that shows it.
 */

import { parseArgs } from "node:util";
import fc from "fast-check";
import { parseCount } from "../lib/parse.ts";
import { TARGETS } from "../tests/fuzz/targets.ts";

const { values, positionals } = parseArgs({
  options: {
    runs: { type: "string", default: "100000" },
    seed: { type: "string", default: `${Date.now() % 2 ** 31}` },
  },
  allowPositionals: true,
});
const numRuns = parseCount(values.runs, "--runs");
const seed = parseCount(values.seed, "--seed");
const targets = TARGETS.filter(({ name }) => positionals.every((part) => name.includes(part)));

let failures = 0;
for (const { name, property } of targets) {
  const start = performance.now();
  const details = await fc.check(property(), { numRuns, seed });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${details.failed ? "FAILED" : "ok"}  ${name}: ${details.numRuns} inputs in ${seconds} s`);
  if (!details.failed) continue;
  failures++;
  console.error(fc.defaultReportMessage(details), details.errorInstance);
}
console.log(`${targets.length} targets, ${failures} failed; seed ${seed}`);
if (failures > 0 || targets.length === 0) Deno.exit(1);
