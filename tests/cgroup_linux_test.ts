import assert from "node:assert/strict";
import {
  parseCpuStatV1,
  parseCpuStatV2,
  parseMemoryStatV1,
  parseMemoryStatV2,
} from "../collectors/cgroup_files_linux.ts";
import { CgroupCollector } from "../collectors/cgroup_linux.ts";
import { ArchiveRoot } from "../lib/archive_root.ts";
import { Unavailable } from "../lib/contracts.ts";
import type { Status } from "../lib/records.ts";
import { environmentOf, laptop, machine, readOnce, valuesNow } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

const SCOPE = "/sys/fs/cgroup/user.slice/training.scope";

Deno.test("parseCpuStatV1() reads nanoseconds, parseCpuStatV2() microseconds", () => {
  assert.deepEqual(parseCpuStatV1("nr_periods 4\nnr_throttled 3\nthrottled_time 2500000000\n"), {
    cgroup_cpu_periods_total: 4,
    cgroup_cpu_throttled_periods_total: 3,
    cgroup_cpu_throttled_seconds_total: 2.5,
  });
  assert.deepEqual(parseCpuStatV2("usage_usec 1500000\nuser_usec 1\nsystem_usec 1\n"), {
    cgroup_cpu_seconds_total: 1.5,
  });
});

Deno.test("parseMemoryStatV1() takes the totals with the groups below, and swap only where it is accounted", () => {
  const text = "cache 1\ninactive_file 2\nhierarchical_memory_limit 9223372036854771712\ntotal_inactive_file 30\n";
  assert.deepEqual(parseMemoryStatV1(text), { inactive_file: 30 });
  assert.deepEqual(parseMemoryStatV1(`${text}total_swap 4\n`), { inactive_file: 30, cgroup_swap_used_bytes: 4 });
  assert.deepEqual(parseMemoryStatV2("anon 1\ninactive_file 2\n"), { inactive_file: 2 });
});

Deno.test("CgroupCollector gives use and limits of a group of version 2", async () => {
  const values = await readOnce(new CgroupCollector(), environmentOf(laptop()));
  assert.deepEqual(Object.fromEntries(values), {
    cgroup_cpu_seconds_total: 12.5,
    cgroup_cpu_periods_total: 400,
    cgroup_cpu_throttled_periods_total: 30,
    cgroup_cpu_throttled_seconds_total: 0.75,
    cgroup_memory_used_bytes: 1024 ** 3,
    cgroup_memory_working_set_bytes: 1024 ** 3 - 128 * 1024 ** 2,
    cgroup_memory_peak_bytes: 2 * 1024 ** 3,
    cgroup_swap_used_bytes: 1024 ** 2,
    cgroup_oom_kills_total: 1,
    cgroup_processes: 42,
    cgroup_cpu_limit: 1.5,
    cgroup_memory_limit_bytes: 4 * 1024 ** 3,
    cgroup_processes_limit: 200,
  });
});

Deno.test("CgroupCollector gives of a root group what it has, and says what it has not", async () => {
  const root = laptop();
  root.write("/proc/self/cgroup", "0::/\n");
  const reported: Omit<Status, "collector">[] = [];
  const values = await readOnce(new CgroupCollector(), environmentOf(root, reported));
  assert.deepEqual([...values], [["cgroup_cpu_seconds_total", 90]]);
  assert.deepEqual(reported.map(({ state, metrics }) => [state, metrics?.length]), [["absent", 9], ["absent", 3]]);
});

Deno.test("CgroupCollector sees a limit that is set while the command runs", async () => {
  const root = laptop();
  root.write(`${SCOPE}/cpu.max`, "max 100000\n");
  const collector = new CgroupCollector();
  await collector.open(environmentOf(root));
  assert.equal(valuesNow(collector, 0).has("cgroup_cpu_limit"), false);
  root.write(`${SCOPE}/cpu.max`, "200000 100000\n");
  assert.equal(valuesNow(collector, 5).has("cgroup_cpu_limit"), false);
  assert.equal(valuesNow(collector, 10).get("cgroup_cpu_limit"), 2);
  root.write(`${SCOPE}/cpu.max`, "max 100000\n");
  assert.equal(valuesNow(collector, 20).get("cgroup_cpu_limit"), null);
});

Deno.test("CgroupCollector says that no mount shows its group", () => {
  const root = machine({
    "/proc/self/cgroup": "0::/../../x\n",
    "/proc/self/mountinfo": "1 2 0:1 / /sys rw - sysfs s rw\n",
  });
  assert.throws(() => new CgroupCollector().open(environmentOf(root)), Unavailable);
});

/** A capture of another process, read as if it were resmon. */
function captured(tree: string, pid: number): ArchiveRoot {
  const root = new ArchiveRoot(tree.replaceAll(/testdata\/\w+\/sys/g, "/sys"));
  root.write("/proc/self/cgroup", root.read(`/proc/${pid}/cgroup`).trimEnd() + "\n");
  root.write("/proc/self/mountinfo", root.read("/proc/self/mountinfo").trimEnd() + "\n");
  return root;
}

testWithFixtures("CgroupCollector reads a Kubernetes pod of version 1", async (read) => {
  const root = captured(read("cgroup/elastic_v1_kubepods_amzn2.tree"), 493239);
  const values = await readOnce(new CgroupCollector(), environmentOf(root));
  assert.equal(values.get("cgroup_cpu_seconds_total"), 124659.500367);
  assert.equal(values.get("cgroup_memory_used_bytes"), 1_215_860_736);
  assert.equal(values.get("cgroup_memory_working_set_bytes"), 1_215_860_736 - 78_557_184);
  assert.equal(values.get("cgroup_memory_limit_bytes"), 2 ** 31);
  assert.equal(values.get("cgroup_processes"), 177);
  assert.equal(values.has("cgroup_cpu_limit"), false);
});

testWithFixtures("CgroupCollector reads a service on a hybrid machine, whose memory is unlimited", async (read) => {
  const root = captured(read("cgroup/elastic_hybrid_v1_v2_ubuntu1804.tree"), 3757);
  const values = await readOnce(new CgroupCollector(), environmentOf(root));
  assert.equal(values.get("cgroup_memory_used_bytes"), 9_039_872);
  assert.equal(values.get("cgroup_memory_peak_bytes"), 9_908_224);
  assert.equal(values.has("cgroup_memory_limit_bytes"), false);
  assert.equal(values.has("cgroup_swap_used_bytes"), false);
});

testWithFixtures("CgroupCollector is absent where another namespace's path is shown by no mount", (read) => {
  const root = captured(read("cgroup/elastic_v2_session_scope_nested_ns.tree"), 2233801);
  assert.throws(() => new CgroupCollector().open(environmentOf(root)), /no mount in \/proc\/self\/mountinfo shows it/);
});
