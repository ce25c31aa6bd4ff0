import assert from "node:assert/strict";
import { CpuFrequencyCollector, parseAffectedCpus, parseScalingFrequency } from "../collectors/cpu_frequency_linux.ts";
import { affordablePeriod } from "../collectors/pace.ts";
import { ArchiveRoot } from "../lib/archive_root.ts";
import { Unavailable } from "../lib/contracts.ts";
import { environmentOf, laptop, machine, readOnce, valuesNow } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

function series(cpu: number): string {
  return `system_cpu_frequency_hertz{cpu="${cpu}"}`;
}

Deno.test("parseScalingFrequency() reads kHz as Hz, and <unknown> as a gap", () => {
  assert.equal(parseScalingFrequency("2400000\n"), 2.4e9);
  assert.equal(parseScalingFrequency("<unknown>\n"), null);
  assert.throws(() => parseScalingFrequency("24000"), SyntaxError);
  assert.throws(() => parseScalingFrequency("<unsupported>\n"), SyntaxError);
});

Deno.test("parseAffectedCpus() reads none, and several with a blank after them", () => {
  assert.deepEqual(parseAffectedCpus("\n"), []);
  assert.deepEqual(parseAffectedCpus("0 1 12 \n"), ["0", "1", "12"]);
});

Deno.test("CpuFrequencyCollector gives a policy's clock to each of its CPUs, and nothing for an offline one", async () => {
  const values = await readOnce(new CpuFrequencyCollector(), environmentOf(laptop()));
  assert.deepEqual([...values], [[series(0), 2.4e9], [series(1), 2.4e9], [series(3), 8e8]]);
});

Deno.test("CpuFrequencyCollector follows CPUs that go offline and come back", async () => {
  const root = laptop();
  const collector = new CpuFrequencyCollector();
  await collector.open(environmentOf(root));
  root.write("/sys/devices/system/cpu/online", "0,3\n");
  root.write("/sys/devices/system/cpu/cpufreq/policy0/affected_cpus", "0\n");
  assert.deepEqual([...valuesNow(collector).keys()], [series(0), series(3)]);
  root.write("/sys/devices/system/cpu/online", "0,2-3\n");
  root.write("/sys/devices/system/cpu/cpufreq/policy2/affected_cpus", "2\n");
  root.write("/sys/devices/system/cpu/cpufreq/policy2/scaling_cur_freq", "1000000\n");
  assert.deepEqual([...valuesNow(collector).keys()], [series(0), series(2), series(3)]);
});

Deno.test("CpuFrequencyCollector says what a virtual machine lacks", () => {
  const root = machine({ "/sys/devices/system/cpu/online": "0-1\n" });
  assert.throws(
    () => new CpuFrequencyCollector().open(environmentOf(root)),
    (error) => error instanceof Unavailable && error.state === "absent" && /Virtual machines/.test(error.remedy ?? ""),
  );
});

Deno.test("affordablePeriod() leaves cheap sources to the interval and spaces slow ones out", () => {
  assert.equal(affordablePeriod(0.0001, 1), undefined);
  assert.equal(affordablePeriod(0.02, 1), 4);
});

testWithFixtures("CpuFrequencyCollector reads the big and little cores of a phone", async (read) => {
  const root = new ArchiveRoot(read("linux-sysfs/arm_bigLITTLE_A510-A710-A715-X3_cpu.tree"));
  const values = await readOnce(new CpuFrequencyCollector(), environmentOf(root));
  const little = [0, 1, 2].map((cpu) => [series(cpu), 1_017_600_000]);
  const big = [3, 4, 5, 6].map((cpu) => [series(cpu), 1_056_000_000]);
  assert.deepEqual([...values], [...little, ...big, [series(7), 864_000_000]]);
});
