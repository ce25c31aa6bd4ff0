/** What `deno task fuzz` does at length, in short. */

import fc from "fast-check";
import { TARGETS } from "./fuzz/targets.ts";

const RUNS = 1000;

for (const { name, property } of TARGETS) {
  Deno.test(`${name} holds for ${RUNS} damaged inputs`, () => {
    fc.assert(property(), { numRuns: RUNS });
  });
}
