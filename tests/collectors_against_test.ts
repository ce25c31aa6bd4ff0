import assert from "node:assert/strict";
import { cpuUsage } from "node:process";
import { CgroupCollector } from "../collectors/cgroup_linux.ts";
import { CpuCollector } from "../collectors/cpu_linux.ts";
import { DiskCollector } from "../collectors/disk_linux.ts";
import { MemoryCollector } from "../collectors/memory_linux.ts";
import { NetworkCollector } from "../collectors/network_linux.ts";
import { DiskRoot } from "../lib/disk_root.ts";
import { systemUnits } from "../lib/ffi/libc.ts";
import { readMachine } from "../lib/machine_linux.ts";
import { parseSeries } from "../lib/series.ts";
import { environmentOf, readOnce } from "./fixture_machine.ts";

// What other programs say of this machine, within the change that a busy machine makes between two readings.

const ENVIRONMENT = { ...environmentOf(new DiskRoot()), ...systemUnits() };
const MEMORY_SLACK = 256 * 1024 ** 2;

// Without the user's environment: OMP_NUM_THREADS changes what nproc says.
async function output(command: string, ...args: string[]): Promise<string> {
  const env = { LC_ALL: "C", PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin" };
  const { stdout } = await new Deno.Command(command, { args, clearEnv: true, env, stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}

function assertNear(actual: number | null | undefined, expected: number, slack: number): void {
  assert.ok(
    typeof actual === "number" && Math.abs(actual - expected) <= slack,
    `${actual} is not ${expected} ± ${slack}`,
  );
}

Deno.test("CpuCollector's idle time agrees with /proc/uptime", async () => {
  const collector = new CpuCollector();
  const values = await readOnce(collector, ENVIRONMENT);
  const idle = [...values].filter(([series]) => parseSeries(series).labels["mode"] === "idle");
  const [, uptimeIdle = ""] = ENVIRONMENT.root.read("/proc/uptime").trim().split(" ");
  collector.close();
  assertNear(idle.reduce((sum, [, value]) => sum + (value ?? NaN), 0), parseFloat(uptimeIdle), 5);
});

Deno.test("MemoryCollector agrees with free", async () => {
  const collector = new MemoryCollector();
  const values = await readOnce(collector, ENVIRONMENT);
  collector.close();
  const free = await output("free", "--bytes", "--wide");
  const [, memory = "", swap = ""] = free.split("\n");
  const [, total, , memoryFree, , buffers = NaN, cache = NaN, available] = memory.split(/\s+/).map(parseFloat);
  const [, swapTotal, swapUsed] = swap.split(/\s+/).map(parseFloat);
  assert.equal(values.get("system_memory_total_bytes"), total);
  assertNear(values.get("system_memory_free_bytes"), memoryFree ?? NaN, MEMORY_SLACK);
  assertNear(values.get("system_memory_available_bytes"), available ?? NaN, MEMORY_SLACK);
  // The cache of free has reclaimable slabs in it, which may be larger than all the rest.
  const slabs = parseInt(/^SReclaimable: +(\d+)/m.exec(ENVIRONMENT.root.read("/proc/meminfo"))?.[1] ?? "NaN", 10) *
    1024;
  assertNear(values.get("system_memory_cached_bytes"), buffers + cache - slabs, MEMORY_SLACK);
  assert.equal(values.get("system_swap_total_bytes"), swapTotal);
  assertNear(values.get("system_swap_used_bytes"), swapUsed ?? NaN, MEMORY_SLACK);
});

Deno.test("DiskCollector takes the disks of lsblk, and their counters in /sys/block", async () => {
  const collector = new DiskCollector();
  const before = await sectorsRead();
  const values = await readOnce(collector, ENVIRONMENT);
  const after = await sectorsRead();
  collector.close();
  const disks = new Set([...values.keys()].map((series) => parseSeries(series).labels["disk"]));
  assert.deepEqual(disks, new Set(before.keys()));
  for (const [disk, sectors] of before) {
    const bytes = values.get(`disk_read_bytes_total{disk="${disk}"}`) ?? NaN;
    assert.ok(sectors * 512 <= bytes && bytes <= (after.get(disk) ?? NaN) * 512, disk);
  }
});

// Without devices of major number 1 (ram), 7 (loop), 11 (optical) and those that lsblk itself calls otherwise.
async function sectorsRead(): Promise<Map<string, number>> {
  const list = await output(
    "lsblk",
    "--nodeps",
    "--noheadings",
    "--raw",
    "--exclude",
    "1,7,11",
    "--output",
    "NAME,TYPE",
  );
  const disks = list.trim().split("\n").map((line) => line.split(" ")).filter(([name, type]) =>
    type === "disk" && !name?.startsWith("zram")
  );
  return new Map(disks.map(([name = ""]) => {
    const [, , sectors = ""] = Deno.readTextFileSync(`/sys/block/${name}/stat`).trim().split(/\s+/);
    return [name, parseFloat(sectors)];
  }));
}

Deno.test("NetworkCollector agrees with /sys/class/net", async () => {
  const collector = new NetworkCollector();
  const before = new Map(ENVIRONMENT.root.list("/sys/class/net").map((name) => [name, received(name)]));
  const values = await readOnce(collector, ENVIRONMENT);
  collector.close();
  for (const [series, value] of values) {
    const { name, labels } = parseSeries(series);
    if (name !== "network_receive_bytes_total") continue;
    const device = labels["interface"] ?? "";
    assert.ok(value !== null && (before.get(device) ?? NaN) <= value && value <= received(device), series);
  }
});

function received(device: string): number {
  return parseFloat(Deno.readTextFileSync(`/sys/class/net/${device}/statistics/rx_bytes`));
}

Deno.test("CgroupCollector's CPU time grows by what this process burns", async () => {
  const collector = new CgroupCollector();
  const before = (await readOnce(collector, ENVIRONMENT)).get("cgroup_cpu_seconds_total") ?? NaN;
  const started = cpuUsage();
  while (cpuUsage(started).user < 200_000);
  const after = collector.collect(1).values[collector.series.indexOf("cgroup_cpu_seconds_total")] ?? NaN;
  collector.close();
  assert.ok(after - before >= 0.19, `${after - before} s`);
});

Deno.test("readMachine() agrees with nproc, uname and getconf", async () => {
  const machine = readMachine(ENVIRONMENT.root);
  assert.equal(machine.cpus, parseFloat(await output("getconf", "_NPROCESSORS_ONLN")));
  assert.ok(machine.cpus_usable <= parseFloat(await output("nproc")));
  assert.equal(machine.kernel, (await output("uname", "-r")).trim());
  assert.equal(machine.architecture, (await output("uname", "-m")).trim());
  assertNear(machine.memory_bytes, parseFloat(await output("getconf", "_PHYS_PAGES")) * ENVIRONMENT.pageSize, 4096);
});
