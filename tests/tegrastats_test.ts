/** tegrastats as a source: what is taken from it, what is not, and what it may do. */

import assert from "node:assert/strict";
import { TegrastatsCollector } from "../collectors/tegrastats.ts";
import type { ArchiveRoot } from "../lib/archive_root.ts";
import { Unavailable } from "../lib/contracts.ts";
import type { Status } from "../lib/records.ts";
import type { Tools } from "../lib/tools.ts";
import { FakeTools } from "./fake_tools.ts";
import { environmentOf, fixture, laptop, machine, valuesNow } from "./fixture_machine.ts";

const TOOL = "/.resmon/tools/tegrastats --interval";

/** Opens the collector, waits for the first numbers, and reads. */
async function readAll(
  root: ArchiveRoot,
  reported: Omit<Status, "collector">[] = [],
): Promise<Map<string, number | null>> {
  const collector = new TegrastatsCollector();
  try {
    await collector.open({ ...environmentOf(root, reported), isRequired: true });
    return valuesNow(collector, performance.now() / 1000);
  } finally {
    await collector.close();
  }
}

function printing(...lines: readonly string[]): ArchiveRoot {
  return machine({ [TOOL]: lines.map((line) => `${line}\n`).join("") });
}

Deno.test("TegrastatsCollector gives all that it tells where nothing else does", async () => {
  const values = await readAll(fixture("tegrastats_only"));
  assert.deepEqual([...values].filter(([series]) => !series.startsWith("system_engine")), [
    ['power_watts{device="module",rail="VDD_GPU_SOC",scope="module"}', 11.208],
    ['power_watts{device="module",rail="VDD_CPU_CV",scope="module"}', 3.203],
    ['power_watts{device="module",rail="VIN_SYS_5V0",scope="module"}', 5.961],
    ['power_watts{device="module",rail="VDDQ_VDD2_1V8AO",scope="rail"}', 1.192],
    ['gpu_utilization_percent{gpu="0"}', 43],
    ['gpu_clock_hertz{gpu="0",clock="graphics"}', 1300e6],
    ["system_emc_utilization_percent", 12],
    ["system_emc_hertz", 3199e6],
    ['system_temperature_celsius{sensor="gpu"}', 47.5],
    ['system_temperature_celsius{sensor="cpu"}', 52.343],
    ['system_temperature_celsius{sensor="soc2"}', 48.343],
    ['system_temperature_celsius{sensor="soc0"}', 49.062],
    ['system_temperature_celsius{sensor="tj"}', 52.343],
    ['system_temperature_celsius{sensor="soc1"}', 49.531],
  ]);
  assert.equal(values.get('system_engine_hertz{engine="VIC"}'), 115e6);
  assert.equal(values.get('system_engine_utilization_percent{engine="VIC"}'), 32);
  assert.equal(values.get('system_engine_hertz{engine="NVENC"}'), null);
});

Deno.test("TegrastatsCollector takes only engines where sysfs tells the rest", async () => {
  const series = [...(await readAll(fixture("jetson_orin_l4t36"))).keys()];
  assert.ok(series.length > 5 && series.every((each) => each.startsWith("system_engine_")), series.join("\n"));
});

Deno.test("TegrastatsCollector adds the use of Thor's memory controller, which has no file, but no load of its GPU", async () => {
  const values = await readAll(fixture("jetson_thor_l4t38"));
  assert.equal(values.get("system_emc_utilization_percent"), 3);
  assert.deepEqual([...values.keys()].filter((series) => /^(power|gpu|system_temp|system_emc_hertz)/.test(series)), []);
});

Deno.test("TegrastatsCollector ends the tool where it tells nothing new, as without root", async () => {
  await assert.rejects(
    readAll(fixture("jetson_nano_l4t32")),
    (error) => error instanceof Unavailable && error.state === "unsupported" && /as root/.test(error.remedy ?? ""),
  );
});

