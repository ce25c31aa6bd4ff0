import assert from "node:assert/strict";
import { Cgroup, parseCgroupLines, parseMountinfo } from "../lib/cgroup.ts";
import { parseCpuMax, parseLimit, readCgroupLimits } from "../lib/cgroup_limits.ts";
import type { ArchiveRoot } from "../lib/archive_root.ts";
import { laptop, machine } from "./fixture_machine.ts";

const V2 = "35 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";

/** A machine whose memory group of version 2 has this path and mount, and this folder. */
function memoryGroup(path: string, mountinfo: string, folder: string): ArchiveRoot {
  return machine({
    "/proc/self/cgroup": `0::${path}\n`,
    "/proc/self/mountinfo": mountinfo,
    [`${folder}/memory.current`]: "1\n",
  });
}

Deno.test("parseCgroupLines() reads both versions and a path with colons", () => {
  assert.deepEqual(parseCgroupLines("6:cpu,cpuacct:/a:b\n1:name=systemd:/\n0::/user.slice\n"), [
    { controllers: ["cpu", "cpuacct"], path: "/a:b" },
    { controllers: ["name=systemd"], path: "/" },
    { controllers: [], path: "/user.slice" },
  ]);
  assert.throws(() => parseCgroupLines("memory\n"), /Cannot parse \/proc\/self\/cgroup: "memory"/);
});

Deno.test("parseMountinfo() reads lines with any number of optional fields, and octal blanks", () => {
  const text =
    "31 23 0:28 / /sys/fs/cg\\040roup rw shared:9 master:4 - cgroup cgroup rw,cpu\n32 31 0:29 / /x rw - tmpfs t rw\n";
  assert.deepEqual(parseMountinfo(text), [
    { root: "/", point: "/sys/fs/cg roup", type: "cgroup", options: ["rw", "cpu"] },
    { root: "/", point: "/x", type: "tmpfs", options: ["rw"] },
  ]);
});

Deno.test("Cgroup finds the own folder first and the mount root last", () => {
  const root = memoryGroup("/a/b", V2, "/sys/fs/cgroup/a/b");
  assert.deepEqual(new Cgroup(root).find("memory"), {
    version: 2,
    folders: ["/sys/fs/cgroup/a/b", "/sys/fs/cgroup/a", "/sys/fs/cgroup"],
  });
});

Deno.test("Cgroup finds the root group and a container whose mount shows only its own group", () => {
  const own = memoryGroup("/", V2, "/sys/fs/cgroup");
  assert.deepEqual(new Cgroup(own).find("memory")?.folders, ["/sys/fs/cgroup"]);
  const mount = "35 22 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
  const container = memoryGroup("/docker/abc", mount, "/sys/fs/cgroup");
  assert.deepEqual(new Cgroup(container).find("memory")?.folders, ["/sys/fs/cgroup"]);
});

Deno.test("Cgroup finds each controller of a hybrid machine where it is", () => {
  const root = machine({
    "/proc/self/cgroup": "4:memory:/job\n1:cpu,cpuacct:/\n0::/unified\n",
    "/proc/self/mountinfo": "33 31 0:30 / /cg/cpu rw - cgroup cgroup rw,cpu,cpuacct\n" +
      "36 31 0:33 / /cg/memory rw - cgroup cgroup rw,memory\n41 31 0:38 / /cg/unified rw - cgroup2 cgroup2 rw\n",
    "/cg/cpu/cpu.stat": "",
    "/cg/memory/job/tasks": "",
    "/cg/unified/unified/cgroup.procs": "",
  });
  const cgroup = new Cgroup(root);
  assert.deepEqual(cgroup.find("memory"), { version: 1, folders: ["/cg/memory/job", "/cg/memory"] });
  assert.deepEqual(cgroup.find("cpuacct"), { version: 1, folders: ["/cg/cpu"] });
  assert.deepEqual(cgroup.find("pids"), { version: 2, folders: ["/cg/unified/unified", "/cg/unified"] });
});

Deno.test("Cgroup finds a path outside the own namespace only by a mount that shows it", () => {
  const path = "/../../user.slice/x.scope";
  assert.equal(new Cgroup(memoryGroup(path, V2, "/sys/fs/cgroup/user.slice/x.scope")).find("memory"), undefined);
  const host = "961 957 0:26 /../.. /host/cgroup ro - cgroup2 cgroup2 rw\n";
  const shown = new Cgroup(memoryGroup(path, V2 + host, "/host/cgroup/user.slice/x.scope")).find("memory");
  assert.equal(shown?.folders[0], "/host/cgroup/user.slice/x.scope");
});

Deno.test("Cgroup does not take a sibling whose name begins alike, nor a deleted group", () => {
  const mount = "35 22 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
  assert.equal(new Cgroup(memoryGroup("/docker/abcdef", mount, "/sys/fs/cgroup")).find("memory"), undefined);
  assert.equal(
    new Cgroup(memoryGroup("/gone (deleted)", V2, "/sys/fs/cgroup/gone (deleted)")).find("memory"),
    undefined,
  );
});

Deno.test("parseLimit() takes max and the number that stands for it on any page size as unlimited", () => {
  assert.equal(parseLimit("max\n", "memory.max"), undefined);
  assert.equal(parseLimit("9223372036854771712\n", "memory.limit_in_bytes"), undefined);
  assert.equal(parseLimit("9223372036854710272\n", "memory.limit_in_bytes"), undefined);
  assert.equal(parseLimit("2147483648\n", "memory.max"), 2 ** 31);
  assert.throws(() => parseLimit("214", "memory.max"), SyntaxError);
});

Deno.test("parseCpuMax() gives CPUs, a fraction where the quota is one", () => {
  assert.equal(parseCpuMax("50000 100000\n"), 0.5);
  assert.equal(parseCpuMax("max 100000\n"), undefined);
  assert.throws(() => parseCpuMax("50000\n"), /period of cpu.max: missing/);
});

Deno.test("readCgroupLimits() takes the least of the group and its ancestors", () => {
  const root = laptop();
  assert.deepEqual(readCgroupLimits(root, new Cgroup(root)), { cpus: 1.5, memoryBytes: 4 * 1024 ** 3, processes: 200 });
});

Deno.test("readCgroupLimits() reads quotas of version 1, of which -1 is none", () => {
  const root = machine({
    "/proc/self/cgroup": "1:cpu:/job\n",
    "/proc/self/mountinfo": "33 31 0:30 / /cg rw - cgroup cgroup rw,cpu\n",
    "/cg/job/cpu.cfs_quota_us": "-1\n",
    "/cg/cpu.cfs_quota_us": "250000\n",
    "/cg/cpu.cfs_period_us": "100000\n",
  });
  assert.deepEqual(readCgroupLimits(root, new Cgroup(root)), {
    cpus: 2.5,
    memoryBytes: undefined,
    processes: undefined,
  });
});
