import assert from "node:assert/strict";
import { NeuronCollector } from "../collectors/neuron.ts";
import { parseNeuronPower } from "../collectors/neuron_sysfs_linux.ts";
import { ArchiveRoot } from "../lib/archive_root.ts";
import { ArchiveTools } from "../lib/archive_tools.ts";
import { type Environment, type ProcessTree, type Reading, Unavailable } from "../lib/contracts.ts";
import type { Status } from "../lib/records.ts";
import type { Root } from "../lib/root.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeTools } from "./fake_tools.ts";
import { environmentOf, fixture, machine, readOnce } from "./fixture_machine.ts";
import { exists } from "./running.ts";
import { testWithFixtures } from "./shared.ts";

const TOOL = "/.resmon/tools/neuron-monitor";

function treeOf(...pids: readonly number[]): ProcessTree {
  return { processes: new Map(pids.map((pid) => [pid, { pid, startTime: 1, id: pid - 4200 }])) };
}

function told(collector: NeuronCollector, { values }: Reading): Map<string, number | null> {
  return new Map(collector.series.map((series, at) => [series, values[at] ?? null]));
}

function lineOf(root: Root): string {
  return root.read(TOOL).trimEnd();
}

function line(runtimes: readonly unknown[]): string {
  return JSON.stringify({ neuron_runtime_data: runtimes });
}

interface Setup extends AsyncDisposable {
  readonly collector: NeuronCollector;
  readonly tools: FakeTools;
  readonly clock: FakeClock;
  readonly reported: Omit<Status, "collector">[];
}

async function setUp(root: Root = machine({}), environment: Partial<Environment> = {}): Promise<Setup> {
  const [tools, clock] = [new FakeTools(), new FakeClock()];
  const reported: Omit<Status, "collector">[] = [];
  const collector = new NeuronCollector(clock);
  await collector.open({ ...environmentOf(root, reported), tools, ...environment });
  const dispose = async (): Promise<void> => await collector.close();
  return { collector, tools, clock, reported, [Symbol.asyncDispose]: dispose };
}

/** Lets the tool end until it is given up: three times without a report. */
function fail({ tools, clock }: Setup, reason: string): void {
  for (let attempt = 0; attempt < 3; attempt++) {
    tools.last.end(reason);
    clock.advance(2);
  }
}

Deno.test("NeuronCollector tells cores, memory, executions, latencies and errors of a Trainium node", async () => {
  const collector = new NeuronCollector();
  const values = await readOnce(collector, environmentOf(fixture("trainium")));
  await collector.close();
  for (
    const [series, value] of [
      ['neuron_core_utilization_percent{core="0"}', 62.5],
      ['neuron_core_utilization_percent{core="1"}', 58.25],
      ["neuron_memory_used_bytes", 126210176],
      ["neuron_host_memory_used_bytes", 5211984],
      ['neuron_core_memory_used_bytes{core="1",category="model_code"}', 1295008],
      ['neuron_executions_total{result="completed"}', 100],
      ['neuron_execution_errors_total{kind="hardware"}', 0],
      ['neuron_execution_latency_seconds{latency="device",percentile="p50"}', 0.0033],
      ['neuron_ecc_errors_total{device="0",kind="mem_corrected"}', 2],
      ['neuron_power_percent{device="0"}', 31.25],
      ["process_neuron_utilization_percent", 0],
    ] as const
  ) assert.equal(values.get(series), value, series);
});

Deno.test("NeuronCollector finds all ranks of the tree by their pids, and leaves others' programs out", async () => {
  await using setup = await setUp();
  const { collector, tools, clock } = setup;
  tools.last.line(lineOf(fixture("trainium")));
  const both = collector.collect(clock.now(), treeOf(4242, 4243, 4250));
  assert.equal(told(collector, both).get("process_neuron_utilization_percent"), 120.75);
  assert.equal(told(collector, both).get("process_neuron_memory_bytes"), 126210176);
  assert.deepEqual([...both.processes ?? []], [[42, [62.5, 63105088]], [43, [58.25, 63105088]]]);
  const one = told(collector, collector.collect(clock.now(), treeOf(4243)));
  assert.equal(one.get("process_neuron_utilization_percent"), 58.25);
  assert.equal(one.get('neuron_core_utilization_percent{core="0"}'), 62.5, "of all programs");
});

