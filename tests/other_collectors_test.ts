/** The collectors of macOS and Windows on their machines: what they tell, and what they do when a tool does not. */

import assert from "node:assert/strict";
import { createCollectors } from "../collectors/mod.ts";
import type { ArchiveRoot } from "../lib/archive_root.ts";
import { TOOL_ENDS_FOLDER, TOOLS_FOLDER } from "../lib/archive_tools.ts";
import { type Collector, Unavailable } from "../lib/contracts.ts";
import { isMetricName } from "../lib/metrics.ts";
import { formatSeries, parseSeries } from "../lib/series.ts";
import { FakeTools } from "./fake_tools.ts";
import { environmentOf, fixture } from "./fixture_machine.ts";

const MACHINES: Readonly<Record<string, string>> = { darwin: "macbook_m2", windows: "windows_11" };

// Tested where it runs on Linux too.
const SHARED: readonly string[] = ["nvidia"];

// Of Windows all that the runtime does not tell comes from one tool.
const TOOLS = Object.entries(MACHINES).flatMap(([platform, name]) =>
  fixture(name).list(TOOLS_FOLDER).filter((tool) => tool !== "ps -A").map((tool) => ({ platform, tool }))
);

type Values = ReadonlyMap<string, number | null>;

function create(platform: string, name: string): Collector {
  const collector = createCollectors(platform).find((each) => each.name === name);
  if (collector === undefined) throw new RangeError(`Cannot find collector ${name}`);
  return collector;
}

function namesOf(platform: string): string[] {
  return createCollectors(platform).map(({ name }) => name).filter((name) => !SHARED.includes(name));
}

function machineOf(platform: string): ArchiveRoot {
  return fixture(MACHINES[platform] ?? "");
}

/** Opens a collector and lets its tools answer; what it tells then, and nothing where it does not. */
async function read(collector: Collector, root: ArchiveRoot): Promise<Values> {
  try {
    await collector.open(environmentOf(root));
    await new Promise((resolve) => setTimeout(resolve));
    const { values } = collector.collect(performance.now() / 1000, undefined);
    assert.equal(values.length, collector.series.length);
    return new Map(collector.series.map((series, index) => [series, values[index] ?? null]));
  } catch (error) {
    assert.ok(error instanceof Error && !(error instanceof TypeError), String(error));
    assert.match(error.message, /^Cannot \w+ /);
    return new Map();
  } finally {
    await collector.close();
  }
}

for (const platform of Object.keys(MACHINES)) {
  for (const name of namesOf(platform)) {
    Deno.test(`${name} of ${platform} tells each of its metrics, spelt from the vocabulary`, async () => {
      const collector = create(platform, name);
      const values = await read(collector, machineOf(platform));
      const told = new Set<string>();
      for (const [series, value] of values) {
        const id = parseSeries(series);
        assert.ok(isMetricName(id.name) && collector.metrics.includes(id.name), series);
        assert.equal(formatSeries(id.name, id.labels), series);
        assert.ok(value !== null && Number.isFinite(value), series);
        told.add(id.name);
      }
      assert.deepEqual([...told].sort(), collector.metrics.toSorted());
    });
  }
}

// How the output of a tool is not what it should be; an empty one is what a tool prints that has nothing to tell.
const FAULTS: Readonly<Record<string, (root: ArchiveRoot, tool: string) => void>> = {
  absent: (root, tool) => root.remove(`${TOOLS_FOLDER}/${tool}`),
  empty: (root, tool) => root.write(`${TOOLS_FOLDER}/${tool}`, ""),
  "a text for people": (root, tool) => root.write(`${TOOLS_FOLDER}/${tool}`, "No such thing.\nTry again later: 42\n"),
  "in the language of the system": (root, tool) => {
    const path = `${TOOLS_FOLDER}/${tool}`;
    root.write(path, root.read(path).replaceAll(/(?<=\d)\.(?=\d)/g, ","));
  },
  "no numbers": (root, tool) => {
    const path = `${TOOLS_FOLDER}/${tool}`;
    root.write(path, root.read(path).replaceAll(/\d+/g, "NaN"));
  },
  negative: (root, tool) => {
    const path = `${TOOLS_FOLDER}/${tool}`;
    root.write(path, root.read(path).replaceAll(/(?<=[ =:])(?=\d)/g, "-"));
  },
  "cut in the middle": (root, tool) => {
    const path = `${TOOLS_FOLDER}/${tool}`;
    const text = root.read(path);
    root.write(path, text.slice(0, text.length / 2));
  },
  "ended by an error": (root, tool) => root.write(`${TOOL_ENDS_FOLDER}/${tool}`, "exit status 1 (not permitted)"),
};

