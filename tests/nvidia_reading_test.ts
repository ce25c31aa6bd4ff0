import assert from "node:assert/strict";
import { plausible, THROTTLE_REASONS, throttleStates } from "../collectors/nvidia_reading.ts";

Deno.test("throttleStates() tells each reason by its bit of nvml.h, and nothing of an idle GPU", () => {
  const bits = {
    applications_clocks_setting: 2,
    sw_power_cap: 4,
    hw_slowdown: 8,
    sync_boost: 16,
    sw_thermal_slowdown: 32,
    hw_thermal_slowdown: 64,
    hw_power_brake_slowdown: 128,
  };
  for (const [reason, bit] of Object.entries(bits)) {
    const states = throttleStates(bit);
    const told = Object.keys(THROTTLE_REASONS).filter((_, index) => states[index] === 1);
    assert.deepEqual(told, [reason]);
  }
  assert.ok(throttleStates(1).every((state) => state === 0));
});

Deno.test("throttleStates() knows nothing where the bits are unknown, or more than there can be", () => {
  for (const bits of [null, 2 ** 63]) assert.ok(throttleStates(bits).every((state) => state === null));
});

Deno.test("plausible() takes the largest number of a kind, and nothing beyond", () => {
  for (const [kind, most] of [["percent", 100], ["fan", 1000], ["watts", 1e5], ["celsius", 250]] as const) {
    assert.deepEqual([plausible(most, kind), plausible(most + 1, kind), plausible(-1, kind)], [most, null, null]);
  }
  assert.equal(plausible(2 ** 50 + 1, "bytes"), null);
});
