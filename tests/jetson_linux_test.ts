/** What sysfs tells of Jetson boards: rails, GPU, memory controller. */

import assert from "node:assert/strict";
import { findTegra } from "../collectors/jetson_board_linux.ts";
import { JetsonEmcCollector, parseEmcActivity } from "../collectors/jetson_emc_linux.ts";
import { JetsonGpuCollector } from "../collectors/jetson_gpu_linux.ts";
import { JetsonPowerCollector } from "../collectors/jetson_power_linux.ts";
import { railScopes } from "../collectors/jetson_rails.ts";
import { ArchiveRoot } from "../lib/archive_root.ts";
import { Unavailable } from "../lib/contracts.ts";
import type { Device, Status } from "../lib/records.ts";
import { environmentOf, fixture, laptop, machine, readOnce, valuesNow } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

const ORIN = "/sys/bus/i2c/drivers/ina3221/1-0040/hwmon/hwmon1";

function power(rail: string, scope: string): string {
  return `power_watts{device="module",rail="${rail}",scope="${scope}"}`;
}

function rails(root: ArchiveRoot, reported: Omit<Status, "collector">[] = []): Promise<Map<string, number | null>> {
  return readOnce(new JetsonPowerCollector(), environmentOf(root, reported));
}

Deno.test("JetsonPowerCollector reads NVIDIA's driver in mW, the first rail being all of the module", async () => {
  assert.deepEqual([...await rails(fixture("jetson_nano_l4t32"))], [
    [power("POM_5V_IN", "module"), 2.415],
    [power("POM_5V_GPU", "rail"), 0.401],
    [power("POM_5V_CPU", "rail"), 0.723],
  ]);
});

Deno.test("JetsonPowerCollector multiplies mV and mA of the kernel's driver, on two chips, without shunts and NC", async () => {
  assert.deepEqual([...await rails(fixture("jetson_orin_l4t36"))], [
    [power("VDD_GPU_SOC", "module"), 11.208],
    [power("VDD_CPU_CV", "module"), 3.204],
    [power("VIN_SYS_5V0", "module"), 5.9616],
    [power("VDDQ_VDD2_1V8AO", "rail"), 1.19232],
  ]);
});

Deno.test("JetsonPowerCollector takes Thor's module from its INA238 in µW, and keeps a rail below zero", async () => {
  assert.deepEqual([...await rails(fixture("jetson_thor_l4t38"))], [
    [power("VDD_GPU", "rail"), -0.384],
    [power("VDD_CPU_SOC_MSS", "rail"), 5.88],
    [power("VIN_SYS_5V0", "rail"), 5.630976],
    [power("VIN", "module"), 19.78],
  ]);
});

Deno.test("JetsonPowerCollector keeps two rails of one name apart, and counts one of them as the module", async () => {
  const root = fixture("jetson_nano_l4t32");
  root.write("/sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0/rail_name_2", "POM_5V_IN\n");
  assert.deepEqual([...await rails(root)], [
    [power("POM_5V_IN (6-0040 channel 0)", "module"), 2.415],
    [power("POM_5V_GPU", "rail"), 0.401],
    [power("POM_5V_IN (6-0040 channel 2)", "rail"), 0.723],
  ]);
});

Deno.test("JetsonPowerCollector gives a gap while a rail is off, and its value when it is on", async () => {
  const root = fixture("jetson_orin_l4t36");
  root.fail(`${ORIN}/in1_input`, "ENODATA");
  const reported: Omit<Status, "collector">[] = [];
  const collector = new JetsonPowerCollector();
  const values = await readOnce(collector, environmentOf(root, reported));
  assert.equal(values.get(power("VDD_GPU_SOC", "module")), null);
  assert.equal(reported[0]?.state, "off");
  root.write(`${ORIN}/in1_input`, "12000\n");
  assert.equal(valuesNow(collector).get(power("VDD_GPU_SOC", "module")), 11.208);
});

Deno.test("JetsonPowerCollector leaves out a channel that is disabled", async () => {
  const root = fixture("jetson_orin_l4t36");
  root.write(`${ORIN}/in3_enable`, "0\n");
  assert.deepEqual([...(await rails(root)).keys()], [
    power("VDD_GPU_SOC", "device"),
    power("VDD_CPU_CV", "device"),
    power("VDDQ_VDD2_1V8AO", "device"),
  ]);
});