Deno.test("NeuronCollector adds up the executions of each period, also while it is not read", async () => {
  await using setup = await setUp();
  const { collector, tools, clock } = setup;
  for (let period = 0; period < 3; period++) tools.last.line(lineOf(fixture("trainium")));
  const values = told(collector, collector.collect(clock.now(), treeOf()));
  assert.equal(values.get('neuron_executions_total{result="completed"}'), 300);
  assert.equal(
    told(collector, collector.collect(clock.now(), treeOf())).get('neuron_executions_total{result="completed"}'),
    300,
  );
});

Deno.test("NeuronCollector cannot tell which program is whose where pids are another namespace's, and says so", async () => {
  await using setup = await setUp();
  const { collector, tools, clock, reported } = setup;
  const foreign = { error: "open /proc/20843/stat: no such file or directory" };
  tools.last.line(line([{ pid: 20843, error: "", report: { neuron_runtime_vcpu_usage: foreign } }]));
  const values = told(collector, collector.collect(clock.now(), treeOf(4242)));
  assert.equal(values.get("process_neuron_utilization_percent"), null);
  assert.ok(reported.some(({ state, reason }) => state === "unsupported" && /as in a container/.test(reason ?? "")));
  const own = { neuroncore_counters: { neuroncores_in_use: { 0: { neuroncore_utilization: 7 } } } };
  tools.last.line(line([{ pid: 4242, error: "", report: own }, { pid: 0, error: "", report: {} }]));
  const found = told(collector, collector.collect(clock.now(), treeOf(4242)));
  assert.equal(found.get("process_neuron_utilization_percent"), 7, "one that is found shows that pids mean something");
});

Deno.test("NeuronCollector asks for a report in each tick by a file that is gone with the first report, and back for a restart", async () => {
  await using setup = await setUp(machine({}), { interval: 2 });
  const { collector, tools, clock } = setup;
  const [program, option, path = ""] = tools.commands[0] ?? [];
  assert.deepEqual([program, option], ["/usr/bin/neuron-monitor", "-c"]);
  assert.equal(JSON.parse(await Deno.readTextFile(path)).period, "2s");
  tools.last.line(line([]));
  assert.equal(exists(path), false);
  tools.last.end("ended by SIGKILL");
  clock.advance(1);
  assert.deepEqual([tools.started.length, exists(path)], [2, true]);
  await collector.close();
  assert.equal(exists(path), false);
});

Deno.test("NeuronCollector runs a version that does not take its configuration without one", async () => {
  await using setup = await setUp();
  const { collector, tools, clock } = setup;
  fail(setup, "exit status 1 (unknown metric type execution_stats)");
  assert.deepEqual(collector.collect(clock.now(), undefined).values, []);
  assert.deepEqual(tools.commands.at(-1), ["/usr/bin/neuron-monitor"]);
  tools.last.line(line([]));
  clock.advance(10);
  assert.equal(told(collector, collector.collect(clock.now(), treeOf())).get("neuron_memory_used_bytes"), 0);
});

Deno.test("NeuronCollector gives gaps when its program falls silent, and tells text from data", async () => {
  await using setup = await setUp();
  const { collector, tools, clock } = setup;
  tools.last.line(line([]));
  tools.last.line("neuron-monitor: warning: no runtime");
  tools.last.line('{"neuron_runtime_data":[');
  clock.advance(4);
  assert.throws(() => collector.collect(clock.now(), undefined), /^Error: Cannot tell what neuron-monitor reads/);
});

Deno.test("NeuronCollector falls back to the files of the driver when its program is given up", async () => {
  await using setup = await setUp(fixture("trainium"));
  const { collector, clock, reported } = setup;
  fail(setup, "exit status 2");
  collector.collect(clock.now(), undefined);
  fail(setup, "exit status 2 (no runtime library)");
  const values = told(collector, collector.collect(clock.now(), undefined));
  assert.equal(values.get("neuron_memory_used_bytes"), 126210176);
  assert.equal(values.has("process_neuron_memory_bytes"), false);
  assert.match(reported.at(-1)?.reason ?? "", /no runtime library/);
});

Deno.test("NeuronCollector is gone for good where neither program nor files tell anything", async () => {
  await using setup = await setUp();
  fail(setup, "exit status 1");
  setup.collector.collect(setup.clock.now(), undefined);
  fail(setup, "exit status 1 (no Neuron devices found)");
  assert.throws(
    () => setup.collector.collect(setup.clock.now(), undefined),
    (error) => error instanceof Unavailable && /no Neuron devices found/.test(error.message),
  );
});

