import assert from "node:assert/strict";
import fc from "fast-check";
import { CpuCollector, parseSystemStat } from "../collectors/cpu_linux.ts";
import { environmentOf, laptop, machine, readOnce, valuesNow } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

Deno.test("parseSystemStat() keys CPUs by number, with holes, and leaves the sum out", () => {
  const { cpus } = parseSystemStat("cpu  4 0 4 4 0 0 0 0 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\ncpu17 2 0 0 0 0 0 0 0 0 0\n");
  assert.deepEqual(cpus, [{ id: "0", ticks: [1, 2, 3, 4, 5, 6, 7, 8] }, { id: "17", ticks: [2, 0, 0, 0, 0, 0, 0, 0] }]);
});

Deno.test("parseSystemStat() takes the four modes of Cygwin and misses what it leaves out", () => {
  const { cpus, counts } = parseSystemStat("cpu 7 0 6 5\ncpu0 519 0 463 602\npage 4 1\nctxt 188\n");
  assert.deepEqual(cpus, [{ id: "0", ticks: [519, 0, 463, 602] }]);
  assert.deepEqual(counts, { ctxt: 188 });
});

Deno.test("parseSystemStat() refuses a text that was cut off inside a number", () => {
  assert.throws(() => parseSystemStat("cpu  1 0 1 1\ncpu0 1 0 1 12"), /Cannot parse \/proc\/stat: cut off/);
});

Deno.test("parseSystemStat() refuses words for numbers and a machine without CPU", () => {
  assert.throws(() => parseSystemStat("cpu0 1 x 3 4\n"), SyntaxError);
  assert.throws(() => parseSystemStat("ctxt 12\n"), /tells of no CPU/);
});

Deno.test("parseSystemStat() gives whole numbers or throws SyntaxError, wherever the text ends", () => {
  const text = laptop().read("/proc/stat");
  const whole = parseSystemStat(text).cpus;
  fc.assert(fc.property(fc.nat(text.length), (length) => {
    const part = text.slice(0, length);
    try {
      const { cpus } = parseSystemStat(part);
      assert.deepEqual(cpus, whole.slice(0, cpus.length));
    } catch (error) {
      assert.ok(error instanceof SyntaxError);
    }
  }));
});

Deno.test("CpuCollector gives seconds from clock ticks", async () => {
  const values = await readOnce(new CpuCollector(), environmentOf(laptop()));
  assert.equal(values.get('system_cpu_seconds_total{cpu="3",mode="user"}'), 14);
  assert.equal(values.get('system_cpu_seconds_total{cpu="0",mode="steal"}'), 0.1);
  assert.equal(values.get("system_context_switches_total"), 654321);
  assert.equal(values.get("system_forks_total"), 4321);
  assert.equal(values.get("system_processes_running"), 2);
  assert.equal(values.get("system_processes_blocked"), 1);
  assert.equal(values.size, 4 + 3 * 8);
});

Deno.test("CpuCollector gives new columns when a CPU goes and comes, and the same array while none does", async () => {
  const root = machine({ "/proc/stat": "cpu0 100 0 0 0\ncpu1 200 0 0 0\n" });
  const collector = new CpuCollector();
  await collector.open(environmentOf(root));
  const both = collector.series;
  collector.collect();
  assert.equal(collector.series, both);
  root.write("/proc/stat", "cpu1 300 0 0 0\n");
  assert.equal(valuesNow(collector).get('system_cpu_seconds_total{cpu="1",mode="user"}'), 3);
  assert.equal(collector.series.length, 4);
  root.write("/proc/stat", "cpu0 100 0 0 0\ncpu1 400 0 0 0\n");
  assert.equal(valuesNow(collector).get('system_cpu_seconds_total{cpu="1",mode="user"}'), 4);
});

testWithFixtures("parseSystemStat() reads every capture", (read) => {
  const files = ["jc_stat", "node_exporter_stat", "procfs_stat", "stat_256cpu_SYNTHETIC", "local_linux6.18/stat"]
    .concat(["stat_android_9fields_no_guest_nice", "stat_lxcfs_truncated_no_btime", "stat_msys_cygwin_4fields"]);
  for (const file of files) {
    const text = read(`linux-proc/${file}`);
    const ids = Array.from(text.matchAll(/^cpu(\d+)/gm), (match) => match[1]);
    assert.deepEqual(parseSystemStat(text).cpus.map(({ id }) => id), ids, file);
  }
  assert.throws(() => parseSystemStat(read("linux-proc/gopsutil_stat_times_empty")), /empty/);
});
