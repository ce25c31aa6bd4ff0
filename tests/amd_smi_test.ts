import assert from "node:assert/strict";
import { AmdSmiCollector } from "../collectors/amd_smi.ts";
import { type AmdSmiGpu, readAmdSmi, readRocmSmi } from "../collectors/amd_smi_output.ts";
import { JsonObjects } from "../collectors/json_objects.ts";
import { ArchiveRoot } from "../lib/archive_root.ts";
import { Unavailable } from "../lib/contracts.ts";
import type { Root } from "../lib/root.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeTools } from "./fake_tools.ts";
import { environmentOf, fixture, readOnce, valuesNow } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

const ONE_GPU = '{"gpu": 0, "usage": {"gfx_activity": {"value": 47, "unit": "%"}}}';

interface Setup {
  readonly collector: AmdSmiCollector;
  readonly tools: FakeTools;
  readonly clock: FakeClock;
}

async function setUp(root: Root = new ArchiveRoot("")): Promise<Setup> {
  const [tools, clock] = [new FakeTools(), new FakeClock()];
  const collector = new AmdSmiCollector(clock);
  await collector.open({ ...environmentOf(root), tools });
  return { collector, tools, clock };
}

function told(gpus: readonly AmdSmiGpu[]): Record<string, number> {
  const values = gpus.flatMap(({ index, values }) =>
    values.map(({ metric, labels, value }) =>
      [[index, metric, ...Object.values(labels ?? {})].join(" "), value] as const
    )
  );
  return Object.fromEntries(values);
}

Deno.test("readAmdSmi() reads values with their units, plain ones, and none where it says N/A", () => {
  const gpu = {
    gpu: 1,
    usage: { gfx_activity: { value: 72, unit: "%" }, umc_activity: "N/A" },
    power: { socket_power: 239 },
    mem_usage: { used_vram: { value: 283, unit: "MB" }, total_vram: 294896 },
    temperature: { edge: "N/A", hotspot: { value: 36, unit: "C" }, mem: { value: 40, unit: "K" } },
    clock: { gfx_0: { clk: { value: 132, unit: "MHz" } }, mem_0: { clk: { value: "N/A", unit: "MHz" } } },
    energy: { total_energy_consumption: { value: 1234.5, unit: "J" } },
  };
  assert.deepEqual(told(readAmdSmi(gpu)), {
    "1 gpu_utilization_percent": 72,
    "1 gpu_memory_used_bytes": 283 * 2 ** 20,
    "1 gpu_memory_total_bytes": 294896 * 2 ** 20,
    "1 gpu_power_watts": 239,
    "1 gpu_energy_joules_total": 1234.5,
    "1 gpu_temperature_celsius hotspot": 36,
    "1 gpu_clock_hertz graphics": 132e6,
  });
});

Deno.test("readAmdSmi() reads the object with all GPUs that newer versions print", () => {
  const gpus = readAmdSmi({ gpu_data: [{ gpu: 0, usage: { gfx_activity: 5 } }, { gpu: 1, usage: "N/A" }] });
  assert.deepEqual(gpus.map(({ index, values }) => [index, values.length]), [[0, 1], [1, 0]]);
});

Deno.test("readAmdSmi() and readRocmSmi() refuse what tells no GPU", () => {
  for (const output of [{}, [], "error", null, { gpu_data: [] }, { system: { "Driver version": "6" } }]) {
    assert.throws(() => readAmdSmi(output), SyntaxError);
    assert.throws(() => readRocmSmi(output), SyntaxError);
  }
});

Deno.test("readRocmSmi() leaves out what cannot be", () => {
  const card = {
    "GPU use (%)": "65535",
    "Average Graphics Package Power (W)": "-5.0",
    "VRAM Total Memory (B)": "NaN",
    "Fan RPM": "",
    "sclk clock speed:": "(fast)",
    "Temperature (Sensor edge) (C)": "45.0",
  };
  assert.deepEqual(told(readRocmSmi({ card3: card })), { "3 gpu_temperature_celsius gpu": 45 });
});

