import assert from "node:assert/strict";
import { type Collector, type Environment, type Reading, Unavailable } from "../lib/contracts.ts";
import { examine, type Examined } from "../lib/examination.ts";
import { recorderEnvironmentOf } from "./fixture_machine.ts";
import { machine } from "./fixture_machine.ts";

/** A collector of one series, of which parts are replaced. */
function collector(parts: Partial<Collector> = {}): Collector {
  return {
    name: "load",
    metrics: ["system_load1"],
    sources: ["/proc/loadavg"],
    series: ["system_load1"],
    open: () => undefined,
    collect: () => ({ values: [1] }),
    close: () => undefined,
    ...parts,
  };
}

async function examineOne(one: Collector, patience = 60): Promise<Examined> {
  const [examined] = await examine([one], {
    environmentOf: () => recorderEnvironmentOf(machine({})),
    patience,
    now: () => 0,
    pause: () => Promise.resolve(),
  });
  if (examined === undefined) throw new Error("Cannot examine the collector: nothing came back");
  return examined;
}

function fail(error: Error): never {
  throw error;
}

Deno.test("examine() opens as if asked for by name, reads twice, measures and closes", async () => {
  const seen: string[] = [];
  const { state, values, readSeconds } = await examineOne(collector({
    open: ({ isRequired }) => void seen.push(`open ${isRequired}`),
    collect: () => {
      seen.push("collect");
      return { values: [seen.length] };
    },
    close: () => void seen.push("close"),
  }));
  assert.equal(state, "working");
  assert.deepEqual([...values], [["system_load1", 3]]);
  assert.ok(readSeconds !== undefined && readSeconds >= 0);
  assert.deepEqual(seen.slice(0, 3), ["open true", "collect", "collect"]);
  assert.equal(seen.at(-1), "close");
});

Deno.test("examine() knows by the time of its readings what is read in the background", async () => {
  assert.equal((await examineOne(collector())).isBackground, false);
  assert.equal((await examineOne(collector({ collect: () => ({ values: [1], at: 0 }) }))).isBackground, true);
});

Deno.test("examine() tells of a source that hangs and goes on, and closes it", async () => {
  const closed = Promise.withResolvers<void>();
  const hanging = collector({ open: () => new Promise(() => undefined), close: closed.resolve });
  const { state, reason, values } = await examineOne(hanging, 0.01);
  assert.deepEqual([state, reason], ["unsupported", "Cannot open load: no answer within 0.01 s"]);
  assert.equal(values.size, 0);
  await closed.promise;
});

Deno.test("examine() gives the state, reason and remedy of what is not there, also when it goes while it is read", async () => {
  const denied = new Unavailable("denied", "Cannot read it", "ask for it");
  const cases: Partial<Collector>[] = [{ open: () => fail(denied) }, { collect: () => fail(denied) }];
  for (const parts of cases) {
    const { state, reason, remedy } = await examineOne(collector(parts));
    assert.deepEqual([state, reason, remedy], ["denied", "Cannot read it", "ask for it"]);
  }
});

Deno.test("examine() keeps the value of the reading that had one, and tells of a gap", async () => {
  const readings: (() => Reading)[] = [() => ({ values: [7] }), () => fail(new Error("Cannot read it now"))];
  const examined = await examineOne(collector({ collect: () => (readings.shift() ?? (() => ({ values: [null] })))() }));
  assert.deepEqual([...examined.values], [["system_load1", 7]]);
  assert.deepEqual(examined.parts, [{ state: "off", reason: "Cannot read it now" }]);
  assert.equal(examined.state, "working");
});

Deno.test("examine() takes a defect of a collector for a source that does not work", async () => {
  const { state, reason } = await examineOne(collector({ open: () => fail(new TypeError("x is undefined")) }));
  assert.deepEqual([state, reason], ["unsupported", "x is undefined"]);
});

Deno.test("examine() keeps parts and devices that a collector tells, each once", async () => {
  const part = { state: "denied", metrics: ["system_load1"], reason: "Cannot read one" } as const;
  const device = { label: "gpu", id: "0", name: "GPU" };
  const { parts, devices } = await examineOne(collector({
    open: ({ report, introduce }: Environment) => {
      report(part);
      report(part);
      report({ state: "working" });
      introduce(device);
      introduce(device);
    },
  }));
  assert.deepEqual(parts, [part]);
  assert.deepEqual(devices, [device]);
});

Deno.test("examine() does not measure what a failing reading costs", async () => {
  let readings = 0;
  const { readSeconds } = await examineOne(collector({
    collect: () => {
      readings++;
      throw new Error("Cannot read it now");
    },
  }));
  assert.deepEqual([readings, readSeconds], [2, undefined]);
});