Deno.test("JetsonPowerCollector says so where the rails are for root only", () => {
  const root = fixture("jetson_nano_l4t32");
  for (const channel of ["0", "1", "2"]) {
    root.fail(`/sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0/rail_name_${channel}`, "EACCES");
  }
  assert.throws(
    () => new JetsonPowerCollector().open(environmentOf(root)),
    (error) => error instanceof Unavailable && error.state === "denied" && /as root/.test(error.remedy ?? ""),
  );
});

Deno.test("JetsonPowerCollector finds its chip again under another number, and says that other machines have none", async () => {
  const root = fixture("jetson_orin_l4t36");
  const collector = new JetsonPowerCollector();
  await collector.open(environmentOf(root));
  for (const file of ["in1_label", "in1_input", "curr1_input"]) {
    root.write(`${ORIN.replace("hwmon1", "hwmon7")}/${file}`, root.read(`${ORIN}/${file}`));
  }
  for (const file of root.list(ORIN)) root.remove(`${ORIN}/${file}`);
  valuesNow(collector);
  assert.equal(valuesNow(collector).get(power("VDD_GPU_SOC", "device")), 11.208);
  assert.throws(
    () => new JetsonPowerCollector().open(environmentOf(laptop())),
    (error) => error instanceof Unavailable && error.state === "absent",
  );
});

for (const lie of ["", "120", "99999999999\n", "NaN\n"]) {
  Deno.test(`JetsonPowerCollector makes a gap of ${JSON.stringify(lie)}`, async () => {
    const root = fixture("jetson_orin_l4t36");
    const collector = new JetsonPowerCollector();
    await collector.open(environmentOf(root));
    root.write(`${ORIN}/in1_input`, lie);
    assert.deepEqual([...valuesNow(collector).values()].slice(0, 2), [null, 3.204]);
  });
}

Deno.test("railScopes() never adds a module to its parts, nor parts to a sum that is not known", () => {
  assert.deepEqual(railScopes(["VDD_IN", "VDD_SOC"]), ["module", "rail"]);
  assert.deepEqual(railScopes(["GPU", "CPU", "SOC", "CV", "VDDRQ", "SYS5V"]), Array(6).fill("module"));
  assert.deepEqual(railScopes(["VDD_GPU", "VDD_CPU_SOC_MSS", "VIN_SYS_5V0"]), Array(3).fill("device"));
});

Deno.test("JetsonGpuCollector reads the load in tenths of a percent, always, and introduces the GPU", async () => {
  const devices: Device[] = [];
  const environment = environmentOf(fixture("jetson_nano_l4t32"));
  const collector = new JetsonGpuCollector();
  const values = await readOnce(collector, { ...environment, introduce: (device) => devices.push(device) });
  assert.deepEqual([...values], [
    ['gpu_utilization_percent{gpu="0"}', 43.5],
    ['gpu_clock_hertz{gpu="0",clock="graphics"}', 921_600_000],
  ]);
  const attributes = { integrated: "yes", l4t: "32.7.4" };
  assert.deepEqual(devices, [{ label: "gpu", id: "0", name: "NVIDIA Jetson Nano Developer Kit GPU", attributes }]);
});

Deno.test("JetsonGpuCollector reads a small load as one, and refuses one that cannot be", async () => {
  const root = fixture("jetson_orin_l4t36");
  const collector = new JetsonGpuCollector();
  await collector.open(environmentOf(root));
  const texts: readonly (readonly [string, number | null])[] = [["7\n", 0.7], ["1000\n", 100], ["1001\n", null], [
    "",
    null,
  ]];
  for (const [text, value] of texts) {
    root.write("/sys/devices/platform/bus@0/17000000.gpu/load", text);
    assert.equal(valuesNow(collector).get('gpu_utilization_percent{gpu="0"}'), value);
  }
});

Deno.test("JetsonGpuCollector gives clocks where there is no load, as on Thor", async () => {
  const values = await readOnce(new JetsonGpuCollector(), environmentOf(fixture("jetson_thor_l4t38")));
  assert.deepEqual([...values], [
    ['gpu_clock_hertz{gpu="0",clock="gpc0"}', 1_574_000_000],
    ['gpu_clock_hertz{gpu="0",clock="nvd0"}', 1_692_000_000],
  ]);
});

Deno.test("JetsonEmcCollector gives clock and use where debugfs is open, and the clock alone on Thor", async () => {
  const orin = await readOnce(new JetsonEmcCollector(), environmentOf(fixture("jetson_orin_l4t36")));
  assert.deepEqual([...orin], [["system_emc_hertz", 3.199e9], ["system_emc_utilization_percent", 12]]);
  const thor = await readOnce(new JetsonEmcCollector(), environmentOf(fixture("jetson_thor_l4t38")));
  assert.deepEqual([...thor], [["system_emc_hertz", 4.266e9]]);
});

