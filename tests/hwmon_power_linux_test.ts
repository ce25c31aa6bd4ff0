import assert from "node:assert/strict";
import { HwmonPowerCollector } from "../collectors/hwmon_power_linux.ts";
import { ArchiveRoot } from "../lib/archive_root.ts";
import { Unavailable } from "../lib/contracts.ts";
import type { Status } from "../lib/records.ts";
import { environmentOf, fixture, laptop, machine, readOnce, valuesNow } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

const HWMON = "/sys/class/hwmon";

function power(device: string, rail: string): string {
  return `power_watts{device="${device}",rail="${rail}",scope="device"}`;
}

Deno.test("HwmonPowerCollector gives watts and joules of one rail under one name, and not the battery's", async () => {
  const values = await readOnce(new HwmonPowerCollector(), environmentOf(laptop()));
  assert.deepEqual([...values], [
    [power("ltc2947", "USB-C"), 21.5],
    [power("ltc2947", "USB-C").replace("power_watts", "power_energy_joules_total"), 345],
  ]);
});

Deno.test("HwmonPowerCollector takes the average where there is no current value, and labels apart", async () => {
  const values = await readOnce(
    new HwmonPowerCollector(),
    environmentOf(machine({
      [`${HWMON}/hwmon0/name`]: "power_meter\n",
      [`${HWMON}/hwmon0/power1_average`]: "90000000\n",
      [`${HWMON}/hwmon1/name`]: "corsairpsu\n",
      [`${HWMON}/hwmon1/power1_input`]: "1000000\n",
      [`${HWMON}/hwmon1/power1_average`]: "9000000\n",
      [`${HWMON}/hwmon1/power1_label`]: "power\n",
      [`${HWMON}/hwmon1/power2_input`]: "2000000\n",
      [`${HWMON}/hwmon1/power2_label`]: "power\n",
      [`${HWMON}/hwmon2/name`]: "corsairpsu\n",
      [`${HWMON}/hwmon2/power1_input`]: "3000000\n",
    })),
  );
  assert.deepEqual([...values], [
    [power("power_meter", "power1"), 90],
    [power("corsairpsu (hwmon1)", "power power1"), 1],
    [power("corsairpsu (hwmon1)", "power power2"), 2],
    [power("corsairpsu (hwmon2)", "power1"), 3],
  ]);
});

Deno.test("HwmonPowerCollector leaves GPUs and the rails of a Jetson to their own collectors", async () => {
  for (const name of ["amdgpu", "i915", "xe"]) {
    const root = machine({ [`${HWMON}/hwmon0/name`]: `${name}\n`, [`${HWMON}/hwmon0/power1_input`]: "1\n" });
    assert.throws(() => new HwmonPowerCollector().open(environmentOf(root)), Unavailable);
  }
  assert.throws(() => new HwmonPowerCollector().open(environmentOf(fixture("jetson_thor_l4t38"))), Unavailable);
  const meter = new ArchiveRoot(`${HWMON}/hwmon0/device\t->\t../../../1-0044`);
  meter.write("/sys/bus/i2c/devices/1-0044/name", "ina238\n");
  meter.write(`${HWMON}/hwmon0/name`, "ina238\n");
  meter.write(`${HWMON}/hwmon0/power1_input`, "5000000\n");
  assert.equal((await readOnce(new HwmonPowerCollector(), environmentOf(meter))).get(power("ina238", "power1")), 5);
});

Deno.test("HwmonPowerCollector finds a chip again that has got another number", async () => {
  const root = laptop();
  const collector = new HwmonPowerCollector();
  await collector.open(environmentOf(root));
  for (const file of ["name", "power1_input", "power1_label", "energy1_input"]) {
    root.write(`${HWMON}/hwmon9/${file}`, root.read(`${HWMON}/hwmon4/${file}`));
    root.remove(`${HWMON}/hwmon4/${file}`);
  }
  assert.deepEqual([...valuesNow(collector).values()], [null, null]);
  assert.equal(valuesNow(collector).get(power("ltc2947", "USB-C")), 21.5);
});

for (const fault of ["EAGAIN", "ENODATA", "EIO"]) {
  Deno.test(`HwmonPowerCollector gives a gap while a read gives ${fault}, and says so`, async () => {
    const root = laptop();
    const reported: Omit<Status, "collector">[] = [];
    const collector = new HwmonPowerCollector();
    await collector.open(environmentOf(root, reported));
    root.fail(`${HWMON}/hwmon4/power1_input`, fault);
    assert.deepEqual([...valuesNow(collector).values()], [null, 345]);
    assert.deepEqual(reported[0]?.metrics, ["power_watts"]);
    assert.equal(reported[0]?.state, fault === "EIO" ? "unsupported" : "off");
    root.write(`${HWMON}/hwmon4/power1_input`, "22000000\n");
    assert.deepEqual([...valuesNow(collector).values()], [22, 345]);
  });
}

for (const lie of ["", "2150", "18446744073709551615\n", "-200000000\n", "NaN\n"]) {
  Deno.test(`HwmonPowerCollector makes a gap of ${JSON.stringify(lie)}`, async () => {
    const root = laptop();
    const collector = new HwmonPowerCollector();
    await collector.open(environmentOf(root));
    root.write(`${HWMON}/hwmon4/power1_input`, lie);
    assert.deepEqual([...valuesNow(collector).values()], [null, 345]);
  });
}

Deno.test("HwmonPowerCollector says that what it found is denied", () => {
  const root = laptop();
  root.fail(`${HWMON}/hwmon4/power1_input`, "EACCES");
  root.fail(`${HWMON}/hwmon4/energy1_input`, "EACCES");
  assert.throws(
    () => new HwmonPowerCollector().open(environmentOf(root)),
    (error) => error instanceof Unavailable && error.state === "denied",
  );
});

testWithFixtures("HwmonPowerCollector finds no power in the captures of hwmon, which have none", (read) => {
  const root = new ArchiveRoot(read("linux-sysfs/node_exporter_hwmon.tree"));
  assert.throws(() => new HwmonPowerCollector().open(environmentOf(root)), Unavailable);
});