Deno.test("AmdSmiCollector tells what rocm-smi prints, warnings before it or not, where there are no files", async () => {
  const values = await readOnce(new AmdSmiCollector(), environmentOf(fixture("rocm_smi_only")));
  assert.equal(values.get('gpu_power_watts{gpu="card0"}'), 126);
  assert.equal(values.get('gpu_energy_joules_total{gpu="card0"}'), 1888.8768);
  assert.equal(values.get('gpu_power_watts{gpu="card1"}'), 91, "as newer versions name it");
  assert.equal(values.has('gpu_utilization_percent{gpu="card1"}'), false, "N/A");
});

Deno.test("AmdSmiCollector runs its tool again five seconds after its end, and tells when its numbers are of", async () => {
  const { collector, tools, clock } = await setUp();
  assert.deepEqual(tools.commands, [["/usr/bin/amd-smi", "metric", "--json"]]);
  assert.deepEqual([collector.collect(clock.now()).values, collector.series], [[], []]);
  clock.advance(0.5);
  ["[", ONE_GPU, "]"].forEach((line) => tools.last.line(line));
  const { values, at } = collector.collect(clock.now());
  assert.deepEqual([collector.series, values, at], [['gpu_utilization_percent{gpu="card0"}'], [47], clock.now()]);
  tools.last.end("exit status 0");
  clock.advance(4.9);
  assert.equal(tools.started.length, 1);
  clock.advance(0.1);
  assert.equal(tools.started.length, 2);
});

Deno.test("AmdSmiCollector runs its tool no more often than its numbers are asked for", async () => {
  const [tools, clock] = [new FakeTools(), new FakeClock()];
  const collector = new AmdSmiCollector(clock);
  await collector.open({ ...environmentOf(new ArchiveRoot("")), tools, interval: 60 });
  tools.last.line(ONE_GPU);
  tools.last.end("exit status 0");
  clock.advance(59);
  assert.equal(tools.started.length, 1);
  clock.advance(2);
  assert.equal(tools.started.length, 2);
  assert.equal(valuesNow(collector, clock.now()).get('gpu_utilization_percent{gpu="card0"}'), 47);
});

Deno.test("AmdSmiCollector gives gaps when its tool says N/A, hangs or dies in the middle of an object", async () => {
  const { collector, tools, clock } = await setUp();
  tools.last.line(ONE_GPU);
  assert.deepEqual(collector.collect(clock.now()).values, [47]);
  tools.last.line('{"gpu": 0, "usage": "N/A"}');
  assert.deepEqual(collector.collect(clock.now()).values, [null]);
  tools.last.line('{"gpu": 0, "usage": {');
  tools.last.end("ended by SIGSEGV");
  clock.advance(5);
  tools.last.line(ONE_GPU);
  assert.deepEqual(collector.collect(clock.now()).values, [47]);
  clock.advance(20);
  assert.throws(() => collector.collect(clock.now()), /^Error: Cannot tell what amd-smi reads/);
});

Deno.test("AmdSmiCollector gives gaps for a GPU that its tool leaves out from then on", async () => {
  const { collector, tools, clock } = await setUp();
  tools.last.line(ONE_GPU);
  tools.last.line('{"gpu": 1, "usage": {"gfx_activity": 5}}');
  assert.deepEqual(collector.collect(clock.now()).values, [47, 5]);
  clock.advance(10);
  tools.last.line(ONE_GPU);
  assert.deepEqual(collector.collect(clock.now()).values, [47, null]);
});

Deno.test("AmdSmiCollector gives a tool up that prints text instead of data", async () => {
  const { collector, tools, clock } = await setUp();
  for (let attempt = 0; attempt < 3; attempt++) {
    tools.last.line("Traceback (most recent call last):");
    tools.last.line('  File "amd-smi", line 1, in <module> {}');
    tools.last.end("exit status 1 (AmdSmiLibraryException)");
    clock.advance(10);
  }
  assert.throws(
    () => collector.collect(clock.now()),
    (error) => error instanceof Unavailable && /AmdSmiLibraryException/.test(error.message),
  );
});

Deno.test("AmdSmiCollector is off where the files of the driver tell everything, and where a card sleeps", () => {
  const open = (root: Root): unknown => new AmdSmiCollector().open({ ...environmentOf(root), tools: new FakeTools() });
  const isOff = (error: unknown): boolean => error instanceof Unavailable && error.state === "off";
  assert.throws(() => open(fixture("workstation_amd")), isOff);
  const asleep = fixture("workstation_amd");
  asleep.remove("/sys/class/drm/card0/device/gpu_busy_percent");
  asleep.write("/sys/class/drm/card1/device/power/runtime_status", "suspended\n");
  assert.throws(() => open(asleep), isOff);
});