Deno.test("JetsonEmcCollector is denied to other users than root, and absent on other machines, where debugfs is closed too", () => {
  assert.throws(
    () => new JetsonEmcCollector().open(environmentOf(fixture("jetson_nano_l4t32"))),
    (error) => error instanceof Unavailable && error.state === "denied" && /as root/.test(error.remedy ?? ""),
  );
  const root = laptop();
  root.fail("/sys/kernel/debug", "EACCES");
  assert.throws(
    () => new JetsonEmcCollector().open(environmentOf(root)),
    (error) => error instanceof Unavailable && error.state === "absent",
  );
});

Deno.test("parseEmcActivity() knows no use while the clock stands, and none above all", () => {
  assert.equal(parseEmcActivity("383880\n", "3199000000\n"), 12);
  assert.equal(parseEmcActivity("0\n", "0\n"), null);
  assert.throws(() => parseEmcActivity("3200000\n", "3199000000\n"), SyntaxError);
});

Deno.test("findTegra() knows the board by its release or its device tree, whatever it calls itself", () => {
  const model = "NVIDIA Jetson AGX Orin Developer Kit";
  assert.deepEqual(findTegra(fixture("jetson_orin_l4t36")), { model, release: "36.4.3" });
  const own = machine({
    "/proc/device-tree/model": "Acme Rover\0",
    "/proc/device-tree/compatible": "acme,rover\0nvidia,tegra234\0",
  });
  assert.deepEqual(findTegra(own), { model: "Acme Rover" });
  assert.equal(findTegra(fixture("raspberry_pi")), undefined);
  assert.equal(findTegra(laptop()), undefined);
});

testWithFixtures("The collectors of Jetson boards read every board of the captures whole", async (read) => {
  const boards = [
    ["nano_l4t32_ina3221x_iio", [1.022, 0, 0.204], 43.5],
    ["tx2_l4t32_ina3221x_iio", [0.152, 0.687, 0, 3.056, 0.152, 0.883], 0],
    ["xavier_nx_l4t35_ina3221_hwmon", [4.0512, 0.729216, 1.336896], 0],
    ["orin_agx_l4t36_ina3221_hwmon", [3.36224, 0.48032, 4.86864, 0.39744], 43.5],
  ] as const;
  for (const [board, watts, load] of boards) {
    const root = new ArchiveRoot(read(`jetson-sysfs/${board}.tree`));
    const reported: Omit<Status, "collector">[] = [];
    assert.deepEqual([...(await rails(root, reported)).values()], watts, board);
    const gpu = await readOnce(new JetsonGpuCollector(), environmentOf(root, reported));
    assert.equal(gpu.get('gpu_utilization_percent{gpu="0"}'), load, board);
    assert.ok((gpu.get('gpu_clock_hertz{gpu="0",clock="graphics"}') ?? 0) > 0, board);
    assert.deepEqual(reported, []);
  }
});

Deno.test("JetsonPowerCollector leaves out channels of NVIDIA's driver that are not connected", async () => {
  const root = fixture("jetson_nano_l4t32");
  root.write("/sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0/rail_name_2", "NC\n");
  assert.deepEqual([...(await rails(root)).keys()], [power("POM_5V_IN", "module"), power("POM_5V_GPU", "rail")]);
});

Deno.test("JetsonPowerCollector takes no shunt voltage for a rail, whatever its label", async () => {
  const root = fixture("jetson_orin_l4t36");
  for (const [file, text] of [["in4_label", "VDD_SHUNT"], ["in4_input", "5"], ["curr4_input", "7"]]) {
    root.write(`${ORIN}/${file}`, `${text}\n`);
  }
  assert.equal((await rails(root)).size, 4);
});

Deno.test("JetsonPowerCollector leaves an INA238 of another machine to the other collectors", () => {
  const folder = "/sys/bus/i2c/drivers/ina238/2-0044/hwmon/hwmon3";
  assert.throws(() => new JetsonPowerCollector().open(environmentOf(machine({ [`${folder}/power1_input`]: "5\n" }))));
});

Deno.test("JetsonGpuCollector knows its GPU by the device tree, whose names end in NUL", async () => {
  const folder = "/sys/class/devfreq/17000000.something";
  const root = machine({ [`${folder}/device/of_node/name`]: "ga10b\0", [`${folder}/cur_freq`]: "306000000\n" });
  const values = await readOnce(new JetsonGpuCollector(), environmentOf(root));
  assert.deepEqual([...values], [['gpu_clock_hertz{gpu="0",clock="graphics"}', 306e6]]);
});
