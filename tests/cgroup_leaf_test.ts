/** A control group of the command's own, on the real kernel where one of version 2 can be written. */

import assert from "node:assert/strict";
import { Cgroup } from "../lib/cgroup.ts";
import { chooseParent } from "../lib/cgroup_leaf.ts";
import { exactOfCgroup, parseCpuUsage, parseIoStat } from "../lib/cgroup_totals.ts";
import { DiskRoot } from "../lib/disk_root.ts";
import { machine } from "./fixture_machine.ts";
import { assertClose, PYTHON, record, resmon } from "./program.ts";
import { until } from "./running.ts";
import { testWithFixtures } from "./shared.ts";
import { withTemporaryFolder } from "./temporary.ts";

const WORKLOADS = new URL("workloads/", import.meta.url).pathname;
const HOME = new Cgroup(new DiskRoot()).findUnified()?.folders[0];

function canMakeGroups(): boolean {
  try {
    Deno.mkdirSync(`${HOME}/resmon-test`);
    Deno.removeSync(`${HOME}/resmon-test`);
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

const LEAF = /^resmon-\d+-\d+$/;

function leaves(): string[] {
  return Array.from(Deno.readDirSync(HOME ?? ""), ({ name }) => name).filter((name) => LEAF.test(name));
}

function testOnKernel(name: string, test: () => Promise<void>): void {
  Deno.test(name, async () => {
    if (!canMakeGroups()) return console.warn(`DID NOT RUN: ${name}: no control group of version 2 can be made here`);
    await test();
  });
}

testOnKernel("resmon run --cgroup new accounts children that nobody waited for exactly, and cleans up", async () => {
  const { summary, stderr } = await record([PYTHON, `${WORKLOADS}ignore_children.py`], { args: ["--cgroup", "new"] });
  // Two children of 1 s each; the interpreter's start is what wait4 knows of.
  const { cpu_seconds: all = 0, cpu_user_seconds: user = 0, cpu_system_seconds: system = 0 } = summary.exact;
  assert.ok(all > 2 && all < 3, `${all} s`);
  assertClose(user + system, all, { share: 0.01, what: "user and system" });
  assert.equal(summary.exact.sources.cpu_seconds, "cgroup cpu.stat");
  assert.deepEqual(leaves(), []);
  assert.doesNotMatch(stderr, /cgroup/);
});

testOnKernel("resmon run --cgroup starts the command in a leaf of the given group", async () => {
  for (const where of ["new", HOME ?? ""]) {
    const { stdout } = await record(["cat", "/proc/self/cgroup"], { args: ["--cgroup", where] });
    assert.match(stdout, /^0::.*\/resmon-\d+-\d+$/m, where);
  }
});

testOnKernel(
  "resmon run --cgroup leaves a group in which something lives, says so, and the next run removes it",
  () =>
    withTemporaryFolder(async (folder) => {
      const daemon = ["sh", "-c", `(until [ -e ${folder}/go ]; do sleep 0.05; done) </dev/null >/dev/null 2>&1 &`];
      const { stderr } = await record(daemon, { args: ["--cgroup", "new"] });
      assert.match(stderr, /Cannot remove .*resmon-\d+-\d+: .*busy/i);
      const [left = ""] = leaves();
      assert.notEqual(left, "");
      await Deno.writeTextFile(`${folder}/go`, "");
      await until(() => Deno.readTextFileSync(`${HOME}/${left}/cgroup.procs`) === "");
      await record(["true"], { args: ["--cgroup", "new"] });
      assert.deepEqual(leaves(), []);
    }),
);

Deno.test("resmon run --cgroup refuses what is no group of version 2, before the command starts", () =>
  withTemporaryFolder(async (folder) => {
    const { code, stderr, stdout } = await resmon(["run", "--cgroup", folder, "-o", `${folder}/run`, "echo", "no"]);
    assert.deepEqual({ code, stdout }, { code: 125, stdout: "" });
    assert.match(
      stderr,
      /^resmon: Cannot make a control group(?: in .*: it is no group of version 2| *: no hierarchy)/,
    );
  }));

Deno.test("chooseParent() takes the nearest group that accounts memory, and leaves no group with limits", () => {
  const groups = ["/cg/user/app/run", "/cg/user/app", "/cg/user", "/cg"] as const;
  const files = {
    "/cg/user/app/run/cgroup.subtree_control": "\n",
    "/cg/user/app/run/memory.max": "max\n",
    "/cg/user/app/run/cpu.max": "max 100000\n",
    "/cg/user/app/cgroup.subtree_control": "cpu memory pids\n",
    "/cg/cgroup.subtree_control": "cpu memory pids\n",
  };
  const choose = (more: Readonly<Record<string, string>>, writable: readonly string[] = groups): string =>
    chooseParent(machine({ ...files, ...more }), [...groups], (folder) => writable.includes(folder));
  assert.equal(choose({}), "/cg/user/app");
  assert.equal(choose({ "/cg/user/app/run/cgroup.subtree_control": "memory\n" }), "/cg/user/app/run");
  assert.equal(choose({}, ["/cg/user/app/run", "/cg"]), "/cg");
  assert.equal(choose({}, ["/cg/user/app/run"]), "/cg/user/app/run");
  for (const [name, limit] of [["memory.max", "1000\n"], ["cpu.max", "50000 100000\n"], ["cpuset.cpus", "0-3\n"]]) {
    assert.equal(choose({ [`/cg/user/app/run/${name}`]: `${limit}` }), "/cg/user/app/run", name);
  }
});

Deno.test("parseCpuUsage() reads microseconds, and needs the total only", () => {
  assert.deepEqual(parseCpuUsage("usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\n"), {
    cpuSeconds: 2.5,
    cpuUserSeconds: 2,
    cpuSystemSeconds: 0.5,
  });
  assert.deepEqual(parseCpuUsage("usage_usec 1\n"), { cpuSeconds: 1e-6 });
  assert.throws(() => parseCpuUsage("user_usec 1\n"), SyntaxError);
});

Deno.test("parseIoStat() adds devices up, those that stand on others left out", () => {
  const text = "8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n" +
    "7:1 7:0 259:0 rbytes=100 wbytes=0 rios=1 wios=0 dbytes=0 dios=0 cost.usage=3\n" +
    "253:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n8:16 \n";
  const isStacked = (device: string): boolean => device === "253:0";
  assert.deepEqual(parseIoStat(text, isStacked), { storageReadBytes: 4196, storageWriteBytes: 8192 });
  const strange = "8:0 xrbytes=7 rbytes=1 wbytes=2\n";
  assert.deepEqual(parseIoStat(strange, isStacked), { storageReadBytes: 1, storageWriteBytes: 2 });
  assert.deepEqual(parseIoStat("", isStacked), { storageReadBytes: 0, storageWriteBytes: 0 });
  for (const bad of ["rbytes=1\n", "8:0 rbytes=x\n", "8:0 rbytes=-4\n", "8:0 rbytes=409"]) {
    assert.throws(() => parseIoStat(bad, isStacked), SyntaxError, bad);
  }
});

testWithFixtures("parseIoStat() reads every capture", (read) => {
  for (const name of ["elastic_io.stat_ubuntu", "elastic_io.stat_ubuntu2"]) {
    // Whoever captured them has lost the newline that the kernel ends the file with.
    const { storageReadBytes = 0 } = parseIoStat(`${read(`cgroup/${name}`).trimEnd()}\n`, () => false);
    assert.ok(storageReadBytes > 0, name);
  }
});

Deno.test("exactOfCgroup() replaces what it knows, names its source, and leaves the rest", () => {
  const exact = exactOfCgroup(
    { cpu_seconds: 1, major_faults: 3, sources: { cpu_seconds: "wait4", major_faults: "wait4" } },
    { cpuSeconds: 2, storageReadBytes: 5, memoryPeakBytes: 7 },
  );
  assert.deepEqual(exact, {
    cpu_seconds: 2,
    major_faults: 3,
    storage_read_bytes: 5,
    cgroup_memory_peak_bytes: 7,
    sources: {
      cpu_seconds: "cgroup cpu.stat",
      major_faults: "wait4",
      storage_read_bytes: "cgroup io.stat",
      cgroup_memory_peak_bytes: "cgroup memory.peak",
    },
  });
});