for (const { platform, tool } of TOOLS) {
  for (const [fault, strike] of Object.entries(FAULTS)) {
    Deno.test(`Collectors of ${platform} tell nothing untrue where "${tool}" is ${fault}`, async () => {
      for (const name of namesOf(platform)) {
        const truth = await read(create(platform, name), machineOf(platform));
        const root = machineOf(platform);
        strike(root, tool);
        for (const [series, value] of await read(create(platform, name), root)) {
          assert.ok(value === null || value === truth.get(series), `${series} is ${value}, not ${truth.get(series)}`);
        }
      }
    });
  }
}

Deno.test("No collector of another system waits for a tool before the command starts, unless it was asked for", async () => {
  const tools = Object.assign(new FakeTools(), { run: () => new Promise<string>(() => undefined) });
  for (const platform of Object.keys(MACHINES)) {
    for (const name of namesOf(platform)) {
      const collector = create(platform, name);
      await collector.open({ ...environmentOf(machineOf(platform)), tools });
      assert.deepEqual(collector.collect(performance.now() / 1000, undefined).values, [], name);
    }
  }
});

Deno.test("A collector whose question fails is not there, and one that is closed before the answer starts nothing", async () => {
  const answers = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  const left = [...answers];
  const tools = Object.assign(new FakeTools(), {
    run: () => left.shift()?.promise ?? Promise.reject(new Error("asked too often")),
  });
  const environment = { ...environmentOf(machineOf("darwin")), tools };
  const [gone, closed] = [create("darwin", "cpu"), create("darwin", "cpu")];
  for (const collector of [gone, closed]) await collector.open(environment);
  await closed.close();
  answers[0]?.resolve("many\n");
  answers[1]?.resolve("8\n");
  await new Promise((resolve) => setTimeout(resolve));
  assert.throws(() => gone.collect(0, undefined), (error) => error instanceof Unavailable);
  assert.equal(tools.started.length, 0);
});

Deno.test("powermetrics of darwin is denied to everybody but root, with what to do", async () => {
  for (const name of ["powermetrics", "apple_gpu"]) {
    const root = machineOf("darwin");
    root.write(`${TOOLS_FOLDER}/id -u`, "501\n");
    await assert.rejects(
      async () => await create("darwin", name).open({ ...environmentOf(root), isRequired: true }),
      (error) => error instanceof Unavailable && error.state === "denied" && /sudo resmon run/.test(error.remedy ?? ""),
    );
  }
});

Deno.test("battery of darwin is absent on a Mac without one, and gives no power while it is charged", async () => {
  const root = machineOf("darwin");
  const path = `${TOOLS_FOLDER}/ioreg -r -c AppleSmartBattery`;
  const charging = root.read(path).replace('"ExternalConnected" = No', '"ExternalConnected" = Yes')
    .replace(/"InstantAmperage" = \d+/, '"InstantAmperage" = 1500');
  root.write(path, charging);
  const values = await read(create("darwin", "battery"), root);
  assert.deepEqual([...values.values()], [85, 0, null]);
  root.write(path, "\n");
  await assert.rejects(
    async () => await create("darwin", "battery").open({ ...environmentOf(root), isRequired: true }),
    (error) => error instanceof Unavailable && error.state === "absent",
  );
});

