import assert from "node:assert/strict";
import { AmdGpuCollector, parseDpmClock } from "../collectors/amdgpu_linux.ts";
import { findCards, parseUevent } from "../collectors/drm_cards_linux.ts";
import { ArchiveRoot } from "../lib/archive_root.ts";
import { Unavailable } from "../lib/contracts.ts";
import type { Device, Status } from "../lib/records.ts";
import type { OpenFile, Root } from "../lib/root.ts";
import { environmentOf, fixture, readOnce, valuesNow } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

const CARD = "/sys/class/drm/card0";

function gpu(metric: string, labels = ""): string {
  return `${metric}{gpu="card0"${labels}}`;
}

/** A machine that knows which of its files were touched. */
class WatchedRoot implements Root {
  readonly touched: string[] = [];
  readonly #root: Root;

  constructor(root: Root) {
    this.#root = root;
  }

  read(path: string): string {
    return this.#root.read(this.#touch(path));
  }

  list(path: string): string[] {
    return this.#root.list(this.#touch(path));
  }

  readLink(path: string): string {
    return this.#root.readLink(this.#touch(path));
  }

  size(path: string): number {
    return this.#root.size(this.#touch(path));
  }

  open(path: string): OpenFile {
    return this.#root.open(this.#touch(path));
  }

  #touch(path: string): string {
    this.touched.push(path);
    return path;
  }
}

Deno.test("parseDpmClock() takes the line with the star, and none where no line has it", () => {
  assert.equal(parseDpmClock("0: 852Mhz \n1: 991Mhz *\n2: 1084Mhz \n"), 991e6);
  assert.equal(parseDpmClock("S: 19Mhz *\n0: 852Mhz \n"), 19e6);
  assert.equal(parseDpmClock("0: 852Mhz \n"), null);
  assert.throws(() => parseDpmClock("0: fast *\n"), SyntaxError);
  assert.throws(() => parseDpmClock("0: 852Mhz *"), /cut off/);
});

Deno.test("parseUevent() reads keys and values, which may hold =", () => {
  assert.deepEqual([...parseUevent("DRIVER=amdgpu\nX=a=b\n\n")], [["DRIVER", "amdgpu"], ["X", "a=b"]]);
});

Deno.test("findCards() leaves out connectors and renderers", () => {
  assert.deepEqual(findCards(fixture("workstation_amd")).map(({ name, driver, slot }) => [name, driver, slot]), [
    ["card0", "amdgpu", "0000:03:00.0"],
    ["card1", "amdgpu", "0000:10:00.0"],
    ["card2", "xe", "0000:07:00.0"],
  ]);
});

Deno.test("AmdGpuCollector tells a card and the graphics of a processor, which has less", async () => {
  const devices: Device[] = [];
  const environment = {
    ...environmentOf(fixture("workstation_amd")),
    introduce: (device: Device) => devices.push(device),
  };
  const values = await readOnce(new AmdGpuCollector(), environment);
  const first = [...values].filter(([series]) => series.includes('"card0"'));
  assert.deepEqual(Object.fromEntries(first), {
    [gpu("gpu_utilization_percent")]: 87,
    [gpu("gpu_memory_busy_percent")]: 41,
    [gpu("gpu_memory_used_bytes")]: 12884901888,
    [gpu("gpu_memory_total_bytes")]: 25753026560,
    [gpu("gpu_shared_memory_used_bytes")]: 134217728,
    [gpu("gpu_shared_memory_total_bytes")]: 33554432000,
    [gpu("gpu_power_watts")]: 291,
    [gpu("gpu_power_limit_watts")]: 339,
    [gpu("gpu_energy_joules_total")]: 41560,
    [gpu("gpu_temperature_celsius", ',sensor="gpu"')]: 64,
    [gpu("gpu_temperature_celsius", ',sensor="hotspot"')]: 81,
    [gpu("gpu_temperature_celsius", ',sensor="memory"')]: 88,
    [gpu("gpu_clock_hertz", ',clock="graphics"')]: 2482e6,
    [gpu("gpu_clock_hertz", ',clock="memory"')]: 1249e6,
    [gpu("gpu_fan_rpm")]: 1420,
  });
  assert.equal(values.get('gpu_power_watts{gpu="card1"}'), 18, "power1_input where there is no average");
  assert.equal(values.get('gpu_clock_hertz{gpu="card1",clock="graphics"}'), 600e6, "by its table");
  assert.equal(values.has('gpu_fan_rpm{gpu="card1"}'), false);
  assert.deepEqual(devices.map(({ id, name, attributes }) => [id, name, attributes?.["integrated"]]), [
    ["card0", "Radeon RX 7900 XTX", undefined],
    ["card1", "amdgpu 1002:164e", "yes"],
  ]);
});

