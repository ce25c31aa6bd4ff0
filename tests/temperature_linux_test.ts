import assert from "node:assert/strict";
import { parseMillidegrees, TemperatureCollector } from "../collectors/temperature_linux.ts";
import { findSensors } from "../collectors/temperature_sensors_linux.ts";
import { ArchiveRoot } from "../lib/archive_root.ts";
import { Unavailable } from "../lib/contracts.ts";
import type { Status } from "../lib/records.ts";
import { environmentOf, laptop, machine, readOnce, valuesNow } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

const HWMON = "/sys/class/hwmon";

function series(sensor: string): string {
  return `system_temperature_celsius{sensor="${sensor}"}`;
}

function sensorNames(root: ArchiveRoot): string[] {
  return findSensors(root, (failure) => assert.fail(failure.reason)).map(({ name }) => name);
}

function link(path: string, target: string): string {
  return `${path}\t->\t${target}`;
}

Deno.test("parseMillidegrees() reads thousandths of a degree, also below zero, and a gated block as off", () => {
  assert.equal(parseMillidegrees("55500\n"), 55.5);
  assert.equal(parseMillidegrees("-4250\n"), -4.25);
  assert.equal(parseMillidegrees("-256000\n"), null);
  assert.throws(() => parseMillidegrees("555"), SyntaxError);
});

Deno.test("findSensors() names after chip and label, and takes the zones that no chip stands for", () => {
  assert.deepEqual(sensorNames(laptop()), [
    "acpitz",
    "nvme Composite",
    "coretemp Package id 0",
    "coretemp Core 0",
    "coretemp Core 1",
    "iwlwifi_1",
  ]);
});

Deno.test("findSensors() tells equal labels apart by device, and unlabelled inputs by number", () => {
  const lines = ["0", "1"].map((n) => link(`${HWMON}/hwmon${n}/device`, `../../../coretemp.${n}`));
  const root = new ArchiveRoot(lines.join("\n"));
  for (const n of ["0", "1"]) {
    root.write(`${HWMON}/hwmon${n}/name`, "coretemp\n");
    root.write(`${HWMON}/hwmon${n}/temp2_input`, "50000\n");
    root.write(`${HWMON}/hwmon${n}/temp2_label`, "Core 0\n");
  }
  root.write(`${HWMON}/hwmon10/name`, "it8728\n");
  root.write(`${HWMON}/hwmon10/temp1_input`, "30000\n");
  root.write(`${HWMON}/hwmon10/temp2_input`, "31000\n");
  assert.deepEqual(sensorNames(root), [
    "coretemp Core 0 (coretemp.0)",
    "coretemp Core 0 (coretemp.1)",
    "it8728 temp1",
    "it8728 temp2",
  ]);
});

Deno.test("findSensors() leaves out the constant of a Jetson's power chip", () => {
  const root = machine({
    "/sys/class/thermal/thermal_zone0/type": "PMIC-Die\n",
    "/sys/class/thermal/thermal_zone0/temp": "100000\n",
    "/sys/class/thermal/thermal_zone1/type": "GPU-therm\n",
    "/sys/class/thermal/thermal_zone1/temp": "40000\n",
  });
  assert.deepEqual(sensorNames(root), ["GPU-therm"]);
});

Deno.test("findSensors() does not wake a device that sleeps, and says so", () => {
  const root = laptop();
  root.write("/sys/class/nvme0/power/runtime_status", "suspended\n");
  const reasons: string[] = [];
  const names = findSensors(root, ({ state, reason }) => reasons.push(`${state}: ${reason}`)).map(({ name }) => name);
  assert.equal(names.includes("nvme Composite"), false);
  assert.match(reasons.join(), /^off: Cannot read \/sys\/class\/hwmon\/hwmon1 without waking its device/);
});

Deno.test("TemperatureCollector gives degrees", async () => {
  const values = await readOnce(new TemperatureCollector(), environmentOf(laptop()));
  assert.equal(values.get(series("nvme Composite")), 38.85);
  assert.equal(values.get(series("iwlwifi_1")), 41);
});

Deno.test("TemperatureCollector gives a gap while a sensor is off, says why, and its value when it is on", async () => {
  const root = laptop();
  const path = "/sys/class/thermal/thermal_zone2/temp";
  root.fail(path, "ENODATA");
  const reported: Omit<Status, "collector">[] = [];
  const collector = new TemperatureCollector();
  const values = await readOnce(collector, environmentOf(root, reported));
  assert.equal(values.get(series("iwlwifi_1")), null);
  assert.deepEqual(
    new Set(reported.map(({ state, reason }) => `${state} ${reason}`)),
    new Set([`off Cannot read ${path}: no data available (ENODATA)`]),
  );
  root.write(path, "39000\n");
  assert.equal(valuesNow(collector).get(series("iwlwifi_1")), 39);
});

Deno.test("TemperatureCollector leaves out a sensor that may not be read", async () => {
  const root = laptop();
  root.fail(`${HWMON}/hwmon1/temp1_input`, "EACCES");
  const reported: Omit<Status, "collector">[] = [];
  const values = await readOnce(new TemperatureCollector(), environmentOf(root, reported));
  assert.equal(values.has(series("nvme Composite")), false);
  assert.equal(reported[0]?.state, "denied");
});

Deno.test("TemperatureCollector looks again when a sensor has gone", async () => {
  const root = laptop();
  const collector = new TemperatureCollector();
  await collector.open(environmentOf(root));
  const before = collector.series.length;
  root.remove(`${HWMON}/hwmon1/temp1_input`);
  assert.equal(valuesNow(collector).get(series("nvme Composite")), null);
  assert.equal(valuesNow(collector).size, before - 1);
});

Deno.test("TemperatureCollector says what a virtual machine lacks", () => {
  assert.throws(
    () => new TemperatureCollector().open(environmentOf(new ArchiveRoot(""))),
    (error) => error instanceof Unavailable && error.state === "absent" && /Virtual machines/.test(error.remedy ?? ""),
  );
});

testWithFixtures("findSensors() names every sensor of the captures once", (read) => {
  const hwmon = sensorNames(new ArchiveRoot(read("linux-sysfs/node_exporter_hwmon.tree")));
  assert.equal(new Set(hwmon).size, hwmon.length);
  assert.ok(hwmon.includes("coretemp Core 0 (coretemp.1)"), hwmon.join());
  assert.ok(hwmon.includes("mt7996_phy0_1"));
  assert.deepEqual(sensorNames(new ArchiveRoot(read("linux-sysfs/procfs_thermal.tree"))), [
    "bcm2835_thermal",
    "acpitz",
  ]);
});
