import assert from "node:assert/strict";
import fc from "fast-check";
import { MemoryCollector, parseMeminfo, parseVmstat } from "../collectors/memory_linux.ts";
import type { Status } from "../lib/records.ts";
import { environmentOf, laptop, machine, readOnce, valuesNow } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

const OLD_KERNEL =
  "MemTotal: 1000 kB\nMemFree: 200 kB\nBuffers: 30 kB\nCached: 400 kB\nShmem: 50 kB\nSReclaimable: 20 kB\n";

Deno.test("parseMeminfo() reads kB as KiB", () => {
  const memory = parseMeminfo("MemTotal: 1000 kB\nMemFree: 200 kB\nMemAvailable: 600 kB\nHugePages_Total: 3\n");
  assert.equal(memory.total, 1_024_000);
  assert.equal(memory.available, 614_400);
});

Deno.test("parseMeminfo() estimates available memory on kernels before 3.14", () => {
  assert.equal(parseMeminfo(OLD_KERNEL).available, (200 + 30 + 400 + 20 - 50) * 1024);
});

Deno.test("parseMeminfo() leaves out what is missing and never makes it 0", () => {
  const memory = parseMeminfo("MemTotal: 1000 kB\nMemFree: 200 kB\nMemAvailable: 600 kB\n");
  assert.deepEqual([memory.cached, memory.swapTotal, memory.swapFree], [undefined, undefined, undefined]);
});

Deno.test("parseMeminfo() names the line that is missing or of a wrong form", () => {
  assert.throws(() => parseMeminfo("MemFree: 1 kB\n"), /MemTotal of \/proc\/meminfo: missing/);
  assert.throws(() => parseMeminfo("MemTotal: 1000\nMemFree: 1 kB\n"), /MemTotal of \/proc\/meminfo: "1000"/);
});

Deno.test("parseMeminfo() gives no smaller number, wherever the text ends", () => {
  const text = laptop().read("/proc/meminfo");
  const whole = parseMeminfo(text);
  fc.assert(fc.property(fc.nat(text.length), (length) => {
    try {
      const part = parseMeminfo(text.slice(0, length));
      for (const key of ["total", "available", "free", "cached", "swapTotal", "swapFree"] as const) {
        assert.ok(part[key] === undefined || part[key] === whole[key], key);
      }
    } catch (error) {
      assert.ok(error instanceof SyntaxError);
    }
  }));
});

Deno.test("parseVmstat() finds the pages swapped in and out", () => {
  assert.deepEqual(parseVmstat("pgpgin 9\npswpin 3\npswpout 4\nnr_zspages -1\n"), { pagesIn: 3, pagesOut: 4 });
  assert.throws(() => parseVmstat("pswpin 3\n"), /pswpout is missing/);
});

Deno.test("MemoryCollector gives levels, and swap traffic in bytes", async () => {
  const values = await readOnce(new MemoryCollector(), environmentOf(laptop()));
  assert.deepEqual(Object.fromEntries(values), {
    system_memory_total_bytes: 16_384_000_000,
    system_memory_available_bytes: 9_216_000_000,
    system_memory_used_bytes: 7_168_000_000,
    system_memory_free_bytes: 2_048_000_000,
    system_memory_cached_bytes: 7_168_000_000,
    system_swap_total_bytes: 4_096_000_000,
    system_swap_used_bytes: 102_400_000,
    system_swap_in_bytes_total: 4_096_000,
    system_swap_out_bytes_total: 106_496_000,
  });
});

Deno.test("MemoryCollector has no swap traffic on a machine without swap", async () => {
  const root = machine({ "/proc/meminfo": `${OLD_KERNEL}SwapTotal: 0 kB\nSwapFree: 0 kB\n` });
  const values = await readOnce(new MemoryCollector(), environmentOf(root));
  assert.equal(values.has("system_swap_in_bytes_total"), false);
  assert.equal(values.get("system_swap_used_bytes"), 0);
});

Deno.test("MemoryCollector says why swap traffic is missing and keeps the rest", async () => {
  const root = laptop();
  root.fail("/proc/vmstat", "EACCES");
  const reported: Omit<Status, "collector">[] = [];
  const values = await readOnce(new MemoryCollector(), environmentOf(root, reported));
  assert.equal(values.size, 7);
  assert.deepEqual(reported.map(({ state, reason }) => [state, reason]), [
    ["denied", "Cannot read /proc/vmstat: permission denied (EACCES)"],
  ]);
});

Deno.test("MemoryCollector gives a gap for swap traffic alone when only that fails", async () => {
  const root = laptop();
  const collector = new MemoryCollector();
  await collector.open(environmentOf(root));
  root.write("/proc/vmstat", "pswpin 10");
  const values = valuesNow(collector);
  assert.equal(values.get("system_swap_in_bytes_total"), null);
  assert.equal(values.get("system_memory_total_bytes"), 16_384_000_000);
});

testWithFixtures("parseMeminfo() reads every capture", (read) => {
  const files = ["gopsutil_meminfo_i5", "gopsutil_meminfo_old_no_MemAvailable", "jc_meminfo", "node_exporter_meminfo"]
    .concat(["procfs_meminfo", "local_linux6.18/meminfo"]);
  for (const file of files) {
    const { total, available, free } = parseMeminfo(read(`linux-proc/${file}`));
    assert.ok(0 < free && free < total && 0 < available && available < total, file);
  }
});
