import assert from "node:assert/strict";
import type { MetricName } from "../lib/metrics.ts";
import { isPlausible } from "../lib/plausible.ts";

Deno.test("isPlausible() takes what a device can mean, and neither registers without a value nor less than nothing", () => {
  const ranges: readonly (readonly [MetricName, most: number, beyond: number])[] = [
    ["gpu_utilization_percent", 100, 65_535],
    ["gpu_temperature_celsius", 125, 65_535],
    ["gpu_power_watts", 1_500, 4_294_967],
    ["gpu_clock_hertz", 5e9, 1e13],
    ["gpu_fan_rpm", 6_000, 65_535],
    ["gpu_memory_used_bytes", 2 ** 40, 2 ** 65],
  ];
  for (const [name, most, beyond] of ranges) {
    assert.deepEqual([isPlausible(name, most), isPlausible(name, beyond)], [true, false], name);
  }
  assert.deepEqual([isPlausible("gpu_temperature_celsius", -20), isPlausible("gpu_temperature_celsius", -274)], [
    true,
    false,
  ]);
  assert.equal(isPlausible("gpu_memory_used_bytes", -1), false);
});