Deno.test("TegrastatsCollector gives the rails where those of sysfs are for root only", async () => {
  const root = fixture("jetson_nano_l4t32");
  for (const channel of ["0", "1", "2"]) {
    root.fail(`/sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0/in_power${channel}_input`, "EACCES");
  }
  assert.deepEqual([...await readAll(root)], [
    ['power_watts{device="module",rail="POM_5V_IN",scope="module"}', 2.415],
    ['power_watts{device="module",rail="POM_5V_GPU",scope="rail"}', 0.401],
    ['power_watts{device="module",rail="POM_5V_CPU",scope="rail"}', 0.723],
  ]);
});

Deno.test("TegrastatsCollector keeps two rails of one name apart", async () => {
  const values = await readAll(printing("RAM 1/2MB (lfb 1x4MB) VDD_IN 100/100 VDD_X 10/10 VDD_X 20/20"));
  assert.deepEqual([...values], [
    ['power_watts{device="module",rail="VDD_IN",scope="module"}', 0.1],
    ['power_watts{device="module",rail="VDD_X (rail 2)",scope="rail"}', 0.01],
    ['power_watts{device="module",rail="VDD_X (rail 3)",scope="rail"}', 0.02],
  ]);
});

Deno.test("TegrastatsCollector gives a gap for what is not in the last line, and a column for what is new in it", async () => {
  const ram = "RAM 1/2MB (lfb 1x4MB)";
  const values = await readAll(printing(`${ram} VIC 32%@115 VDD_IN 100/100`, `${ram} VIC off gpu@40C VDD_IN 200/150`));
  assert.deepEqual([...values], [
    ['power_watts{device="module",rail="VDD_IN",scope="module"}', 0.2],
    ['system_engine_hertz{engine="VIC"}', null],
    ['system_engine_utilization_percent{engine="VIC"}', null],
    ['system_temperature_celsius{sensor="gpu"}', 40],
  ]);
});

Deno.test("TegrastatsCollector counts the words that it does not know, once", async () => {
  const reported: Omit<Status, "collector">[] = [];
  await readAll(fixture("tegrastats_only"), reported);
  assert.deepEqual(reported.map(({ state, reason }) => `${state}: ${reason}`), [
    'unsupported: Cannot understand 2 words of a line of tegrastats, such as "FUTURE_TOKEN"',
  ]);
});

Deno.test("TegrastatsCollector knows no numbers before the first line, and none from text", () => {
  for (const root of [printing(), printing("tegrastats: permission denied", "", "Mon Sep 14 10:11:10 UTC 2026")]) {
    const collector = new TegrastatsCollector();
    void collector.open(environmentOf(root));
    assert.equal(valuesNow(collector, performance.now() / 1000).size, 0);
    assert.deepEqual(collector.series, []);
    void collector.close();
  }
});

Deno.test("TegrastatsCollector asks for a line in each tick, in milliseconds, and for ten a second at most", async () => {
  for (const [interval, milliseconds] of [[1, "1000"], [2.5, "2500"], [0.01, "100"]] as const) {
    const tools = new FakeTools();
    const collector = new TegrastatsCollector();
    await collector.open({ ...environmentOf(printing()), tools, interval });
    assert.deepEqual(tools.commands, [["/usr/bin/tegrastats", "--interval", milliseconds]]);
    await collector.close();
  }
});

Deno.test("TegrastatsCollector ends its tool when it is closed", async () => {
  const environment = environmentOf(fixture("tegrastats_only"));
  let running = 0;
  const tools: Tools = {
    pids: environment.tools.pids,
    find: (name) => environment.tools.find(name),
    run: (words, seconds) => environment.tools.run(words, seconds),
    start: (words, handlers) => {
      const tool = environment.tools.start(words, handlers);
      running++;
      return { close: () => tool.close().then(() => void running--) };
    },
  };
  const collector = new TegrastatsCollector();
  await collector.open({ ...environment, tools, isRequired: true });
  assert.equal(running, 1);
  await collector.close();
  assert.equal(running, 0);
});

Deno.test("TegrastatsCollector says that other machines have none", async () => {
  await assert.rejects(
    readAll(laptop()),
    (error) => error instanceof Unavailable && error.state === "absent" && /PATH/.test(error.message),
  );
});
