import assert from "node:assert/strict";
import { BatteryCollector, parseBatteryPower, parseBatteryState } from "../collectors/battery_linux.ts";
import { ArchiveRoot } from "../lib/archive_root.ts";
import { Unavailable } from "../lib/contracts.ts";
import { environmentOf, laptop, readOnce, valuesNow } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

const BATTERY = "/sys/class/power_supply/BAT0";
const CHARGE = 'battery_charge_percent{battery="BAT0"}';
const DISCHARGING = 'battery_discharging{battery="BAT0"}';
const POWER = 'power_watts{device="BAT0",rail="battery",scope="machine"}';

Deno.test("BatteryCollector tells the charge, and what the machine draws from the battery, but not of a mouse", async () => {
  const values = await readOnce(new BatteryCollector(), environmentOf(laptop()));
  assert.deepEqual([...values], [[CHARGE, 83], [DISCHARGING, 1], [POWER, 17.25]]);
});

Deno.test("BatteryCollector knows no power of the machine unless the battery discharges", async () => {
  const root = laptop();
  const collector = new BatteryCollector();
  await collector.open(environmentOf(root));
  for (const state of ["Charging", "Full", "Not charging"]) {
    root.write(`${BATTERY}/status`, `${state}\n`);
    assert.deepEqual([...valuesNow(collector).values()], [83, 0, null]);
  }
  root.write(`${BATTERY}/status`, "Unknown\n");
  assert.deepEqual([...valuesNow(collector).values()], [83, null, null]);
  root.write(`${BATTERY}/status`, "Discharging\n");
  root.write(`${BATTERY}/power_now`, "0\n");
  assert.deepEqual([...valuesNow(collector).values()], [83, 1, null]);
});

Deno.test("BatteryCollector multiplies current and voltage where there is no power, whatever the sign", async () => {
  for (const current of ["1500000\n", "-1500000\n"]) {
    const root = laptop();
    root.remove(`${BATTERY}/power_now`);
    root.write(`${BATTERY}/current_now`, current);
    assert.equal((await readOnce(new BatteryCollector(), environmentOf(root))).get(POWER), 23.46);
  }
});

Deno.test("BatteryCollector leaves out supplies of USB ports, and empty bays", async () => {
  const root = laptop();
  for (const other of ["ucsi-source-psy-1-00081", "BAT1"]) {
    const folder = `/sys/class/power_supply/${other}`;
    const files = { type: "Battery", capacity: "50", status: "Discharging", power_now: "1000000" };
    for (const [file, text] of Object.entries(files)) root.write(`${folder}/${file}`, `${text}\n`);
  }
  root.write("/sys/class/power_supply/BAT1/present", "0\n");
  assert.equal((await readOnce(new BatteryCollector(), environmentOf(root))).size, 3);
});

Deno.test("BatteryCollector makes gaps of what cannot be", async () => {
  const root = laptop();
  const collector = new BatteryCollector();
  await collector.open(environmentOf(root));
  const lies: readonly [file: string, text: string, series: string][] = [
    ["capacity", "101\n", CHARGE],
    ["capacity", "-1\n", CHARGE],
    ["status", "Melting\n", DISCHARGING],
    ["power_now", "99999999999999\n", POWER],
    ["power_now", "", POWER],
  ];
  for (const [file, text, series] of lies) {
    const whole = root.read(`${BATTERY}/${file}`);
    root.write(`${BATTERY}/${file}`, text);
    assert.equal(valuesNow(collector).get(series), null, text);
    root.write(`${BATTERY}/${file}`, whole);
  }
});

Deno.test("BatteryCollector says that the machine has none", () => {
  assert.throws(
    () => new BatteryCollector().open(environmentOf(new ArchiveRoot(""))),
    (error) => error instanceof Unavailable && error.state === "absent",
  );
});

Deno.test("parseBatteryState() tells discharging from everything else, and what nobody knows", () => {
  assert.deepEqual(["Discharging\n", "Full\n", "Unknown\n"].map(parseBatteryState), [1, 0, null]);
  assert.throws(() => parseBatteryState("Discharging"), SyntaxError);
});

Deno.test("parseBatteryPower() reads microwatts, or microvolts and microamperes", () => {
  assert.equal(parseBatteryPower("4830000\n"), 4.83);
  assert.equal(parseBatteryPower("12229000\n", "-1000000\n"), 12.229);
});

testWithFixtures("BatteryCollector reads the battery of the captures", async (read) => {
  const root = new ArchiveRoot(read("linux-sysfs/procfs_power_supply.tree"));
  const values = await readOnce(new BatteryCollector(), environmentOf(root));
  assert.deepEqual([...values], [[CHARGE, 98], [DISCHARGING, 1], [POWER, 4.83]]);
});