Deno.test("AmdSmiCollector adds only what the files lack, to the card at the same place of the bus", async () => {
  const root = fixture("workstation_amd");
  root.remove("/sys/class/drm/card1/device/gpu_busy_percent");
  const { collector, tools } = await setUp(root);
  for (const gpu of [0, 1]) {
    tools.last.line(`{"gpu": ${gpu}, "usage": {"gfx_activity": ${gpu + 7}}, "power": {"socket_power": 9}}`);
  }
  assert.deepEqual([...valuesNow(collector)], [['gpu_utilization_percent{gpu="card1"}', 8]]);
});

Deno.test("AmdSmiCollector tells the power of a card whose file has none", async () => {
  const root = fixture("workstation_amd");
  root.fail("/sys/class/drm/card0/device/hwmon/hwmon1/power1_average", "EOPNOTSUPP");
  const { collector, tools } = await setUp(root);
  tools.last.line('{"gpu": 0, "power": {"socket_power": 290}, "usage": {"gfx_activity": 1}}');
  assert.deepEqual([...valuesNow(collector)], [['gpu_power_watts{gpu="card0"}', 290]]);
});

testWithFixtures("readAmdSmi() and readRocmSmi() read every capture", (read) => {
  const objectOf = (path: string): unknown => {
    const objects = new JsonObjects();
    const [text = ""] = read(path).split("\n").flatMap((line) => objects.push(line));
    return JSON.parse(text);
  };
  assert.deepEqual(told(readAmdSmi(objectOf("amd/amd-smi_metric_power.json"))), { "0 gpu_power_watts": 10 });
  for (const name of ["rx6700xt_rocm430", "rx6700xt_rocm612", "vega-10-XT", "vega-20-WKS-GL-XE"]) {
    const values = told(readRocmSmi(objectOf(`amd/rocm-smi_${name}.json`)));
    for (const metric of ["gpu_utilization_percent", "gpu_power_watts", "gpu_memory_used_bytes"]) {
      assert.ok(values[`0 ${metric}`] !== undefined, `${metric} of ${name}`);
    }
    assert.ok((values["0 gpu_clock_hertz memory"] ?? 0) >= 96e6, name);
  }
  assert.deepEqual(told(readRocmSmi(objectOf("amd/rocm-smi_rx6700xt_rocm612.json"))), {
    "0 gpu_utilization_percent": 0,
    "0 gpu_memory_busy_percent": 0,
    "0 gpu_memory_used_bytes": 1572745216,
    "0 gpu_memory_total_bytes": 12868124672,
    "0 gpu_shared_memory_used_bytes": 242036736,
    "0 gpu_shared_memory_total_bytes": 16792432640,
    "0 gpu_power_watts": 6,
    "0 gpu_power_limit_watts": 211,
    "0 gpu_temperature_celsius gpu": 45,
    "0 gpu_temperature_celsius hotspot": 47,
    "0 gpu_temperature_celsius memory": 46,
    "0 gpu_clock_hertz graphics": 0,
    "0 gpu_clock_hertz memory": 96e6,
  });
});

Deno.test("readRocmSmi() reads clocks in MHz, and energy in millionths of joules", () => {
  const card = {
    "sclk clock speed:": "(1700Mhz)",
    "mclk clock speed:": "(1200Mhz)",
    "Accumulated Energy (uJ)": "2500000",
  };
  assert.deepEqual(told(readRocmSmi({ card0: card })), {
    "0 gpu_energy_joules_total": 2.5,
    "0 gpu_clock_hertz graphics": 1.7e9,
    "0 gpu_clock_hertz memory": 1.2e9,
  });
});

Deno.test("AmdSmiCollector finds the card of rocm-smi by its place on the bus, and not by its number", async () => {
  const root = fixture("workstation_amd");
  for (const card of ["card0", "card1"]) root.remove(`/sys/class/drm/${card}/device/gpu_busy_percent`);
  root.write("/.resmon/tools/rocm-smi", '{"card0": {"PCI Bus": "0000:10:00.0", "GPU use (%)": "8"}}\n');
  const values = await readOnce(new AmdSmiCollector(), environmentOf(root));
  assert.deepEqual([...values], [['gpu_utilization_percent{gpu="card1"}', 8]]);
});
