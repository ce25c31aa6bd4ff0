import assert from "node:assert/strict";
import { execute } from "./program.ts";

// Small enough that 50 bytes kept of each tick, or of each process, would end the program.
const HEAP_MIB = 40;

Deno.test("A million ticks with a million short processes fit into the same small heap", async () => {
  const script = new URL("workloads/million_ticks.ts", import.meta.url).pathname;
  const flags = `--v8-flags=--max-old-space-size=${HEAP_MIB},--max-semi-space-size=4`;
  const { code, stdout, stderr } = await execute([Deno.execPath(), "run", "-A", flags, script]);
  assert.equal(code, 0, stderr);
  const { ticks, seen, rows } = JSON.parse(stdout);
  assert.ok(ticks >= 1_000_000 && seen >= 1_000_000, stdout);
  assert.equal(rows, 1000);
});
