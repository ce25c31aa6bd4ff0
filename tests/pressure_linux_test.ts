import assert from "node:assert/strict";
import { parsePressure, PressureCollector } from "../collectors/pressure_linux.ts";
import { Unavailable } from "../lib/contracts.ts";
import type { Status } from "../lib/records.ts";
import { environmentOf, laptop, machine, readOnce, valuesNow } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

function series(resource: string, kind: string): string {
  return `system_pressure_seconds_total{resource="${resource}",kind="${kind}"}`;
}

Deno.test("parsePressure() reads microseconds as seconds", () => {
  const text =
    "some avg10=0.10 avg60=2.00 avg300=3.85 total=1500000\nfull avg10=0.20 avg60=3.00 avg300=4.95 total=25\n";
  assert.deepEqual([...parsePressure(text)], [["some", 1.5], ["full", 0.000025]]);
});

Deno.test("parsePressure() reads a file without full, as the CPU's before Linux 5.13", () => {
  assert.deepEqual([...parsePressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=15\n")], [["some", 0.000015]]);
});

Deno.test("parsePressure() refuses what is cut off and what has no total", () => {
  assert.throws(() => parsePressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=15"), SyntaxError);
  assert.throws(() => parsePressure("some avg10=0.00\n"), /total of some in pressure: missing/);
  assert.throws(() => parsePressure("\n"), /some is missing/);
});

Deno.test("PressureCollector leaves out full of the CPU", async () => {
  const values = await readOnce(new PressureCollector(), environmentOf(laptop()));
  assert.deepEqual([...values], [
    [series("cpu", "some"), 1.5],
    [series("memory", "some"), 0.25],
    [series("memory", "full"), 0.2],
    [series("io", "some"), 0.75],
    [series("io", "full"), 0.7],
  ]);
});

Deno.test("PressureCollector is off on a kernel that was booted without PSI", () => {
  const root = laptop();
  for (const resource of ["cpu", "memory", "io"]) root.fail(`/proc/pressure/${resource}`, "EOPNOTSUPP");
  assert.throws(
    () => new PressureCollector().open(environmentOf(root)),
    (error) => error instanceof Unavailable && error.state === "off" && /psi=1/.test(error.remedy ?? ""),
  );
});

Deno.test("PressureCollector is absent on a kernel without PSI", () => {
  assert.throws(
    () => new PressureCollector().open(environmentOf(machine({ "/proc/stat": "" }))),
    (error) => error instanceof Unavailable && error.state === "absent" && /\/proc\/pressure\/cpu/.test(error.message),
  );
});

Deno.test("PressureCollector says which file is missing, and gives a gap for the one that fails later", async () => {
  const root = laptop();
  root.fail("/proc/pressure/io", "EACCES");
  const reported: Omit<Status, "collector">[] = [];
  const collector = new PressureCollector();
  await readOnce(collector, environmentOf(root, reported));
  assert.deepEqual(reported.map(({ state, reason }) => [state, reason]), [
    ["denied", "Cannot read /proc/pressure/io: permission denied (EACCES)"],
  ]);
  root.write("/proc/pressure/cpu", "some avg10");
  const values = valuesNow(collector);
  assert.equal(values.get(series("cpu", "some")), null);
  assert.equal(values.get(series("memory", "some")), 0.25);
});

testWithFixtures("parsePressure() reads every capture", (read) => {
  for (const resource of ["cpu", "memory", "io"]) {
    assert.equal(parsePressure(read(`linux-proc/procfs_pressure_${resource}`)).get("some"), 0.000015);
    assert.ok(parsePressure(read(`linux-proc/local_linux6.18/pressure_${resource}`)).has("full"));
  }
});
