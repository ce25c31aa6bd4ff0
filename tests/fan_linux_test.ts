import assert from "node:assert/strict";
import { FanCollector } from "../collectors/fan_linux.ts";
import { ArchiveRoot } from "../lib/archive_root.ts";
import { Unavailable } from "../lib/contracts.ts";
import { environmentOf, fixture, laptop, machine, readOnce, valuesNow } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

const HWMON = "/sys/class/hwmon";

Deno.test("FanCollector gives speed and drive of each fan", async () => {
  const values = await readOnce(new FanCollector(), environmentOf(laptop()));
  assert.deepEqual([...values], [
    ['system_fan_rpm{fan="thinkpad"}', 2650],
    ['system_fan_percent{fan="thinkpad"}', 40],
  ]);
});

Deno.test("FanCollector names fans after their labels, and reads a fan without a drive and a drive without a fan", async () => {
  const root = machine({
    [`${HWMON}/hwmon0/name`]: "nct6779\n",
    [`${HWMON}/hwmon0/fan1_input`]: "0\n",
    [`${HWMON}/hwmon0/fan1_label`]: "CPU\n",
    [`${HWMON}/hwmon0/fan2_input`]: "1098\n",
    [`${HWMON}/hwmon0/fan2_min`]: "0\n",
    [`${HWMON}/hwmon0/pwm3`]: "255\n",
    [`${HWMON}/hwmon0/pwm3_enable`]: "5\n",
    [`${HWMON}/hwmon1/name`]: "amdgpu\n",
    [`${HWMON}/hwmon1/fan1_input`]: "900\n",
  });
  assert.deepEqual([...await readOnce(new FanCollector(), environmentOf(root))], [
    ['system_fan_rpm{fan="nct6779 CPU"}', 0],
    ['system_fan_rpm{fan="nct6779 fan2"}', 1098],
    ['system_fan_percent{fan="nct6779 fan3"}', 100],
  ]);
});

Deno.test("FanCollector reads the fans of every generation of Jetson boards", async () => {
  const nano = await readOnce(new FanCollector(), environmentOf(fixture("jetson_nano_l4t32")));
  assert.deepEqual([...nano.values()].map((value) => Math.round(value ?? NaN)), [2210, 47]);
  const orin = await readOnce(new FanCollector(), environmentOf(fixture("jetson_orin_l4t36")));
  assert.equal(orin.get('system_fan_rpm{fan="pwm_tach"}'), 717);
  assert.equal(Math.round(orin.get('system_fan_percent{fan="pwmfan"}') ?? NaN), 21);
});

Deno.test("FanCollector makes gaps of what cannot be", async () => {
  const root = laptop();
  const collector = new FanCollector();
  await collector.open(environmentOf(root));
  root.write(`${HWMON}/hwmon3/fan1_input`, "1350000\n");
  root.write(`${HWMON}/hwmon3/pwm1`, "256\n");
  assert.deepEqual([...valuesNow(collector).values()], [null, null]);
  root.write(`${HWMON}/hwmon3/fan1_input`, "-1\n");
  root.write(`${HWMON}/hwmon3/pwm1`, "");
  assert.deepEqual([...valuesNow(collector).values()], [null, null]);
});

Deno.test("FanCollector says that the machine has none", () => {
  assert.throws(
    () => new FanCollector().open(environmentOf(new ArchiveRoot(""))),
    (error) => error instanceof Unavailable && error.state === "absent",
  );
});

testWithFixtures("FanCollector reads the fans of the captures", async (read) => {
  const root = new ArchiveRoot(read("linux-sysfs/node_exporter_hwmon.tree"));
  assert.deepEqual([...await readOnce(new FanCollector(), environmentOf(root))], [
    ['system_fan_rpm{fan="nct6779"}', 1098],
  ]);
});
