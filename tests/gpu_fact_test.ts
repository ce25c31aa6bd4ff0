import assert from "node:assert/strict";
import { gpuFact } from "../lib/gpu_fact.ts";
import { findGpuMemory, findGpuThrottling, findIdleGpu } from "../lib/gpu_findings.ts";
import type { Summary } from "../lib/summary.ts";
import { bareSummary, gauge } from "./sample_run.ts";

const GIB = 1024 ** 3;

/** What is known of one GPU. */
function gpu(id: string, percent: number, bytes: number): Summary["metrics"] {
  return {
    [`gpu_utilization_percent{gpu="${id}"}`]: gauge(percent),
    [`gpu_memory_used_bytes{gpu="${id}"}`]: gauge(bytes),
    [`gpu_memory_total_bytes{gpu="${id}"}`]: gauge(80 * GIB),
  };
}

Deno.test("gpuFact() tells the use and the memory of one GPU, by its name", () => {
  const devices = [{ label: "gpu", id: "0", name: "NVIDIA H200" }];
  const fact = gpuFact(bareSummary({ metrics: gpu("0", 87, 14 * GIB), devices }));
  assert.deepEqual([fact?.label, fact?.figure, fact?.note], ["GPU", "87 % busy, 14 GiB of 80 GiB", "NVIDIA H200"]);
});

Deno.test("gpuFact() tells the mean use of several GPUs and the memory of the fullest", () => {
  const metrics = { ...gpu("0", 90, 14 * GIB), ...gpu("1", 30, 70 * GIB) };
  const fact = gpuFact(bareSummary({ metrics }));
  assert.deepEqual([fact?.label, fact?.figure], ["GPUs", "60 % busy, fullest 70 GiB of 80 GiB"]);
  assert.equal(fact?.note, "2 GPUs, all programs");
  assert.match(fact?.detail ?? "", /^GPU 0 90 % \(up to 90 %\), GPU 1 30 % \(up to 30 %\)\./);
});

Deno.test("gpuFact() does not count the instances of a divided GPU as GPUs", () => {
  const metrics = { ...gpu("0", 90, 14 * GIB), 'gpu_memory_used_bytes{gpu="0/mig0"}': gauge(2 * GIB) };
  assert.equal(gpuFact(bareSummary({ metrics }))?.label, "GPU");
});

Deno.test("gpuFact() tells of memory alone where no use is known, and nothing without a GPU", () => {
  const metrics = { 'gpu_memory_used_bytes{gpu="0"}': gauge(2 * GIB) };
  assert.equal(gpuFact(bareSummary({ metrics }))?.figure, "2 GiB");
  assert.equal(gpuFact(bareSummary()), undefined);
});

Deno.test("findGpuThrottling() names the GPU and the reason that were so for longest", () => {
  const metrics = {
    'gpu_throttle{gpu="0",state="sw_power_cap"}': gauge(0.1),
    'gpu_throttle{gpu="1",state="hw_thermal_slowdown"}': gauge(0.4),
    'gpu_throttle{gpu="1",state="applications_clocks_setting"}': gauge(0.9),
  };
  assert.deepEqual(findGpuThrottling(bareSummary({ metrics })), {
    lead: "GPU 1 was slowed down 40 % of the time",
    evidence: "by the hardware, for heat, and so was 1 more",
  });
});

Deno.test("findGpuThrottling() says nothing of less than 5 % of the time, of a few readings, and of clocks that somebody has set", () => {
  for (
    const [series, summary] of [
      ['gpu_throttle{gpu="0",state="sw_power_cap"}', gauge(0.04)],
      ['gpu_throttle{gpu="0",state="sw_power_cap"}', gauge(0.5, { count: 4 })],
      ['gpu_throttle{gpu="0",state="applications_clocks_setting"}', gauge(1)],
      ['gpu_throttle{gpu="0",state="sync_boost"}', gauge(1)],
    ] as const
  ) {
    assert.equal(findGpuThrottling(bareSummary({ metrics: { [series]: summary } })), undefined, series);
  }
});

Deno.test("findIdleGpu() tells of a GPU that the command had memory on and let wait, and of no other one", () => {
  const metrics = { ...gpu("0", 12, GIB), ...gpu("1", 3, GIB), 'process_gpu_memory_bytes{gpu="0"}': gauge(GIB) };
  assert.equal(findIdleGpu(bareSummary({ metrics }))?.lead, "The command let GPU 0 idle 88 % of the time");
  const busy = { ...gpu("0", 31, GIB), 'process_gpu_memory_bytes{gpu="0"}': gauge(GIB) };
  assert.equal(findIdleGpu(bareSummary({ metrics: busy })), undefined);
  const unused = { ...gpu("0", 12, GIB), 'process_gpu_memory_bytes{gpu="0"}': gauge(0) };
  assert.equal(findIdleGpu(bareSummary({ metrics: unused })), undefined);
});

Deno.test("findGpuMemory() tells of a GPU whose memory was nearly used up", () => {
  assert.deepEqual(findGpuMemory(bareSummary({ metrics: { ...gpu("0", 1, 70 * GIB), ...gpu("1", 1, 79 * GIB) } })), {
    lead: "The memory of GPU 1 was nearly used up",
    evidence: "79 GiB of 80 GiB",
  });
  assert.equal(findGpuMemory(bareSummary({ metrics: gpu("0", 1, 75 * GIB) })), undefined);
  assert.equal(findGpuMemory(bareSummary({ metrics: { 'gpu_memory_used_bytes{gpu="0"}': gauge(GIB) } })), undefined);
});
