import assert from "node:assert/strict";
import { type Collector, Unavailable } from "../lib/contracts.ts";
import { Recorder, type RecorderOptions } from "../lib/recorder.ts";
import type { ResmonRecord, TickRecord, Unnumbered } from "../lib/records.ts";
import { ArchiveRoot } from "../lib/archive_root.ts";
import { FakeClock } from "./fake_clock.ts";
import { recorderEnvironmentOf } from "./fixture_machine.ts";

type Written = Unnumbered<ResmonRecord>;

/** A collector that reads what a test tells it to. */
class FakeCollector implements Collector {
  readonly name: string;
  readonly metrics = [];
  readonly sources = [];
  series: readonly string[] = ["system_load1"];
  readonly period: number | undefined;
  readonly #read: () => number | null;
  isClosed = false;

  constructor(name: string, read: () => number | null, period?: number) {
    this.name = name;
    this.#read = read;
    this.period = period;
  }

  open(): void {}

  collect(): { values: (number | null)[] } {
    return { values: this.series.map(() => this.#read()) };
  }

  close(): void {
    this.isClosed = true;
  }
}

interface Setup {
  readonly recorder: Recorder;
  readonly clock: FakeClock;
  readonly written: Written[];
  readonly warnings: string[];
}

async function open(collectors: Collector[], options: Partial<RecorderOptions> = {}): Promise<Setup> {
  const clock = new FakeClock();
  const written: Written[] = [];
  const warnings: string[] = [];
  const recorder = new Recorder({
    collectors,
    required: [],
    environment: recorderEnvironmentOf(new ArchiveRoot("")),
    clock,
    write: (record) => written.push(record),
    warn: (message) => warnings.push(message),
    ...options,
  });
  await recorder.open();
  return { recorder, clock, written, warnings };
}

function ticks(written: readonly Written[]): Omit<TickRecord, "seq">[] {
  return written.filter((record) => record.type === "tick");
}

function begin({ recorder, clock }: Setup): void {
  recorder.prepare();
  clock.jump(0.004);
  recorder.watch({ pid: 1 }, clock.now());
}

Deno.test("Recorder tells the time of a reading that came much later than its tick", async () => {
  const waits = [0, 0.009, 0.04, 0.3];
  const clock = new FakeClock();
  const slow = new FakeCollector("slow", () => {
    clock.jump(waits.shift() ?? 0);
    return 1;
  });
  const setup = { ...await open([slow, new FakeCollector("next", () => 2)], { clock }), clock };
  begin(setup);
  setup.recorder.tick();
  setup.recorder.tick();
  setup.recorder.tick();
  const late = ticks(setup.written).map(({ elapsed, at }) => at?.["next"] === undefined ? 0 : at["next"] - elapsed);
  assert.deepEqual(late.map((seconds) => Math.round(seconds * 1000)), [0, 0, 40, 300]);
});

Deno.test("Recorder reads before the command starts, on a ramp, and then at multiples of the interval", async () => {
  const setup = await open([new FakeCollector("load", () => 1)]);
  begin(setup);
  setup.clock.advance(3.5);
  const elapsed = ticks(setup.written).map((tick) => tick.elapsed);
  assert.deepEqual(elapsed, [-0.004, 0.03125, 0.0625, 0.125, 0.25, 0.5, 1, 2, 3]);
});

Deno.test("Recorder leaves out ticks that it missed, and counts them", async () => {
  const setup = await open([new FakeCollector("load", () => 1)]);
  begin(setup);
  setup.clock.advance(2.5);
  setup.clock.jump(4);
  setup.clock.advance(2);
  const elapsed = ticks(setup.written).map((tick) => tick.elapsed).slice(-4);
  assert.deepEqual(elapsed, [2, 6.5, 7, 8]);
  assert.equal(setup.recorder.statistics.skipped, 3);
});

Deno.test("Recorder spells columns once, and again when they change", async () => {
  const collector = new FakeCollector("load", () => 1);
  const setup = await open([collector]);
  begin(setup);
  setup.clock.advance(1);
  collector.series = ["system_load1", "system_load5"];
  setup.clock.advance(1);
  const columns = setup.written.filter((record) => record.type === "columns").map((record) => record.series);
  assert.deepEqual(columns, [["system_load1"], ["system_load1", "system_load5"]]);
  assert.deepEqual(ticks(setup.written).at(-1)?.values, { load: [1, 1] });
});

Deno.test("Recorder makes a failing reading a gap, tells it once and counts each", async () => {
  let isBroken = false;
  const collector = new FakeCollector("load", () => {
    if (isBroken) throw new SyntaxError("Cannot parse /proc/loadavg: it is empty");
    return 1;
  });
  const setup = await open([collector, new FakeCollector("other", () => 2)]);
  begin(setup);
  setup.clock.advance(1);
  isBroken = true;
  setup.clock.advance(2);
  assert.deepEqual(ticks(setup.written).at(-1)?.values, { other: [2] });
  assert.deepEqual(setup.warnings, ["load has a gap: Cannot parse /proc/loadavg: it is empty"]);
  assert.equal(setup.recorder.statistics.gaps, 2);
  isBroken = false;
  setup.clock.advance(1);
  assert.deepEqual(ticks(setup.written).at(-1)?.values, { load: [1], other: [2] });
});

Deno.test("Recorder closes a collector that is gone for good, says why, and goes on", async () => {
  const lost = new FakeCollector("gpu", () => {
    throw new Unavailable("lost", "The GPU fell off the bus");
  });
  const setup = await open([lost, new FakeCollector("load", () => 1)]);
  begin(setup);
  setup.clock.advance(1);
  assert.ok(lost.isClosed);
  assert.deepEqual(ticks(setup.written).at(-1)?.values, { load: [1] });
  const status = setup.written.findLast((record) => record.type === "status");
  assert.deepEqual(status, { type: "status", collector: "gpu", state: "lost", reason: "The GPU fell off the bus" });
  assert.equal(setup.warnings.length, 1);
});

Deno.test("Recorder leaves out a collector that is not there, and refuses to start without one that was asked for", async () => {
  const absent = new FakeCollector("temperature", () => 1);
  absent.open = () => {
    throw new Unavailable("absent", "No sensor is there", "load a driver");
  };
  const { written } = await open([absent]);
  assert.deepEqual(written, [
    {
      type: "status",
      collector: "temperature",
      state: "absent",
      reason: "No sensor is there",
      remedy: "load a driver",
    },
  ]);
  await assert.rejects(open([absent], { required: [["temperature"]] }), Unavailable);
});

Deno.test("Recorder reads a slow source at its period only", async () => {
  const setup = await open([new FakeCollector("slow", () => 1, 3), new FakeCollector("load", () => 2)]);
  begin(setup);
  setup.clock.advance(9);
  const slow = ticks(setup.written).filter((tick) => "slow" in tick.values).map((tick) => Math.round(tick.elapsed) + 0);
  assert.deepEqual(slow, [0, 3, 6, 9]);
});

Deno.test("Recorder.reportSilent() says of a source that never answered that it has not", async () => {
  const silent = new FakeCollector("slow", () => null);
  silent.series = [];
  const setup = await open([silent, new FakeCollector("load", () => 1)]);
  begin(setup);
  setup.recorder.reportSilent();
  const statuses = setup.written.filter((record) => record.type === "status" && record.state !== "working");
  assert.deepEqual(statuses, [
    { type: "status", collector: "slow", state: "off", reason: "It gave no number while the command ran" },
  ]);
});

Deno.test("Recorder stops when told, and closes its collectors", async () => {
  const collector = new FakeCollector("load", () => 1);
  const setup = await open([collector]);
  begin(setup);
  setup.clock.advance(1);
  setup.recorder.close();
  const count = ticks(setup.written).length;
  setup.clock.advance(10);
  assert.equal(ticks(setup.written).length, count);
  assert.ok(collector.isClosed);
});

Deno.test("Recorder takes ticks between deadlines while it watches, not near to another, and as many as it can afford", async () => {
  const clock = new FakeClock();
  const costly = new FakeCollector("costly", () => {
    clock.jump(0.03);
    return 1;
  });
  const setup = { ...await open([costly], { clock }), clock };
  const { recorder, written } = setup;
  recorder.tickBetween();
  assert.equal(ticks(written).length, 0);
  begin(setup);
  recorder.tick();
  const before = ticks(written).length;
  recorder.tickBetween();
  clock.jump(-0.025);
  recorder.tickBetween();
  assert.equal(ticks(written).length, before + 1);
  for (let at = 0; at < 100; at++) {
    clock.jump(0.02);
    recorder.tickBetween();
  }
  // 0.2 s at once, and 2 % of the 2.3 s that this takes.
  const taken = ticks(written).length - before;
  assert.ok(taken >= 7 && taken <= 10, `${taken} ticks of 0.03 s`);
  recorder.stop();
  clock.jump(100);
  recorder.tickBetween();
  assert.equal(ticks(written).length, before + taken);
});
