import assert from "node:assert/strict";
import { parseCpuModel, readMachine } from "../lib/machine_linux.ts";
import { laptop, machine } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

const MEMINFO = { "/proc/meminfo": "MemTotal: 1000 kB\n" };

Deno.test("readMachine() tells the machine and what of it may be used", () => {
  assert.deepEqual(readMachine(laptop()), {
    os: "linux",
    kernel: "6.8.0-45-generic",
    architecture: "x86_64",
    cpu_model: "11th Gen Intel(R) Core(TM) i5-1135G7",
    cpus: 3,
    cpus_usable: 1.5,
    memory_bytes: 16_384_000_000,
    memory_usable_bytes: 4 * 1024 ** 3,
  });
});

Deno.test("readMachine() counts only CPUs that are both online and allowed", () => {
  const root = laptop();
  root.remove("/proc/self/cgroup");
  root.write("/proc/self/status", "Cpus_allowed_list:\t1-2\n");
  assert.equal(readMachine(root).cpus_usable, 1);
});

Deno.test("readMachine() counts CPUs in /proc/stat where /sys is hidden, and has no limits without control groups", () => {
  const read = readMachine(machine({ ...MEMINFO, "/proc/stat": "cpu  2 0 0 0\ncpu0 1 0 0 0\ncpu5 1 0 0 0\nctxt 4\n" }));
  assert.deepEqual([read.cpus, read.cpus_usable, read.memory_usable_bytes], [2, 2, 1_024_000]);
  assert.equal("kernel" in read || "cpu_model" in read, false);
});

Deno.test("readMachine() names the board where the processor has no name", () => {
  const root = machine({
    ...MEMINFO,
    "/sys/devices/system/cpu/online": "0-3\n",
    "/proc/cpuinfo": "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\n",
  });
  assert.equal(readMachine(root).cpu_model, "ARM implementer 0x41 part 0xd08");
  root.write("/proc/device-tree/model", "Raspberry Pi 4 Model B Rev 1.1\0");
  assert.equal(readMachine(root).cpu_model, "Raspberry Pi 4 Model B Rev 1.1");
});

Deno.test("readMachine() throws where the memory is not told", () => {
  const root = laptop();
  root.write("/proc/meminfo", "MemFree: 1 kB\n");
  assert.throws(() => readMachine(root), /MemTotal of \/proc\/meminfo: missing/);
});

testWithFixtures("parseCpuModel() reads every capture", (read) => {
  const models = {
    cadvisor_cpuinfo_arm: "ARMv7 Processor rev 4 (v7l)",
    cadvisor_cpuinfo_rpi4: "ARM implementer 0x41 part 0xd08",
    gopsutil_cpuinfo_issue1037: "ARMv7 Processor rev 4 (v7l)",
    lscpu_armv7_cpuinfo: "ARMv7 Processor rev 4 (v7l)",
  };
  for (const [file, model] of Object.entries(models)) {
    const { name, part } = parseCpuModel(read(`linux-proc/${file}`));
    assert.equal(name ?? part, model, file);
  }
});
