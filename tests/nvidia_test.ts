import assert from "node:assert/strict";
import { NvidiaCollector } from "../collectors/nvidia.ts";
import { findNvml } from "../collectors/nvidia_library.ts";
import type { NvmlLine } from "../collectors/nvml_lines.ts";
import { mergeProcesses } from "../collectors/nvml_processes.ts";
import { TrafficReader } from "../collectors/nvml_traffic.ts";
import type { ArchiveRoot } from "../lib/archive_root.ts";
import type { ProcessTree, TreeProcess } from "../lib/contracts.ts";
import type { Device, Status } from "../lib/records.ts";
import { environmentOf, machine } from "./fixture_machine.ts";

const LIBRARY = "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1";
const POWER = 'gpu_power_watts{gpu="0"}';
const MEMORY = 'process_gpu_memory_bytes{gpu="0"}';
const USE = 'process_gpu_utilization_percent{gpu="0"}';
const COLUMNS: NvmlLine = { type: "columns", series: [POWER], memory: ["0"], utilization: ["0"] };

function reading(
  power: number | null,
  ...processes: readonly (readonly [number, number | null, number | null])[]
): NvmlLine {
  const list = processes.map(([pid, memory, utilization]) => ({ pid, memory, utilization }));
  return { type: "reading", values: [power], processes: { 0: list } };
}

/** A machine with NVML, whose helper prints these lines. */
function nvmlMachine(lines: readonly NvmlLine[], files: Readonly<Record<string, string>> = {}): ArchiveRoot {
  return machine({
    [LIBRARY]: "",
    "/.resmon/tools/resmon helper nvml": lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
    ...files,
  });
}

function hostMachine(lines: readonly NvmlLine[]): ArchiveRoot {
  const root = nvmlMachine(lines);
  root.link("/proc/self/ns/pid", "pid:[4026531836]");
  return root;
}

function treeOf(...pids: readonly number[]): ProcessTree {
  const processes: TreeProcess[] = pids.map((pid, index) => ({ pid, startTime: 1, id: index + 1 }));
  return { processes: new Map(processes.map((process) => [process.pid, process])) };
}

function now(): number {
  return performance.now() / 1000;
}

interface Read {
  readonly values: Readonly<Record<string, number | null>>;
  readonly processes: ReadonlyMap<number, readonly (number | null)[]> | undefined;
  readonly reported: readonly Omit<Status, "collector">[];
  readonly devices: readonly Device[];
}

async function readTree(root: ArchiveRoot, tree: ProcessTree | undefined): Promise<Read> {
  const reported: Omit<Status, "collector">[] = [];
  const devices: Device[] = [];
  const collector = new NvidiaCollector();
  const introduce = (device: Device): number => devices.push(device);
  await collector.open({ ...environmentOf(root, reported), introduce });
  const { values, processes } = collector.collect(now(), tree);
  await collector.close();
  const named = Object.fromEntries(collector.series.map((series, at) => [series, values[at] ?? null]));
  return { values: named, processes, reported, devices };
}

Deno.test("NvidiaCollector sums what the tree uses, and tells each process over all GPUs", async () => {
  const columns: NvmlLine = { ...COLUMNS, memory: ["0", "1"] };
  const both: NvmlLine = {
    type: "reading",
    values: [70],
    processes: {
      0: [{ pid: 10, memory: 100, utilization: 30 }, { pid: 11, memory: 50, utilization: 5 }, {
        pid: 99,
        memory: 7,
        utilization: 60,
      }],
      1: [{ pid: 10, memory: 1000, utilization: null }],
    },
  };
  const { values, processes } = await readTree(hostMachine([columns, both]), treeOf(10, 11, 12));
  assert.deepEqual(values, { [POWER]: 70, [MEMORY]: 150, 'process_gpu_memory_bytes{gpu="1"}': 1000, [USE]: 35 });
  assert.deepEqual([...processes ?? []], [[1, [1100, 30]], [2, [50, 5]]]);
});

