import assert from "node:assert/strict";
import { LoadCollector, parseLoadavg } from "../collectors/load_linux.ts";
import { environmentOf, laptop, readOnce } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

Deno.test("parseLoadavg() reads the three means", () => {
  assert.deepEqual(parseLoadavg("12.05 0.58 0.00 2/1234 45678\n"), [12.05, 0.58, 0]);
});

Deno.test("parseLoadavg() refuses what is cut off or no number", () => {
  assert.throws(() => parseLoadavg("0.52 0.58 0.5"), SyntaxError);
  assert.throws(() => parseLoadavg("0.52 nan 0.59 2/3 4\n"), SyntaxError);
  assert.throws(() => parseLoadavg("0.52\n"), SyntaxError);
});

Deno.test("LoadCollector gives the means by their minutes", async () => {
  const values = await readOnce(new LoadCollector(), environmentOf(laptop()));
  assert.deepEqual([...values], [["system_load1", 0.52], ["system_load5", 0.58], ["system_load15", 0.59]]);
});

testWithFixtures("parseLoadavg() reads every capture", (read) => {
  assert.deepEqual(parseLoadavg(read("linux-proc/jc_loadavg")), [0, 0.01, 0.03]);
  assert.deepEqual(parseLoadavg(read("linux-proc/procfs_loadavg")), [0.02, 0.04, 0.05]);
});
