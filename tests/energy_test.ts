import assert from "node:assert/strict";
import { summarizeEnergy } from "../lib/energy.ts";
import { joulesPerCpuSecond } from "../lib/energy_estimate.ts";
import type { EnergySources } from "../lib/energy_parts.ts";
import { energyFact } from "../lib/energy_fact.ts";
import type { MetricSummary, Summary } from "../lib/summary.ts";
import { bareSummary } from "./sample_run.ts";

function energy(joules: number, seconds: number): MetricSummary {
  return { unit: "joules", kind: "counter", count: 10, min: 0, max: joules, last: joules, total: joules, seconds };
}

function gauge(mean: number, unit: MetricSummary["unit"] = "watts"): MetricSummary {
  return { unit, kind: "gauge", count: 10, min: 0, max: 2 * mean, last: mean, mean, p50: mean, p95: mean };
}

/** A power and its energy: of the 10 s of a bare summary, or of some of them. */
function rail(
  [device, name, scope]: readonly [device: string, name: string, scope: string],
  watts: number,
  seconds = 10,
): Summary["metrics"] {
  const labels = `{device="${device}",rail="${name}",scope="${scope}"}`;
  return {
    [`power_watts${labels}`]: gauge(watts),
    [`power_energy_joules_total${labels}`]: energy(seconds * watts, seconds),
  };
}

function gpu(id: string, watts: number, seconds = 10): Summary["metrics"] {
  return {
    [`gpu_power_watts{gpu="${id}"}`]: gauge(watts),
    [`gpu_energy_joules_total{gpu="${id}"}`]: energy(seconds * watts, seconds),
  };
}

function sources(metrics: Summary["metrics"], parts: Partial<EnergySources> = {}): EnergySources {
  return { ...bareSummary(), metrics, baseline: undefined, ...parts };
}

const SERVER = {
  ...rail(["package-0", "package-0", "package"], 100),
  ...rail(["package-0", "core", "rail"], 70),
  ...rail(["package-0", "dram", "package"], 20),
  ...rail(["package-1", "package-1", "package"], 80),
  ...gpu("0", 300),
  ...gpu("1", 100),
};

Deno.test("summarizeEnergy() adds packages, memory and GPUs up, and never a rail within them", () => {
  const summary = summarizeEnergy(sources(SERVER));
  assert.deepEqual([summary?.scope, summary?.joules, summary?.mean_watts], ["parts", 6000, 600]);
  assert.deepEqual(summary?.devices.map(({ name, joules }) => [name, joules]), [
    ["package-0", 1000],
    ["package-0 dram", 200],
    ["package-1", 800],
    ["GPU 0", 3000],
    ["GPU 1", 1000],
  ]);
});

Deno.test("summarizeEnergy() takes the whole machine or the module where something tells it, and nothing more", () => {
  const laptop = { ...SERVER, ...rail(["psys", "psys", "machine"], 900), ...rail(["BAT0", "BAT0", "machine"], 700) };
  assert.deepEqual(summarizeEnergy(sources(laptop))?.devices.map(({ name }) => name), ["psys"]);
  const jetson = {
    ...rail(["jetson", "VDD_IN", "module"], 10),
    ...rail(["jetson", "VDD_SOC", "rail"], 2),
    ...gpu("0", 3),
  };
  const { scope, joules } = summarizeEnergy(sources(jetson)) ?? {};
  assert.deepEqual([scope, joules], ["module", 100]);
});

Deno.test("summarizeEnergy() adds the batteries of a machine up, whether it ran on them together or one after the other", () => {
  const batteries = (first: number, second: number) => ({
    ...rail(["BAT0", "battery", "machine"], 8, first),
    ...rail(["BAT1", "battery", "machine"], 12, second),
  });
  const told = [batteries(10, 10), batteries(4, 6)].map((metrics) => summarizeEnergy(sources(metrics)));
  assert.deepEqual(told.map((each) => [each?.scope, each?.joules, each?.mean_watts, each?.seconds]), [
    ["machine", 200, 20, 10],
    ["machine", 104, 10.4, 10],
  ]);
});

Deno.test("summarizeEnergy() does not take what a battery gave in a part of the run for the energy of the run", () => {
  const unplugged = { ...SERVER, ...rail(["BAT0", "battery", "machine"], 900, 3) };
  const { scope, joules } = summarizeEnergy(sources(unplugged)) ?? {};
  assert.deepEqual([scope, joules], ["parts", 6000]);
});

Deno.test("summarizeEnergy() tells for how long it was measured, and nothing of what was read once", () => {
  const late = { ...rail(["package-0", "package-0", "package"], 100), ...gpu("0", 300, 7) };
  const { joules, mean_watts, seconds } = summarizeEnergy(sources(late)) ?? {};
  assert.deepEqual([joules, mean_watts, seconds], [3100, 400, 7]);
  const { seconds: _, ...once } = energy(0, 0);
  const metrics = { ...gpu("0", 300), 'gpu_energy_joules_total{gpu="0"}': once };
  assert.equal(summarizeEnergy(sources(metrics)), undefined);
});

Deno.test("summarizeEnergy() does not add an integrated GPU to the package that it is in", () => {
  const devices = [{ label: "gpu", id: "0", name: "Radeon 780M", attributes: { integrated: "yes" } }];
  const { joules } = summarizeEnergy(sources({ ...rail(["p", "p", "package"], 30), ...gpu("0", 20) }, { devices })) ??
    {};
  assert.equal(joules, 300);
});