Deno.test("NvidiaCollector tells 0 where the tree does not use a GPU, and nothing where its list is not there", async () => {
  const columns: NvmlLine = { ...COLUMNS, memory: ["0", "1"] };
  const { values } = await readTree(hostMachine([columns, reading(70, [99, 5, 5])]), treeOf(10));
  assert.deepEqual(values, { [POWER]: 70, [MEMORY]: 0, 'process_gpu_memory_bytes{gpu="1"}': null, [USE]: 0 });
});

Deno.test("NvidiaCollector does not tell memory of the tree of which a part is unknown", async () => {
  const { values } = await readTree(hostMachine([COLUMNS, reading(70, [10, null, 3], [11, 100, 4])]), treeOf(10, 11));
  assert.deepEqual(values, { [POWER]: 70, [MEMORY]: null, [USE]: 7 });
});

/** A container in which the driver tells of some pids, of which the tree's is 10. */
function containerMachine(pids: readonly number[], existing: readonly number[], descriptor: string): ArchiveRoot {
  const stats = existing.map((pid) => [`/proc/${pid}/stat`, `${pid} (a) S 1\n`] as const);
  const list = reading(70, ...pids.map((pid) => [pid, 100, 3] as const));
  const root = nvmlMachine([COLUMNS, list], Object.fromEntries(stats));
  root.link("/proc/self/ns/pid", "pid:[4026532999]");
  root.link("/proc/10/fd/5", descriptor);
  return root;
}

for (
  const [what, root] of [
    ["of which one is not there", containerMachine([10, 54321], [10], "/dev/nvidia0")],
    ["of which none is the command's", containerMachine([20], [10, 20], "/dev/nvidia0")],
    ["of which the command's has no GPU open", containerMachine([10], [10], "/dev/null")],
  ] as const
) {
  Deno.test(`NvidiaCollector does not guess in a container where the driver tells of processes ${what}`, async () => {
    const { values, reported } = await readTree(root, treeOf(10));
    assert.deepEqual(values, { [POWER]: 70, [MEMORY]: null, [USE]: null });
    assert.equal(reported[0]?.state, "unsupported");
    assert.match(reported[0]?.reason ?? "", /as the host does/);
    assert.match(reported[0]?.remedy ?? "", /--pid=host/);
  });
}

Deno.test("NvidiaCollector matches in a container where each pid is there and the tree's has the GPU open", async () => {
  const { values, reported } = await readTree(containerMachine([10, 20], [10, 20], "/dev/nvidia0"), treeOf(10));
  assert.deepEqual([values[MEMORY], reported.length], [100, 0]);
});

Deno.test("NvidiaCollector introduces GPUs, and passes on why numbers are missing", async () => {
  const device: NvmlLine = { type: "device", id: "0", name: "NVIDIA H200", attributes: { uuid: "GPU-a" } };
  const status: NvmlLine = { type: "status", state: "unsupported", metrics: ["gpu_fan_percent"], reason: "no fan" };
  const { devices, reported } = await readTree(hostMachine([device, status, COLUMNS, reading(70)]), undefined);
  assert.deepEqual(devices, [{ label: "gpu", id: "0", name: "NVIDIA H200", attributes: { uuid: "GPU-a" } }]);
  assert.deepEqual(reported, [{ state: "unsupported", metrics: ["gpu_fan_percent"], reason: "no fan" }]);
});

Deno.test("NvidiaCollector has no columns before the first reading, and keeps them until others come with one", async () => {
  const collector = new NvidiaCollector();
  await collector.open(environmentOf(hostMachine([COLUMNS])));
  assert.deepEqual(collector.collect(now(), undefined).values, []);
  assert.deepEqual(collector.series, []);
  await collector.close();
  const next: NvmlLine = { type: "columns", series: [POWER, 'gpu_power_watts{gpu="1"}'], memory: [], utilization: [] };
  const { values } = await readTree(hostMachine([COLUMNS, reading(70), next, reading(80)]), undefined);
  assert.deepEqual(values, { [POWER]: 70, [MEMORY]: null, [USE]: null }, "a reading of another width is not taken");
});

