import assert from "node:assert/strict";
import { IntelGpuTopCollector, readIntelGpuTop } from "../collectors/intel_gpu_top.ts";
import { Unavailable } from "../lib/contracts.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeTools } from "./fake_tools.ts";
import { environmentOf, fixture, machine, readOnce } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

interface Setup {
  readonly collector: IntelGpuTopCollector;
  readonly tools: FakeTools;
  readonly clock: FakeClock;
}

async function setUp(): Promise<Setup> {
  const [tools, clock] = [new FakeTools(), new FakeClock()];
  const collector = new IntelGpuTopCollector(clock);
  await collector.open({ ...environmentOf(fixture("workstation_amd")), tools, interval: 0.5 });
  return { collector, tools, clock };
}

function busy(percent: number): string {
  return `{"engines": {"Render/3D/0": {"busy": ${percent}}, "Blitter/0": {"busy": 1}}},`;
}

Deno.test("readIntelGpuTop() takes the busiest engine, 100 at most", () => {
  assert.equal(readIntelGpuTop({ engines: { a: { busy: 3 }, b: { busy: 42.5 }, c: {} } }), 42.5);
  assert.equal(readIntelGpuTop({ engines: { a: { busy: 101.4 } } }), 100);
});

Deno.test("readIntelGpuTop() refuses an object without engines, and shares that cannot be", () => {
  for (const output of [{}, { engines: {} }, { engines: { a: { busy: -1 } } }, { engines: { a: { busy: 1e9 } } }]) {
    assert.throws(() => readIntelGpuTop(output), SyntaxError);
  }
});

Deno.test("IntelGpuTopCollector tells the second object of the tool, not that of its start", async () => {
  const values = await readOnce(new IntelGpuTopCollector(), environmentOf(fixture("workstation_amd")));
  assert.deepEqual([...values], [['gpu_utilization_percent{gpu="card2"}', 63.25]]);
});

Deno.test("IntelGpuTopCollector asks for the card that it found, in its interval", async () => {
  const { tools } = await setUp();
  assert.deepEqual(tools.commands, [["/usr/bin/intel_gpu_top", "-J", "-s", "500", "-d", "drm:/dev/dri/card2"]]);
});

Deno.test("IntelGpuTopCollector drops the first object of each start, and gives a gap when the tool falls silent", async () => {
  const { collector, tools, clock } = await setUp();
  tools.last.line("[");
  tools.last.line(busy(99));
  assert.deepEqual(collector.collect(clock.now()).values, [null]);
  tools.last.line(busy(10));
  assert.deepEqual(collector.collect(clock.now()), { values: [10], at: clock.now() });
  tools.last.end("ended by SIGSEGV");
  clock.advance(1);
  tools.last.line(busy(99));
  assert.deepEqual(collector.collect(clock.now()).values, [10]);
  clock.advance(3);
  assert.throws(() => collector.collect(clock.now()), /^Error: Cannot tell what intel_gpu_top reads/);
});

Deno.test("IntelGpuTopCollector says which command lets it look, where it may not", async () => {
  const { collector, tools, clock } = await setUp();
  for (let attempt = 0; attempt < 3; attempt++) {
    tools.last.end("exit status 1 (Failed to initialize PMU! (Permission denied))");
    clock.advance(2);
  }
  assert.throws(
    () => collector.collect(clock.now()),
    (error) =>
      error instanceof Unavailable && error.state === "denied" && /setcap cap_perfmon/.test(error.remedy ?? ""),
  );
});

Deno.test("IntelGpuTopCollector is absent without the tool, and without an Intel GPU", async () => {
  const bare = fixture("workstation_amd");
  bare.remove("/.resmon/tools/intel_gpu_top -J");
  for (const root of [bare, machine({})]) {
    await assert.rejects(
      () => new IntelGpuTopCollector().open(environmentOf(root)),
      (error) => error instanceof Unavailable && error.state === "absent",
    );
  }
});

testWithFixtures("readIntelGpuTop() reads the capture of a machine that encodes videos", (read) => {
  assert.equal(readIntelGpuTop(JSON.parse(read("intel/intel_gpu_top_stream.json"))), 96.092944);
});