Deno.test("AmdGpuCollector does not touch a card that sleeps, says so, and takes it up when it is awake", async () => {
  const root = fixture("workstation_amd");
  root.write(`${CARD}/device/power/runtime_status`, "suspended\n");
  const reported: Omit<Status, "collector">[] = [];
  const collector = new AmdGpuCollector();
  const watched = new WatchedRoot(root);
  await collector.open(environmentOf(watched, reported));
  collector.collect();
  const harmless = ["uevent", "product_name", "power/runtime_status"].map((file) => `${CARD}/device/${file}`);
  assert.deepEqual(watched.touched.filter((path) => path.startsWith(`${CARD}/`) && !harmless.includes(path)), []);
  assert.deepEqual(reported.map(({ state, reason }) => [state, reason])[0], [
    "off",
    "Cannot read card0 without waking it: it is suspended",
  ]);
  assert.equal(collector.series.some((series) => series.includes('"card0"')), false);
  root.write(`${CARD}/device/power/runtime_status`, "active\n");
  assert.equal(valuesNow(collector).get(gpu("gpu_power_watts")), 291);
  root.write(`${CARD}/device/power/runtime_status`, "suspended\n");
  assert.equal(valuesNow(collector).get(gpu("gpu_power_watts")), null);
  assert.equal(valuesNow(collector).get('gpu_power_watts{gpu="card1"}'), 18);
});

Deno.test("AmdGpuCollector waits for a card that sleeps, where there is no other", async () => {
  const root = fixture("workstation_amd");
  for (const card of ["card0", "card1"]) {
    root.write(`/sys/class/drm/${card}/device/power/runtime_status`, "suspended\n");
  }
  const collector = new AmdGpuCollector();
  await collector.open(environmentOf(root));
  assert.deepEqual([collector.series, collector.collect().values], [[], []]);
});

Deno.test("AmdGpuCollector gives gaps for what cannot be, and says which file told it", async () => {
  const root = fixture("workstation_amd");
  const reported: Omit<Status, "collector">[] = [];
  const collector = new AmdGpuCollector();
  await collector.open(environmentOf(root, reported));
  const lies = {
    gpu_busy_percent: "65535\n",
    mem_busy_percent: "-3\n",
    mem_info_vram_used: "NaN\n",
    mem_info_gtt_used: "",
  };
  for (const [file, text] of Object.entries(lies)) root.write(`${CARD}/device/${file}`, text);
  root.fail(`${CARD}/device/hwmon/hwmon1/power1_average`, "EBUSY");
  const values = valuesNow(collector);
  for (const metric of ["gpu_utilization_percent", "gpu_memory_busy_percent", "gpu_memory_used_bytes"]) {
    assert.equal(values.get(gpu(metric)), null, metric);
  }
  assert.equal(values.get(gpu("gpu_shared_memory_used_bytes")), null);
  assert.equal(values.get(gpu("gpu_power_watts")), null);
  assert.equal(values.get(gpu("gpu_memory_total_bytes")), 25753026560);
  assert.ok(reported.some(({ reason }) => reason === `Cannot believe ${CARD}/device/gpu_busy_percent: "65535"`));
});

Deno.test("AmdGpuCollector finds its sensors again when they have moved", async () => {
  const root = fixture("workstation_amd");
  const collector = new AmdGpuCollector();
  await collector.open(environmentOf(root));
  const folder = `${CARD}/device/hwmon`;
  for (const file of root.list(`${folder}/hwmon1`)) {
    root.write(`${folder}/hwmon7/${file}`, root.read(`${folder}/hwmon1/${file}`));
    root.remove(`${folder}/hwmon1/${file}`);
  }
  root.remove(`${folder}/hwmon1`);
  assert.equal(valuesNow(collector).get(gpu("gpu_power_watts")), null);
  assert.equal(valuesNow(collector).get(gpu("gpu_power_watts")), 291);
});

Deno.test("AmdGpuCollector is absent on a machine without AMD's GPUs, and denied where none of its files may be read", () => {
  assert.throws(
    () => new AmdGpuCollector().open(environmentOf(new ArchiveRoot(""))),
    (error) => error instanceof Unavailable && error.state === "absent",
  );
  const root = new ArchiveRoot(`${CARD}/device/uevent\t=\t"DRIVER=amdgpu\\n"`);
  root.fail(`${CARD}/device/gpu_busy_percent`, "EACCES");
  assert.throws(
    () => new AmdGpuCollector().open(environmentOf(root)),
    (error) => error instanceof Unavailable && error.state === "denied",
  );
});

testWithFixtures("AmdGpuCollector reads the capture of a Vega card, whose clocks are tables", async (read) => {
  const values = await readOnce(
    new AmdGpuCollector(),
    environmentOf(new ArchiveRoot(read("amd/procfs_drm_card0_amdgpu.tree"))),
  );
  assert.deepEqual(Object.fromEntries(values), {
    [gpu("gpu_utilization_percent")]: 4,
    [gpu("gpu_memory_used_bytes")]: 1490378752,
    [gpu("gpu_memory_total_bytes")]: 8573157376,
    [gpu("gpu_shared_memory_used_bytes")]: 144560128,
    [gpu("gpu_shared_memory_total_bytes")]: 8573157376,
    [gpu("gpu_clock_hertz", ',clock="graphics"')]: 852e6,
    [gpu("gpu_clock_hertz", ',clock="memory"')]: 167e6,
  });
});