Deno.test("NvidiaCollector has a gap when the helper has fallen silent", async () => {
  const collector = new NvidiaCollector();
  await collector.open(environmentOf(hostMachine([COLUMNS, reading(70)])));
  assert.equal(collector.collect(now(), undefined).values[0], 70);
  assert.throws(() => collector.collect(now() + 60, undefined), /^Error: Cannot tell what NVML's helper reads/);
  await collector.close();
});

Deno.test("NvidiaCollector reads nvidia-smi where the library is no use, and not where the driver is off", async () => {
  const files = { "/.resmon/tools/nvidia-smi": "Failed to initialize NVML: Unknown Error\n" };
  const useless: NvmlLine = { type: "end", state: "unsupported", reason: "Cannot load it" };
  const off: NvmlLine = { type: "end", state: "off", reason: "Cannot use NVML", remedy: "Reboot" };
  const required = (root: ArchiveRoot): Promise<void> =>
    new NvidiaCollector().open({ ...environmentOf(root), isRequired: true });
  await assert.rejects(required(nvmlMachine([useless], files)), /Cannot read the GPUs: nvidia-smi says/);
  await assert.rejects(required(nvmlMachine([off], files)), /Unavailable: Cannot use NVML/);
  await assert.rejects(required(nvmlMachine([useless])), /Unavailable: Cannot load it/);
});

Deno.test("NvidiaCollector is absent where there is neither library nor nvidia-smi", async () => {
  await assert.rejects(
    new NvidiaCollector().open(environmentOf(machine({}))),
    /neither libnvidia-ml.so.1 nor nvidia-smi/,
  );
});

Deno.test("findNvml() looks where drivers are, and first where the user says", () => {
  const root = machine({ [LIBRARY]: "", "/opt/nvidia/libnvidia-ml.so.1": "" });
  const variables = (values: Readonly<Record<string, string>>) => (name: string): string | undefined => values[name];
  assert.equal(findNvml(root, variables({})), LIBRARY);
  assert.equal(findNvml(root, variables({ LD_LIBRARY_PATH: ":lib:/opt/nvidia" })), "/opt/nvidia/libnvidia-ml.so.1");
  assert.equal(findNvml(root, variables({ RESMON_NVML_LIBRARY: "/x.so" })), "/x.so");
  assert.equal(findNvml(machine({}), variables({})), undefined);
  for (const folder of ["/usr/lib/wsl/lib", "/run/opengl-driver/lib", "/usr/lib/aarch64-linux-gnu"]) {
    const path = `${folder}/libnvidia-ml.so.1`;
    assert.equal(findNvml(machine({ [path]: "" }), variables({})), path);
  }
});

Deno.test("TrafficReader reads no more than once a second, one reading at a time, and forgets what is old", async () => {
  const calls: { readonly counter: number; readonly answer: (kilobytes: number | null) => void }[] = [];
  const device = {
    pcieThroughput: (counter: number): Promise<number | null> =>
      new Promise((answer) => calls.push({ counter, answer })),
  };
  const traffic = new TrafficReader(device, 0.1);
  const probe = traffic.probe(0);
  calls[0]?.answer(5);
  await Promise.resolve();
  calls[1]?.answer(null);
  assert.deepEqual(await probe, []);
  assert.deepEqual([traffic.values(0.5), calls.length], [[5000, null], 2]);
  assert.deepEqual([traffic.values(1), calls.length], [[5000, null], 3]);
  assert.deepEqual([traffic.values(5.9), calls.length], [[5000, null], 3], "the reading before goes on");
  assert.deepEqual(traffic.values(6.1), [null, null]);
});

Deno.test("mergeProcesses() takes the latest sample, and the larger of two amounts of one process", () => {
  const listed = [{ pid: 1, memory: 5 }, { pid: 1, memory: 9 }, { pid: 2, memory: null }, { pid: 2, memory: 4 }];
  const samples = [{ pid: 1, time: 20, sm: 60 }, { pid: 1, time: 10, sm: 30 }, { pid: 2, time: 5, sm: 101 }];
  assert.deepEqual(mergeProcesses(listed, samples), [
    { pid: 1, memory: 9, utilization: 60 },
    { pid: 2, memory: 4, utilization: null },
  ]);
});
