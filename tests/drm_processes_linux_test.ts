import assert from "node:assert/strict";
import { DrmProcessesCollector } from "../collectors/drm_processes_linux.ts";
import type { ArchiveRoot } from "../lib/archive_root.ts";
import { type ProcessTree, type Reading, Unavailable } from "../lib/contracts.ts";
import type { Status } from "../lib/records.ts";
import { environmentOf, fixture, machine } from "./fixture_machine.ts";

const AMD = "0000:03:00.0";
const XE = "0000:07:00.0";
const SECOND = 1e9;

/** Opens a file of a card in a process, or changes what its client has used. */
function hold(root: ArchiveRoot, { pid, fd = 5, client = 7, slot = AMD, fields }: Held): void {
  root.link(`/proc/${pid}/fd/${fd}`, "/dev/dri/renderD128");
  const driver = slot === XE ? "xe" : "amdgpu";
  const head = { "drm-driver": driver, "drm-client-id": client, "drm-pdev": slot };
  const lines = Object.entries({ pos: 0, ...head, ...fields }).map(([key, value]) => `${key}:\t${value}\n`);
  root.write(`/proc/${pid}/fdinfo/${fd}`, lines.join(""));
}

interface Held {
  readonly pid: number;
  readonly fd?: number;
  readonly client?: number;
  readonly slot?: string;
  readonly fields: Readonly<Record<string, string>>;
}

function gfx(seconds: number, mebibytes = 1): Record<string, string> {
  return { "drm-engine-gfx": `${seconds * SECOND} ns`, "drm-resident-vram": `${mebibytes} MiB` };
}

function treeOf(...pids: readonly number[]): ProcessTree {
  return { processes: new Map(pids.map((pid) => [pid, { pid, startTime: 1, id: pid - 99 }])) };
}

async function openOn(root: ArchiveRoot, reported: Omit<Status, "collector">[] = []): Promise<DrmProcessesCollector> {
  const collector = new DrmProcessesCollector();
  await collector.open(environmentOf(root, reported));
  return collector;
}

function seconds(gpu: string, engine: string): string {
  return `process_gpu_seconds_total{gpu="${gpu}",engine="${engine}"}`;
}

function memory(gpu: string): string {
  return `process_gpu_memory_bytes{gpu="${gpu}"}`;
}

function told(collector: DrmProcessesCollector, { values }: Reading, series: string): number | null | undefined {
  return values[collector.series.indexOf(series)];
}

Deno.test("DrmProcessesCollector tells the main engines of each card as unused from the start", async () => {
  const collector = await openOn(fixture("workstation_amd"));
  const { values } = collector.collect(0, treeOf());
  assert.deepEqual(new Set(values), new Set([0]));
  for (const [gpu, engine] of [["card0", "gfx"], ["card1", "compute"], ["card2", "ccs"]] as const) {
    assert.ok(collector.series.includes(seconds(gpu, engine)));
  }
});

Deno.test("DrmProcessesCollector counts a client once, whoever holds it by however many descriptors", async () => {
  const root = fixture("workstation_amd");
  for (const fd of [5, 6]) hold(root, { pid: 100, fd, fields: gfx(3, 64) });
  hold(root, { pid: 101, fields: gfx(3, 64) });
  hold(root, { pid: 101, fd: 8, client: 9, fields: gfx(2, 16) });
  const collector = await openOn(root);
  const reading = collector.collect(0, treeOf(100, 101));
  assert.equal(told(collector, reading, seconds("card0", "gfx")), 5);
  assert.equal(told(collector, reading, memory("card0")), 80 * 2 ** 20);
  const [first, second] = [1, 2].map((id) => reading.processes?.get(id)?.slice(0, 3));
  assert.deepEqual([first, second], [[64 * 2 ** 20, null, 3], [16 * 2 ** 20, null, 2]]);
});

Deno.test("DrmProcessesCollector keeps for the tree what a process used that has ended", async () => {
  const root = fixture("workstation_amd");
  hold(root, { pid: 100, fields: gfx(1) });
  hold(root, { pid: 101, client: 9, fields: gfx(4, 32) });
  const collector = await openOn(root);
  collector.collect(0, treeOf(100, 101));
  root.remove("/proc/101/fd/5");
  root.remove("/proc/101/fd");
  hold(root, { pid: 100, fields: gfx(2) });
  const reading = collector.collect(1, treeOf(100));
  assert.equal(told(collector, reading, seconds("card0", "gfx")), 6);
  assert.equal(told(collector, reading, memory("card0")), 2 ** 20);
});

Deno.test("DrmProcessesCollector overlooks a counter that steps back, and a client that cannot be read for a moment", async () => {
  const root = fixture("workstation_amd");
  const collector = await openOn(root);
  const totals = [5, 4, undefined, 5.5].map((used, at) => {
    if (used === undefined) root.fail("/proc/100/fdinfo/5", "EIO");
    else hold(root, { pid: 100, fields: gfx(used) });
    return told(collector, collector.collect(at, treeOf(100)), seconds("card0", "gfx"));
  });
  assert.deepEqual(totals, [5, 5, 5, 5.5]);
});

Deno.test("DrmProcessesCollector turns the cycles of xe into seconds by their share of real time", async () => {
  const root = fixture("workstation_amd");
  const collector = await openOn(root);
  const cycles = [[1000, 10_000], [1500, 11_000], [1500, 12_000], [1400, 13_000], [9000, 9000]];
  const totals = cycles.map(([busy, total], at) => {
    hold(root, { pid: 100, slot: XE, fields: { "drm-cycles-rcs": `${busy}`, "drm-total-cycles-rcs": `${total}` } });
    return told(collector, collector.collect(10 + 2 * at, treeOf(100)), seconds("card2", "rcs"));
  });
  assert.deepEqual(totals, [0, 1, 1, 1, 1]);
});

