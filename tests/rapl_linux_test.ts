import assert from "node:assert/strict";
import fc from "fast-check";
import { EnergyCounter } from "../collectors/energy_counter.ts";
import { RaplCollector } from "../collectors/rapl_linux.ts";
import { findRaplZones } from "../collectors/rapl_zones_linux.ts";
import { ArchiveRoot } from "../lib/archive_root.ts";
import { Unavailable } from "../lib/contracts.ts";
import type { Status } from "../lib/records.ts";
import { FakeClock } from "./fake_clock.ts";
import { environmentOf, laptop, machine, readOnce, valuesNow } from "./fixture_machine.ts";
import { testWithFixtures } from "./shared.ts";

const POWERCAP = "/sys/class/powercap";
const ENERGY = `${POWERCAP}/intel-rapl:0/energy_uj`;
const RANGE = 262143.32885;

function energy(device: string, rail: string, scope: string): string {
  return `power_energy_joules_total{device="${device}",rail="${rail}",scope="${scope}"}`;
}

const PACKAGE = energy("package-0", "package-0", "package");

/** Two sockets, each with cores and memory. */
function twoSockets(): ArchiveRoot {
  const names = new Map([["0", "package-0"], ["0:0", "core"], ["0:1", "dram"], ["1", "package-1"], ["1:0", "core"], [
    "1:1",
    "dram",
  ]]);
  const root = new ArchiveRoot("");
  for (const [zone, name] of names) {
    root.write(`${POWERCAP}/intel-rapl:${zone}/name`, `${name}\n`);
    root.write(`${POWERCAP}/intel-rapl:${zone}/energy_uj`, "5000000\n");
    root.write(`${POWERCAP}/intel-rapl:${zone}/max_energy_range_uj`, "65532610987\n");
  }
  return root;
}

Deno.test("RaplCollector gives joules since boot and the limit of each zone that has one, once and with its scope", async () => {
  const values = await readOnce(new RaplCollector(), environmentOf(laptop()));
  assert.deepEqual([...values], [
    [PACKAGE, 120_000],
    ['power_limit_watts{device="package-0",rail="package-0",scope="package"}', 28],
    [energy("package-0", "core", "rail"), 70_000],
    [energy("package-0", "uncore", "rail"), 5_000],
    [energy("package-0", "dram", "package"), 9_000],
    [energy("psys", "psys", "machine"), 200_000],
  ]);
});

Deno.test("RaplCollector keeps equal zones of two sockets apart, and what adds up in one scope", async () => {
  const values = await readOnce(new RaplCollector(), environmentOf(twoSockets()));
  assert.deepEqual([...values.keys()], [
    energy("package-0", "package-0", "package"),
    energy("package-0", "core", "rail"),
    energy("package-0", "dram", "package"),
    energy("package-1", "package-1", "package"),
    energy("package-1", "core", "rail"),
    energy("package-1", "dram", "package"),
  ]);
});

Deno.test("findRaplZones() keeps zones of one name apart by their folder", () => {
  const root = twoSockets();
  root.write(`${POWERCAP}/intel-rapl:1/name`, "package-0\n");
  root.write(`${POWERCAP}/intel-rapl:0:1/name`, "core\n");
  assert.deepEqual(findRaplZones(root).map(({ labels }) => `${labels.device}/${labels.rail}`), [
    "package-0 (intel-rapl:0)/package-0",
    "package-0 (intel-rapl:0)/core (intel-rapl:0:0)",
    "package-0 (intel-rapl:0)/core (intel-rapl:0:1)",
    "package-0 (intel-rapl:1)/package-0",
    "package-0 (intel-rapl:1)/core",
    "package-0 (intel-rapl:1)/dram",
  ]);
});

Deno.test("RaplCollector corrects a counter that starts over", async () => {
  const root = laptop();
  const collector = new RaplCollector();
  root.write(ENERGY, "262143000000\n");
  await collector.open(environmentOf(root));
  assert.equal(valuesNow(collector, 100).get(PACKAGE), 262_143);
  root.write(ENERGY, "20000000\n");
  assert.equal(valuesNow(collector, 101).get(PACKAGE), RANGE + 20);
  root.write(ENERGY, "60000000\n");
  assert.equal(valuesNow(collector, 102).get(PACKAGE), RANGE + 60);
  collector.close();
});

Deno.test("RaplCollector reads at least once a minute where ticks are rarer, so that no round is missed", async () => {
  const [root, clock] = [laptop(), new FakeClock(100)];
  const collector = new RaplCollector(clock);
  await collector.open({ ...environmentOf(root), interval: 3600 });
  valuesNow(collector, clock.now());
  for (const joules of [200_000, 250_000, 40_000, 90_000, 140_000]) {
    root.write(ENERGY, `${joules * 1e6}\n`);
    clock.advance(60);
  }
  assert.equal(valuesNow(collector, clock.now()).get(PACKAGE), RANGE + 140_000);
  collector.close();
  root.write(ENERGY, "cut");
  clock.advance(600);
});

Deno.test("RaplCollector does not look at the clock any more once it is closed", async () => {
  let timers = 0;
  class CountingClock extends FakeClock {
    override at(instant: number, callback: () => void): () => void {
      timers++;
      return super.at(instant, callback);
    }
  }
  const clock = new CountingClock();
  const collector = new RaplCollector(clock);
  await collector.open({ ...environmentOf(laptop()), interval: 61 });
  collector.close();
  clock.advance(600);
  assert.equal(timers, 1);
});