Deno.test("NeuronCollector reads the files of the driver where there is no program, and says what that lacks", async () => {
  const root = fixture("trainium");
  root.remove(TOOL);
  const reported: Omit<Status, "collector">[] = [];
  const values = await readOnce(new NeuronCollector(), environmentOf(root, reported));
  assert.equal(values.get("neuron_memory_used_bytes"), 126210176);
  assert.equal(values.get('neuron_executions_total{result="completed"}'), 100);
  assert.equal(values.get('neuron_execution_errors_total{kind="hw"}'), 0);
  assert.equal(values.has('neuron_core_utilization_percent{core="0"}'), false);
  const [status] = reported;
  assert.deepEqual([status?.state, status?.metrics?.includes("neuron_core_utilization_percent")], ["absent", true]);
  assert.match(status?.remedy ?? "", /install aws-neuronx-tools/);
});

Deno.test("NeuronCollector does not tell a part of a sum as the whole", async () => {
  const root = fixture("trainium");
  root.remove(TOOL);
  const core = "/sys/devices/virtual/neuron_device/neuron0/neuron_core1/stats";
  root.fail(`${core}/memory_usage/device_mem/tensors/total`, "EIO");
  root.write(`${core}/status/success/total`, "-7\n");
  const values = await readOnce(new NeuronCollector(), environmentOf(root));
  assert.equal(values.get("neuron_memory_used_bytes"), null);
  assert.equal(values.get('neuron_executions_total{result="completed"}'), null);
  assert.equal(values.get('neuron_executions_total{result="timed_out"}'), 0);
});

Deno.test("NeuronCollector is absent on a machine without a device", async () => {
  const root = machine({});
  await assert.rejects(
    () => new NeuronCollector().open({ ...environmentOf(root), tools: new ArchiveTools(root) }),
    (error) => error instanceof Unavailable && error.state === "absent",
  );
});

Deno.test("parseNeuronPower() takes the mean of the last minute, where the device says that it is valid", () => {
  assert.equal(parseNeuronPower("POWER_STATUS_VALID,1789180860,12.00,55.50,31.25\n"), 31.25);
  assert.equal(parseNeuronPower("POWER_STATUS_INVALID,0,0.00,0.00,0.00\n"), null);
  assert.throws(() => parseNeuronPower("POWER_STATUS_VALID,1789180860,12.00\n"), SyntaxError);
  assert.throws(() => parseNeuronPower("POWER_STATUS_VALID,1789180860,0.00,0.00,-1\n"), SyntaxError);
});

testWithFixtures("NeuronCollector reads the files of the capture of a Trainium device", async (read) => {
  const values = await readOnce(
    new NeuronCollector(),
    environmentOf(new ArchiveRoot(read("neuron/sysfs_trn1_MIXED.tree"))),
  );
  assert.equal(values.get("neuron_memory_used_bytes"), 2 * (193986816 + 176285056 + 20971520));
  assert.equal(values.get('neuron_executions_total{result="completed"}'), 246);
  assert.equal(values.get('neuron_power_percent{device="0"}'), 0);
  assert.deepEqual([...values].filter(([, value]) => value === null), []);
});

Deno.test("NeuronCollector numbers the cores of its files on from device to device", async () => {
  const files = [0, 1].flatMap((device) => {
    const folder = `/sys/devices/virtual/neuron_device/neuron${device}`;
    return [
      [`${folder}/core_count`, "2\n"],
      ...[0, 1].map((core) => [`${folder}/neuron_core${core}/stats/memory_usage/device_mem/tensors/total`, "8\n"]),
    ];
  });
  const values = await readOnce(new NeuronCollector(), environmentOf(machine(Object.fromEntries(files))));
  const cores = [...values.keys()].filter((series) => series.startsWith("neuron_core_memory_used_bytes"));
  assert.deepEqual(cores.map((series) => /core="(\d+)"/.exec(series)?.[1]), ["0", "1", "2", "3"]);
  assert.equal(values.get("neuron_memory_used_bytes"), 32);
});

Deno.test("NeuronCollector knows no sum of its files where a core is missing", async () => {
  const folder = "/sys/devices/virtual/neuron_device/neuron0";
  const root = machine({
    [`${folder}/core_count`]: "2\n",
    [`${folder}/neuron_core0/stats/memory_usage/device_mem/tensors/total`]: "8\n",
  });
  assert.equal((await readOnce(new NeuronCollector(), environmentOf(root))).get("neuron_memory_used_bytes"), null);
});
