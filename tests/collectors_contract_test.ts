import assert from "node:assert/strict";
import { createCollectors } from "../collectors/mod.ts";
import { type Collector, Unavailable } from "../lib/contracts.ts";
import type { ArchiveRoot } from "../lib/archive_root.ts";
import { isMetricName } from "../lib/metrics.ts";
import { SystemError } from "../lib/root.ts";
import { formatSeries, parseSeries } from "../lib/series.ts";
import { type Fault, FAULTS, FaultyRoot } from "./faulty_root.ts";
import { environmentOf, fixture } from "./fixture_machine.ts";

// What a tool tells is not true any more soon after it has fallen silent, as those of a fixture do.
const STREAMED: readonly string[] = ["nvidia", "tegrastats", "amd_smi", "intel_gpu_top", "neuron"];

// A machine that has everything that the collector tells; the laptop has most.
const MACHINES: ReadonlyMap<string, string> = new Map([
  ["jetson_emc", "jetson_orin_l4t36"],
  ["jetson_power", "jetson_orin_l4t36"],
  ["jetson_gpu", "jetson_orin_l4t36"],
  ["tegrastats", "tegrastats_only"],
  ["amdgpu", "workstation_amd"],
  ["amd_smi", "rocm_smi_only"],
  ["intel_gpu", "workstation_amd"],
  ["intel_gpu_top", "workstation_amd"],
  ["drm_processes", "workstation_amd"],
  ["neuron", "trainium"],
]);

const NAMES = createCollectors("linux").map(({ name }) => name);

function create(name: string): Collector {
  const collector = createCollectors("linux").find((each) => each.name === name);
  if (collector === undefined) throw new RangeError(`Cannot find collector ${name}`);
  return collector;
}

/** Seconds between two readings: some collectors look for what they have lost only every ten seconds. */
function stepOf(name: string): number {
  return STREAMED.includes(name) ? 1 : 20;
}

function machineOf(name: string): ArchiveRoot {
  return fixture(MACHINES.get(name) ?? "laptop");
}

/** Whatever went wrong: a value is null or a number that can be told, and there is one for each column. */
function collectWhole(collector: Collector, now: number): Map<string, number | null> {
  const { values } = collector.collect(now, undefined);
  assert.equal(values.length, collector.series.length);
  for (const value of values) assert.ok(value === null || Number.isFinite(value), String(value));
  return new Map(collector.series.map((series, index) => [series, values[index] ?? null]));
}

/** What may be thrown: from the machine or a parser; never a defect such as a TypeError. */
function assertExpected(error: unknown): void {
  assert.ok(
    error instanceof Unavailable || error instanceof SystemError || error instanceof SyntaxError,
    String(error),
  );
  assert.match(error.message, /^Cannot \w+ /);
}

for (const name of NAMES) {
  Deno.test(`${name} spells its series from the vocabulary, each once, and of metrics that it declares`, async () => {
    const collector = create(name);
    await collector.open(environmentOf(machineOf(name)));
    collectWhole(collector, 0);
    assert.ok(collector.series.length > 0);
    assert.equal(new Set(collector.series).size, collector.series.length);
    for (const series of collector.series) {
      const id = parseSeries(series);
      assert.ok(isMetricName(id.name) && collector.metrics.includes(id.name), series);
      assert.equal(formatSeries(id.name, id.labels), series);
    }
    const given = new Set(collector.series.map((series) => parseSeries(series).name));
    assert.deepEqual(collector.metrics.filter((metric) => !given.has(metric)), [], "metrics the whole machine lacks");
    collector.close();
  });

  Deno.test(`${name} gives the same columns and values again while the machine stands still`, async () => {
    const collector = create(name);
    await collector.open(environmentOf(machineOf(name)));
    const first = collectWhole(collector, 0);
    const columns = collector.series;
    assert.deepEqual(collectWhole(collector, stepOf(name)), first);
    assert.equal(collector.series, columns);
    collector.close();
  });

  Deno.test(`${name} closes every file, also when it could not be opened`, async () => {
    const root = new FaultyRoot(machineOf(name));
    for (let n = 1; n < 200; n++) {
      root.arm(n, "EIO");
      const collector = create(name);
      try {
        await collector.open(environmentOf(root));
        collector.close();
      } catch (error) {
        assert.ok(error instanceof Unavailable, String(error));
      }
      assert.equal(root.opened, 0, `access ${n}`);
      if (root.isArmed) break;
    }
  });

  for (const fault of FAULTS) {
    Deno.test(`${name} answers whole or with a gap, whichever access while opening meets ${fault}`, async () => {
      for (let n = 1; await openWithFault(name, n, fault); n++);
    });

    Deno.test(`${name} answers whole or with a gap, whichever access while reading meets ${fault}`, async () => {
      for (let n = 1; await readWithFault(name, n, fault); n++);
    });
  }
}

/** Says whether the n-th access existed. */
async function openWithFault(name: string, n: number, fault: Fault): Promise<boolean> {
  const truth = await valuesOfMachine(name);
  const root = new FaultyRoot(machineOf(name));
  const collector = create(name);
  root.arm(n, fault);
  try {
    await collector.open(environmentOf(root));
    assertTrue(collectWhole(collector, 0), truth);
  } catch (error) {
    assertExpected(error);
  }
  await collector.close();
  return !root.isArmed;
}

/** Says whether the n-th access existed; after the fault the collector must be as before, unless it is gone for good. */
async function readWithFault(name: string, n: number, fault: Fault): Promise<boolean> {
  const truth = await valuesOfMachine(name);
  const root = new FaultyRoot(machineOf(name));
  const collector = create(name);
  await collector.open(environmentOf(root));
  root.arm(n, fault);
  try {
    assertTrue(collectWhole(collector, 0), truth);
  } catch (error) {
    assertExpected(error);
    if (error instanceof Unavailable) return true;
  }
  const struck = !root.isArmed;
  root.arm(0, fault);
  collectWhole(collector, stepOf(name));
  assert.deepEqual(collectWhole(collector, 2 * stepOf(name)), truth);
  await collector.close();
  return struck;
}

async function valuesOfMachine(name: string): Promise<Map<string, number | null>> {
  const collector = create(name);
  await collector.open(environmentOf(machineOf(name)));
  return collectWhole(collector, 0);
}

// A number that is neither a gap nor the one on the machine would be half of one. Only a limit may be another: a group without
// the file has no limit of its own, so that of another group on the path holds.
function assertTrue(values: ReadonlyMap<string, number | null>, truth: ReadonlyMap<string, number | null>): void {
  for (const [series, value] of values) {
    const isLimit = /^cgroup_.*_limit/.test(series);
    if (value !== null && truth.has(series) && !isLimit) assert.equal(value, truth.get(series), series);
  }
}