Deno.test("RaplCollector gives a gap for a zone that vanishes, leaves it out then, and keeps count of the others", async () => {
  const root = laptop();
  const collector = new RaplCollector();
  await collector.open(environmentOf(root));
  root.write(ENERGY, "262143000000\n");
  valuesNow(collector, 100);
  root.write(ENERGY, "20000000\n");
  root.remove(`${POWERCAP}/intel-rapl:1/energy_uj`);
  assert.equal(valuesNow(collector, 101).get(energy("psys", "psys", "machine")), null);
  const values = valuesNow(collector, 102);
  assert.equal(values.has(energy("psys", "psys", "machine")), false);
  assert.equal(values.get(PACKAGE), RANGE + 20);
  collector.close();
});

Deno.test("RaplCollector says how to get what only root may read, and what that means", () => {
  const root = laptop();
  for (const zone of ["0", "0:0", "0:1", "0:2", "1"]) root.fail(`${POWERCAP}/intel-rapl:${zone}/energy_uj`, "EACCES");
  assert.throws(() => new RaplCollector().open(environmentOf(root)), (error) => {
    assert.ok(error instanceof Unavailable);
    assert.equal(error.state, "denied");
    assert.match(error.remedy ?? "", /sudo chmod a\+r \/sys\/class\/powercap\/intel-rapl\*\/energy_uj .*CVE-2020-8694/);
    return true;
  });
});

Deno.test("RaplCollector says that virtual machines lack it", () => {
  assert.throws(
    () => new RaplCollector().open(environmentOf(machine({ [`${POWERCAP}/dtpm/enabled`]: "1\n" }))),
    (error) => error instanceof Unavailable && error.state === "absent" && /Virtual machines/.test(error.remedy ?? ""),
  );
});

for (const lie of ["", "12", "-5\n", "NaN\n", "99999999999999999999\n", "words\n"]) {
  Deno.test(`RaplCollector makes a gap of ${JSON.stringify(lie)}, and loses nothing by it`, async () => {
    const root = laptop();
    const reported: Omit<Status, "collector">[] = [];
    const collector = new RaplCollector();
    await collector.open(environmentOf(root, reported));
    assert.equal(valuesNow(collector, 1).get(PACKAGE), 120_000);
    root.write(ENERGY, lie);
    assert.equal(valuesNow(collector, 2).get(PACKAGE), null);
    root.write(ENERGY, "120050000000\n");
    assert.equal(valuesNow(collector, 3).get(PACKAGE), 120_050);
    collector.close();
  });
}

Deno.test("EnergyCounter never falls, and tells all that was used, however often it starts over", () => {
  const steps = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 200 });
  fc.assert(fc.property(steps, fc.integer({ min: 0, max: 999 }), (used, start) => {
    const counter = new EnergyCounter(1000);
    counter.take(start, 0);
    let total = start;
    used.forEach((joules, index) => {
      total += joules;
      assert.equal(counter.take(total % 1000, index + 1), total);
    });
  }));
});

Deno.test("EnergyCounter takes a counter that was set back for no round", () => {
  const counter = new EnergyCounter(RANGE);
  assert.equal(counter.take(100_000, 1), 100_000);
  assert.equal(counter.take(3, 2), null);
  assert.equal(counter.take(53, 3), 100_050);
  const unbounded = new EnergyCounter(undefined);
  assert.equal(unbounded.take(100, 1), 100);
  assert.equal(unbounded.take(99, 2), null);
});

testWithFixtures("RaplCollector reads every zone of the captures once", async (read) => {
  for (const [name, zones] of [["node_exporter_powercap", 2], ["procfs_powercap_intel-rapl", 3]] as const) {
    const reported: Omit<Status, "collector">[] = [];
    const root = new ArchiveRoot(read(`linux-sysfs/${name}.tree`));
    const values = await readOnce(new RaplCollector(), environmentOf(root, reported));
    assert.equal([...values.keys()].filter((series) => series.startsWith("power_energy")).length, zones);
    assert.equal(values.get(PACKAGE), 240422.366267);
    assert.deepEqual(reported, []);
  }
});

Deno.test("RaplCollector says how to get a zone that is denied beside others", async () => {
  const root = laptop();
  root.fail(`${POWERCAP}/intel-rapl:1/energy_uj`, "EACCES");
  const reported: Omit<Status, "collector">[] = [];
  const values = await readOnce(new RaplCollector(), environmentOf(root, reported));
  assert.deepEqual([values.has(PACKAGE), values.has(energy("psys", "psys", "machine"))], [true, false]);
  assert.deepEqual(reported.map(({ state }) => state), ["denied"]);
  assert.match(reported[0]?.remedy ?? "", /sudo chmod a\+r/);
});

Deno.test("EnergyCounter does not believe more than its range, nor more than a package can use", () => {
  const counter = new EnergyCounter(1000);
  assert.equal(counter.take(900, 1), 900);
  assert.equal(counter.take(1001, 2), null);
  assert.equal(counter.take(950, 3), 950);
  const large = new EnergyCounter(1e9);
  assert.equal(large.take(0, 0), 0);
  assert.equal(large.take(50_001, 10), null);
  assert.equal(large.take(110_001, 20), null, "ten seconds do not allow as much, though twenty would");
  assert.equal(large.take(110_101, 21), 100);
});