Deno.test("DrmProcessesCollector tells 0 at its reading before of an engine that comes into use, and the rest in the next tick", async () => {
  const root = fixture("workstation_amd");
  hold(root, { pid: 100, fields: gfx(1) });
  const collector = await openOn(root);
  collector.collect(10, treeOf(100));
  hold(root, { pid: 100, fields: { ...gfx(2), "drm-engine-dec": `${SECOND / 2} ns` } });
  const before = collector.collect(11, treeOf(100));
  assert.deepEqual([before.at, collector.period], [10, undefined]);
  assert.deepEqual(["gfx", "dec"].map((engine) => told(collector, before, seconds("card0", engine))), [1, 0]);
  const now = collector.collect(11.5, treeOf(100));
  assert.deepEqual([now.at, collector.period], [11, 1]);
  assert.deepEqual(["gfx", "dec"].map((engine) => told(collector, now, seconds("card0", engine))), [2, 0.5]);
  assert.ok(now.processes?.has(1));
});

Deno.test("DrmProcessesCollector says which process it may not look at, and goes on with the others", async () => {
  const root = fixture("workstation_amd");
  hold(root, { pid: 100, fields: gfx(1) });
  root.fail("/proc/101/fd", "EACCES");
  root.write("/proc/101/stat", `101 (other) S ${new Array(50).fill(0).join(" ")}\n`);
  root.fail("/proc/102/fd", "EACCES");
  root.write("/proc/102/stat", `102 (zombie) Z ${new Array(50).fill(0).join(" ")}\n`);
  const reported: Omit<Status, "collector">[] = [];
  const collector = await openOn(root, reported);
  assert.equal(told(collector, collector.collect(0, treeOf(100, 101, 102, 103)), seconds("card0", "gfx")), 1);
  assert.deepEqual(reported.map(({ state, reason }) => [state, reason]), [
    ["denied", "Cannot list /proc/101/fd: permission denied (EACCES)"],
  ]);
});

Deno.test("DrmProcessesCollector leaves out files and clients that are damaged, of no card, or not of a GPU", async () => {
  const root = fixture("workstation_amd");
  hold(root, { pid: 100, fields: gfx(1) });
  hold(root, { pid: 100, fd: 6, client: 8, fields: { "drm-engine-gfx": "-5 ns" } });
  hold(root, { pid: 100, fd: 7, client: 9, slot: "0000:99:00.0", fields: gfx(50) });
  root.write("/proc/100/fdinfo/8", "pos:\t0\n");
  root.link("/proc/100/fd/8", "/dev/dri/card0");
  root.link("/proc/100/fd/9", "/dev/dri/card0");
  root.link("/proc/100/fd/0", "/dev/null");
  const collector = await openOn(root);
  assert.equal(told(collector, collector.collect(0, treeOf(100)), seconds("card0", "gfx")), 1);
});

Deno.test("DrmProcessesCollector is absent where no renderer can be opened, and where there is only NVIDIA's", () => {
  const card = "/sys/class/drm/card0/device";
  const files = { [`${card}/uevent`]: "DRIVER=amdgpu\n", [`${card}/drm/renderD128/dev`]: "226:128\n" };
  const container = machine(files);
  const nvidia = machine({ ...files, [`${card}/uevent`]: "DRIVER=nvidia\n", "/dev/dri/renderD128": "" });
  for (const root of [machine({}), container, nvidia]) {
    assert.throws(
      () => new DrmProcessesCollector().open(environmentOf(root)),
      (error) => error instanceof Unavailable && error.state === "absent",
    );
  }
});

Deno.test("DrmProcessesCollector matches clients of boards without a PCI bus by their driver", async () => {
  const card = "/sys/class/drm/card1/device";
  const root = machine({
    [`${card}/uevent`]: "DRIVER=panfrost\nOF_NAME=gpu\n",
    [`${card}/drm/renderD128/dev`]: "226:128\n",
    "/dev/dri/renderD128": "",
    "/proc/100/fdinfo/5":
      "drm-driver:\tpanfrost\ndrm-client-id:\t3\ndrm-engine-fragment:\t2000000000 ns\ndrm-resident-memory:\t8 MiB\n",
  });
  root.link("/proc/100/fd/5", "/dev/dri/renderD128");
  const collector = await openOn(root);
  const reading = collector.collect(0, treeOf(100));
  assert.equal(told(collector, reading, seconds("card1", "fragment")), 2);
  assert.equal(told(collector, reading, 'process_gpu_shared_memory_bytes{gpu="card1"}'), 8 * 2 ** 20);
  assert.equal(told(collector, reading, memory("card1")), null);
});

Deno.test("DrmProcessesCollector does not hide a defect of its reader", async () => {
  const root = fixture("workstation_amd");
  hold(root, { pid: 100, fields: gfx(1) });
  const collector = await openOn(root);
  root.list = () => {
    throw new TypeError("defect");
  };
  assert.throws(() => collector.collect(0, treeOf(100)), TypeError);
});

Deno.test("DrmProcessesCollector keeps clients of one number on two cards apart", async () => {
  const root = fixture("workstation_amd");
  hold(root, { pid: 100, fd: 5, client: 3, fields: gfx(3) });
  hold(root, { pid: 100, fd: 6, client: 3, slot: "0000:10:00.0", fields: gfx(2) });
  const collector = await openOn(root);
  const reading = collector.collect(0, treeOf(100));
  assert.deepEqual(["card0", "card1"].map((gpu) => told(collector, reading, seconds(gpu, "gfx"))), [3, 2]);
});