Deno.test("summarizeEnergy() takes an integrated GPU where nothing tells the energy of its package", () => {
  const devices = [{ label: "gpu", id: "0", name: "Radeon 780M", attributes: { integrated: "yes" } }];
  assert.equal(summarizeEnergy(sources(gpu("0", 20), { devices }))?.joules, 200);
});

Deno.test("summarizeEnergy() knows nothing where nothing told an energy", () => {
  assert.equal(summarizeEnergy(sources({ cpu_percent: gauge(50, "percent") })), undefined);
  assert.equal(summarizeEnergy(sources(rail(["fan-hub", "power1", "device"], 5))), undefined);
});

Deno.test("summarizeEnergy() tells the baseline beside, and only where every device was measured", () => {
  const watts = { 'gpu_power_watts{gpu="0"}': 60, 'gpu_power_watts{gpu="1"}': 40 };
  const gpus = { ...gpu("0", 300), ...gpu("1", 100) };
  const whole = summarizeEnergy(sources(gpus, { baseline: { seconds: 5, watts } }));
  assert.deepEqual([whole?.baseline, whole?.joules], [{ seconds: 5, mean_watts: 100 }, 4000]);
  assert.equal(summarizeEnergy(sources(SERVER, { baseline: { seconds: 5, watts } }))?.baseline, undefined);
});

Deno.test("summarizeEnergy() estimates the command's part by its share of busy CPU time and of GPU use", () => {
  const use = {
    system_cpu_percent: gauge(400, "percent"),
    'gpu_utilization_percent{gpu="0"}': gauge(80, "percent"),
    'process_gpu_utilization_percent{gpu="0"}': gauge(20, "percent"),
    'gpu_utilization_percent{gpu="1"}': gauge(50, "percent"),
    'process_gpu_utilization_percent{gpu="1"}': gauge(0, "percent"),
  };
  const command = { exact: { cpu_seconds: 10, sources: {} } };
  const estimate = summarizeEnergy(sources({ ...SERVER, ...use }, command))?.command_estimate;
  // 10 of 40 busy CPU seconds of 2,000 J, and a quarter of the 3,000 J of the first GPU.
  assert.deepEqual([estimate?.cpu_joules, estimate?.gpu_joules, estimate?.joules], [500, 750, 1250]);
  assert.match(estimate?.method ?? "", /busy CPU time.*SM utilisation/);
  assert.equal(joulesPerCpuSecond(sources({ ...SERVER, ...use })), 50);
});

Deno.test("summarizeEnergy() estimates nothing where the CPU time of the machine is not known", () => {
  const command = { exact: { cpu_seconds: 10, sources: {} } };
  assert.equal(summarizeEnergy(sources(SERVER, command))?.command_estimate, undefined);
});

Deno.test("summarizeEnergy() never estimates more than there was", () => {
  const use = { system_cpu_percent: gauge(10, "percent") };
  const command = { exact: { cpu_seconds: 100, sources: {} } };
  const energyOfPackage = rail(["p", "p", "package"], 30);
  assert.equal(summarizeEnergy(sources({ ...energyOfPackage, ...use }, command))?.command_estimate?.joules, 300);
});

Deno.test("energyFact() says what the energy covers, and what of it is an estimate", () => {
  const summary = bareSummary({ metrics: SERVER });
  const told = summarizeEnergy({ ...summary, baseline: undefined });
  assert.ok(told !== undefined);
  const estimate = { joules: 1250, cpu_joules: 1250, method: "energy of CPU packages by its share" };
  const fact = energyFact({
    ...summary,
    energy: { ...told, baseline: { seconds: 10, mean_watts: 150 }, command_estimate: estimate },
  });
  assert.equal(fact?.figure, "6 kJ (600 W on average)");
  assert.equal(fact?.note, "CPUs, memory and 2 GPUs only");
  assert.deepEqual(fact?.parts?.[0], { name: "GPU 0", figure: "3 kJ", note: "300 W" });
  assert.match(fact?.detail ?? "", /Idle, in the 10 s before, it drew 150 W, 25 % of the run's average: 1.5 kJ/);
  assert.match(fact?.detail ?? "", /Estimate for the command alone: 1.3 kJ \(energy of CPU packages by its share\)\./);
  const late = energyFact({ ...summary, energy: { ...told, seconds: 7 } });
  assert.equal(late?.note, "CPUs, memory and 2 GPUs only, for 7 s of 10 s");
  assert.match(late?.detail ?? "", /It was measured for 7 s of 10 s\./);
  assert.equal(energyFact(bareSummary()), undefined);
});

Deno.test("summarizeEnergy() estimates no more of a GPU than it used, and nothing of one that did nothing", () => {
  const use = (all: number, own: number): Summary["metrics"] => ({
    ...gpu("0", 300),
    'gpu_utilization_percent{gpu="0"}': gauge(all, "percent"),
    'process_gpu_utilization_percent{gpu="0"}': gauge(own, "percent"),
  });
  const told = [use(50, 60), use(0, 0), use(0, 5)].map((metrics) => summarizeEnergy(sources(metrics)));
  assert.deepEqual(told.map((each) => each?.command_estimate?.gpu_joules), [3000, 0, 0]);
});

Deno.test("summarizeEnergy() takes the mean power from the energy, whatever the readings of the power say", () => {
  const metrics = { 'gpu_power_watts{gpu="0"}': gauge(450), 'gpu_energy_joules_total{gpu="0"}': energy(3000, 10) };
  assert.equal(summarizeEnergy(sources(metrics))?.mean_watts, 300);
});
