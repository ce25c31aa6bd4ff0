/** The words for what NVML tells, by the names that the collector gives. */

import assert from "node:assert/strict";
import { THROTTLE_REASONS } from "../collectors/nvidia_reading.ts";
import { findingsOf } from "../lib/findings.ts";
import type { Summary } from "../lib/summary.ts";
import { bareSummary, gauge } from "./sample_run.ts";

function told(metrics: Summary["metrics"]): string[] {
  return findingsOf(bareSummary({ metrics })).map(({ lead, evidence }) => `${lead}: ${evidence}`);
}

function throttled(state: string, share: number): Summary["metrics"] {
  return { [`gpu_throttle{gpu="0",state="${state}"}`]: gauge(share) };
}

Deno.test("findingsOf() has words for each reason for which NVIDIA holds clocks down, but for those that somebody has set", () => {
  const set = Object.keys(THROTTLE_REASONS).filter((state) => told(throttled(state, 1)).length === 0);
  assert.deepEqual(set, ["applications_clocks_setting", "sync_boost"]);
  for (const state of Object.keys(THROTTLE_REASONS)) assert.doesNotMatch(told(throttled(state, 1)).join(), /_/);
  assert.deepEqual(told(throttled("sw_thermal_slowdown", 0.25)), ["GPU 0 was slowed down 25 % of the time: for heat"]);
});
