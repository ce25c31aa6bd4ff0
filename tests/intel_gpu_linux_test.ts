import assert from "node:assert/strict";
import { IntelGpuCollector } from "../collectors/intel_gpu_linux.ts";
import { ArchiveRoot } from "../lib/archive_root.ts";
import { Unavailable } from "../lib/contracts.ts";
import { environmentOf, fixture, machine, readOnce } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

const CARD = "/sys/class/drm/card0";

Deno.test("IntelGpuCollector tells a card of xe: the energy of the whole card, and the chip's temperature", async () => {
  const values = await readOnce(new IntelGpuCollector(), environmentOf(fixture("workstation_amd")));
  assert.deepEqual(Object.fromEntries(values), {
    'gpu_clock_hertz{gpu="card2",clock="graphics"}': 2850e6,
    'gpu_clock_hertz{gpu="card2",clock="video"}': 1100e6,
    'gpu_energy_joules_total{gpu="card2"}': 9876.54321,
    'gpu_power_limit_watts{gpu="card2"}': 190,
    'gpu_temperature_celsius{gpu="card2",sensor="gpu"}': 58,
    'gpu_temperature_celsius{gpu="card2",sensor="memory"}': 62,
    'gpu_fan_rpm{gpu="card2"}': 1180,
  });
});

Deno.test("IntelGpuCollector tells a card of i915, without a limit where that is switched off", async () => {
  const values = await readOnce(
    new IntelGpuCollector(),
    environmentOf(machine({
      [`${CARD}/device/uevent`]: "DRIVER=i915\nPCI_ID=8086:56A0\nPCI_SLOT_NAME=0000:03:00.0\n",
      [`${CARD}/gt/gt0/rps_act_freq_mhz`]: "2400\n",
      [`${CARD}/gt_act_freq_mhz`]: "2400\n",
      [`${CARD}/device/hwmon/hwmon4/energy1_input`]: "5000000\n",
      [`${CARD}/device/hwmon/hwmon4/power1_max`]: "0\n",
      [`${CARD}/device/hwmon/hwmon4/temp1_input`]: "51000\n",
    })),
  );
  assert.deepEqual(Object.fromEntries(values), {
    'gpu_clock_hertz{gpu="card0",clock="graphics"}': 2400e6,
    'gpu_energy_joules_total{gpu="card0"}': 5,
    'gpu_power_limit_watts{gpu="card0"}': null,
    'gpu_temperature_celsius{gpu="card0",sensor="gpu"}': 51,
  });
});

Deno.test("IntelGpuCollector takes the older file of the clock of a processor's graphics", async () => {
  const files = { [`${CARD}/device/uevent`]: "DRIVER=i915\n", [`${CARD}/gt_act_freq_mhz`]: "350\n" };
  const values = await readOnce(new IntelGpuCollector(), environmentOf(machine(files)));
  assert.deepEqual([...values], [['gpu_clock_hertz{gpu="card0",clock="graphics"}', 350e6]]);
});

testWithFixtures(
  "IntelGpuCollector has nothing to read in the capture of a laptop that lists connectors only",
  (read) => {
    const root = new ArchiveRoot(read("amd/procfs_drm_card0_amdgpu.tree"));
    assert.throws(
      () => new IntelGpuCollector().open(environmentOf(root)),
      (error) => error instanceof Unavailable && error.state === "unsupported" && /card1/.test(error.message),
    );
  },
);