const DARWIN_VALUES = {
  system_cpu_percent: 280,
  'system_cpu_mode_percent{mode="user"}': 200,
  'system_cpu_mode_percent{mode="system"}': 80,
  'system_cpu_mode_percent{mode="idle"}': 520,
  system_load1: 2.43,
  system_load5: 2.15,
  system_load15: 2,
  system_memory_total_bytes: 2 ** 34,
  system_memory_available_bytes: 2 ** 34 - 600_000 * 16_384,
  system_memory_used_bytes: 600_000 * 16_384,
  system_memory_free_bytes: 20_000 * 16_384,
  system_memory_cached_bytes: 250_000 * 16_384,
  system_swap_total_bytes: 2 ** 31,
  system_swap_used_bytes: 1035.25 * 2 ** 20,
  system_swap_in_bytes_total: 1000 * 16_384,
  system_swap_out_bytes_total: 2500 * 16_384,
  'disk_read_bytes_total{disk="disk0"}': 345_678_901_248,
  'disk_write_bytes_total{disk="disk0"}': 234_567_892_992,
  'disk_reads_total{disk="disk0"}': 12_345_678,
  'disk_writes_total{disk="disk0"}': 7_654_321,
  'network_receive_bytes_total{interface="en3"}': 0,
  'network_transmit_bytes_total{interface="en3"}': 0,
  'network_receive_packets_total{interface="en3"}': 0,
  'network_transmit_packets_total{interface="en3"}': 0,
  'network_errors_total{interface="en3"}': 0,
  'network_receive_bytes_total{interface="en0"}': 5_998_695_733,
  'network_transmit_bytes_total{interface="en0"}': 991_638_350,
  'network_receive_packets_total{interface="en0"}': 5_661_610,
  'network_transmit_packets_total{interface="en0"}': 1_557_229,
  'network_errors_total{interface="en0"}': 3,
  'power_watts{device="chip",rail="CPU",scope="rail"}': 5.2,
  'power_watts{device="chip",rail="GPU",scope="rail"}': 0.8,
  'power_watts{device="chip",rail="ANE",scope="rail"}': 0.003,
  'power_watts{device="chip",rail="Combined",scope="package"}': 6.003,
  'battery_charge_percent{battery="InternalBattery"}': 85,
  'battery_discharging{battery="InternalBattery"}': 1,
  'power_watts{device="InternalBattery",rail="battery",scope="machine"}': 12.5,
  'gpu_utilization_percent{gpu="0"}': 25.5,
  'gpu_power_watts{gpu="0"}': 0.79,
  'gpu_clock_hertz{gpu="0",clock="graphics"}': 618e6,
};

const WINDOWS_VALUES = {
  'system_cpu_seconds_total{cpu="0",mode="user"}': 500,
  'system_cpu_seconds_total{cpu="0",mode="system"}': 270,
  'system_cpu_seconds_total{cpu="0",mode="idle"}': 9000,
  'system_cpu_seconds_total{cpu="0",mode="irq"}': 20,
  'system_cpu_seconds_total{cpu="0",mode="softirq"}': 10,
  'system_cpu_seconds_total{cpu="1",mode="user"}': 600,
  'system_cpu_seconds_total{cpu="1",mode="system"}': 235,
  'system_cpu_seconds_total{cpu="1",mode="idle"}': 8950,
  'system_cpu_seconds_total{cpu="1",mode="irq"}': 10,
  'system_cpu_seconds_total{cpu="1",mode="softirq"}': 5,
  system_memory_total_bytes: 16_646_144 * 1024,
  system_memory_available_bytes: 2 ** 33,
  system_memory_used_bytes: 16_646_144 * 1024 - 2 ** 33,
  system_memory_free_bytes: 2 ** 30,
  system_swap_total_bytes: 2432 * 2 ** 20,
  system_swap_used_bytes: 310 * 2 ** 20,
  system_swap_in_bytes_total: 1000 * 4096,
  system_swap_out_bytes_total: 200 * 4096,
  'disk_read_bytes_total{disk="0 C:"}': 345_678_901_248,
  'disk_write_bytes_total{disk="0 C:"}': 234_567_892_992,
  'disk_reads_total{disk="0 C:"}': 12_345_678,
  'disk_writes_total{disk="0 C:"}': 7_654_321,
  'network_receive_bytes_total{interface="Intel[R] Wi-Fi 6 AX201 160MHz"}': 5_998_695_733,
  'network_transmit_bytes_total{interface="Intel[R] Wi-Fi 6 AX201 160MHz"}': 991_638_350,
  'network_receive_packets_total{interface="Intel[R] Wi-Fi 6 AX201 160MHz"}': 5_661_610,
  'network_transmit_packets_total{interface="Intel[R] Wi-Fi 6 AX201 160MHz"}': 1_557_229,
  'network_errors_total{interface="Intel[R] Wi-Fi 6 AX201 160MHz"}': 3,
};

for (const [platform, expected] of Object.entries({ darwin: DARWIN_VALUES, windows: WINDOWS_VALUES })) {
  Deno.test(`The collectors of ${platform} tell what the tools of its machine print, in base units`, async () => {
    const values: [string, number | null][] = [];
    for (const name of namesOf(platform)) values.push(...await read(create(platform, name), machineOf(platform)));
    assert.deepEqual(Object.fromEntries(values), expected);
  });
}
