import assert from "node:assert/strict";
import { type NeuronReport, readNeuronReport } from "../collectors/neuron_report.ts";
import { tellMachine, type Told } from "../collectors/neuron_usage.ts";
import { testWithFixtures } from "./shared.ts";

function report(runtime: Record<string, unknown>, rest: Record<string, unknown> = {}): NeuronReport {
  return readNeuronReport({ neuron_runtime_data: [{ pid: 7, error: "", report: runtime }], ...rest });
}

function machineOf(told: NeuronReport): Told {
  const values: Told = new Map();
  tellMachine(values, told);
  return values;
}

function core(number: number): string {
  return `neuron_core_utilization_percent{core="${number}"}`;
}

Deno.test("readNeuronReport() makes a group that tells an error unknown, and no other", () => {
  const { runtimes: [runtime] } = report({
    neuroncore_counters: { neuroncores_in_use: { "0": { neuroncore_utilization: 0 } }, error: "no such device" },
    memory_used: { neuron_runtime_used_bytes: { host: 1, neuron_device: 2 }, error: "" },
  });
  assert.equal(runtime?.utilization, undefined);
  assert.deepEqual([runtime?.hostBytes, runtime?.deviceBytes], [1, 2]);
});

Deno.test("readNeuronReport() knows nothing of a runtime that tells an error", () => {
  const { runtimes: [runtime] } = readNeuronReport({
    neuron_runtime_data: [{
      pid: 7,
      error: "connection refused",
      report: { memory_used: { runtime_memory: { host: 1 } } },
    }],
  });
  assert.deepEqual([runtime?.pid, runtime?.hostBytes, runtime?.utilization], [7, undefined, undefined]);
});

Deno.test("readNeuronReport() leaves out what cannot be: negative, text, null, a core that is no number", () => {
  const { runtimes: [runtime] } = report({
    neuroncore_counters: {
      neuroncores_in_use: {
        "0": { neuroncore_utilization: -1 },
        "1": { neuroncore_utilization: "50" },
        "2": null,
        "three": { neuroncore_utilization: 5 },
        "4": { neuroncore_utilization: 250 },
      },
    },
    execution_stats: { execution_summary: { completed: null, timed_out: 2 }, latency_stats: null },
  });
  assert.deepEqual([...runtime?.utilization ?? []], [["4", 100]]);
  assert.deepEqual([...runtime?.executions ?? []], [["timed_out", 2]]);
  assert.deepEqual([...runtime?.latencies.get("total") ?? []], []);
});

Deno.test("readNeuronReport() refuses what is not a report", () => {
  for (const output of [{}, [], null, "usage: neuron-monitor", { neuron_runtime_data: {} }]) {
    assert.throws(() => readNeuronReport(output), /SyntaxError: Cannot parse what neuron-monitor prints/);
  }
});

Deno.test("tellMachine() adds up programs that share a core, 100 at most", () => {
  const runtime = (percent: number): unknown => ({
    pid: 1,
    report: { neuroncore_counters: { neuroncores_in_use: { "3": { neuroncore_utilization: percent } } } },
  });
  const told = machineOf(readNeuronReport({ neuron_runtime_data: [runtime(30), runtime(40)] }));
  assert.equal(told.get(core(3)), 70);
  assert.equal(machineOf(readNeuronReport({ neuron_runtime_data: [runtime(70), runtime(80)] })).get(core(3)), 100);
});

Deno.test("tellMachine() tells 0 of the cores that no program uses, and nothing where a program's use is unknown", () => {
  const hardware = { neuron_hardware_info: { neuron_device_count: 1, neuroncore_per_device_count: 2, error: "" } };
  const idle = machineOf(readNeuronReport({ neuron_runtime_data: [], ...hardware }));
  assert.deepEqual([idle.get(core(0)), idle.get(core(1)), idle.get("neuron_memory_used_bytes")], [0, 0, 0]);
  const unknown = machineOf(report({ neuroncore_counters: { error: "timeout" } }, hardware));
  assert.deepEqual([unknown.get(core(0)), unknown.get("neuron_memory_used_bytes")], [null, null]);
});

Deno.test("tellMachine() tells the latency of the slowest program", () => {
  const runtime = (p99: number): unknown => ({
    report: { execution_stats: { latency_stats: { total_latency: { p99 } } } },
  });
  const told = machineOf(readNeuronReport({ neuron_runtime_data: [runtime(0.2), runtime(0.5), runtime(0.1)] }));
  assert.equal(told.get('neuron_execution_latency_seconds{latency="total",percentile="p99"}'), 0.5);
});

// The captures of neuron-ls are not read: what it tells stands in the reports and in the files of the driver as well.
testWithFixtures("readNeuronReport() reads the captures of all four generations", (read) => {
  const [first, second, third, fourth, idle] = [
    "monitor_schema_2020-09_runtime_data_DOC",
    "monitor_schema_2021_inference_stats_DOC",
    "monitor_2023_inf2_two_runtimes_real",
    "monitor_schema_2026_trn2_v3d_DOC",
    "monitor_2026_trn1.2xlarge_idle_real",
  ].map((name) => readNeuronReport(JSON.parse(read(`neuron/${name}.jsonl`))));
  const [told2020, told2021, told2023] = [first, second, third].map((each) => each && machineOf(each));
  assert.equal(told2020?.get(core(0)), 42.01);
  assert.deepEqual([told2020?.get("neuron_memory_used_bytes"), first?.runtimes[0]?.pid], [2_000_000, undefined]);
  assert.deepEqual([told2021?.get(core(1)), second?.runtimes[0]?.executions.get("completed")], [42.02, 123]);
  assert.deepEqual(third?.runtimes.map(({ pid, isForeign }) => [pid, isForeign]), [[20843, true], [21050, true]]);
  assert.equal(told2023?.get(core(1)), 3.0803098003189486);
  assert.equal(told2023?.get("neuron_memory_used_bytes"), 2 * 63105088);
  assert.equal(told2023?.get('neuron_core_memory_used_bytes{core="0",category="constants"}'), 61766864);
  assert.equal(
    told2023?.get('neuron_execution_latency_seconds{latency="total",percentile="p100"}'),
    0.07158160209655762,
  );
  assert.deepEqual([fourth?.cores, fourth?.runtimes[0]?.utilization?.size], [64, 2]);
  assert.deepEqual([...fourth?.devices.get("0")?.keys() ?? []].sort(), [
    "mem_corrected",
    "mem_uncorrected",
    "sram_corrected",
    "sram_uncorrected",
  ]);
  assert.deepEqual([idle?.cores, idle?.runtimes], [2, []]);
});
