import assert from "node:assert/strict";
import fc from "fast-check";
import { CimRow } from "../collectors/cim_rows_windows.ts";
import { parseCpuTime, parsePs, PsSource } from "../collectors/process_darwin.ts";
import { CimSource, readProcess } from "../collectors/process_windows.ts";
import { type ProcessSource, SampledProcessCollector } from "../collectors/sampled_processes.ts";
import { type ProcessFacts, SampledTree } from "../collectors/sampled_tree.ts";
import { TOOLS_FOLDER } from "../lib/archive_tools.ts";
import type { Status } from "../lib/records.ts";
import { FakeTools } from "./fake_tools.ts";
import { environmentOf, fixture } from "./fixture_machine.ts";

const CPU = 0;
const RSS = 1;
const PROCESSES = 2;

/** A row whose values are CPU seconds and resident bytes. */
function row(pid: number, ppid: number, facts: Partial<ProcessFacts> = {}): ProcessFacts {
  return { pid, ppid, started: 100 + pid, name: `p${pid}`, isZombie: false, values: [1, 10], ...facts };
}

/** A source whose tables a test hands over. */
class FakeSource implements ProcessSource {
  readonly sources = ["a test"];
  readonly columns = ["cpu_seconds_total", "memory_rss_bytes"] as const;
  readonly lack = "a test tells two numbers";
  failure: Error | undefined;
  #onSnapshot: Parameters<ProcessSource["open"]>[1] | undefined;
  #hasSpoken = false;

  open(_environment: unknown, onSnapshot: Parameters<ProcessSource["open"]>[1]): void {
    this.#onSnapshot = onSnapshot;
  }

  tell(...processes: readonly ProcessFacts[]): void {
    this.#hasSpoken = true;
    this.#onSnapshot?.({ at: performance.now() / 1000, processes });
  }

  hurry(): void {}

  check(): boolean {
    if (this.failure !== undefined) throw this.failure;
    return this.#hasSpoken;
  }

  close(): void {}
}

async function watchCommand(
  startsCommand: boolean,
): Promise<{ source: FakeSource; collector: SampledProcessCollector; reported: Omit<Status, "collector">[] }> {
  const source = new FakeSource();
  const collector = new SampledProcessCollector(source, { startsCommand });
  const reported: Omit<Status, "collector">[] = [];
  await collector.open(environmentOf(fixture("laptop"), reported));
  return { source, collector, reported };
}

Deno.test("SampledProcessCollector takes the table that is there when it attaches, and none from before a command's start", async () => {
  for (const [startsCommand, seconds] of [[false, 1], [true, null]] as const) {
    const { source, collector } = await watchCommand(startsCommand);
    source.tell(row(10, Deno.pid));
    collector.begin({ pid: 10 });
    assert.equal(collector.collect(0).values[CPU], seconds);
    assert.ok(collector.isTargetAlive, "an early table says nothing of who is alive now");
  }
});

Deno.test("SampledProcessCollector tells of another program in a process, and no counter falls", async () => {
  const { source, collector } = await watchCommand(true);
  collector.begin({ pid: 10 });
  source.tell(row(10, Deno.pid, { values: [5, 10] }));
  collector.collect(0);
  source.tell(row(10, Deno.pid, { name: "other", values: [4, 10] }));
  const { values, events } = collector.collect(0);
  assert.equal(values[CPU], 5);
  assert.deepEqual(events?.map(({ kind, attributes }) => [kind, attributes]), [["process_exec", { name: "other" }]]);
});

Deno.test("SampledProcessCollector counts its tools among resmon's own cost, and nobody else", async () => {
  const source = new FakeSource();
  const collector = new SampledProcessCollector(source, { startsCommand: true });
  const tools = Object.assign(new FakeTools(), { pids: new Set([77]) });
  await collector.open({ ...environmentOf(fixture("laptop")), tools });
  assert.equal(collector.ownCpuSeconds, undefined);
  source.tell(row(Deno.pid, 1, { values: [2, 1] }), row(77, Deno.pid, { values: [3, 1] }), row(78, 1));
  assert.equal(collector.ownCpuSeconds, 5);
});

Deno.test("SampledTree finds descendants in any order of the table, and nobody else", () => {
  const tree = new SampledTree(({ pid }) => pid === 10);
  const { started } = tree.update({
    at: 0,
    processes: [row(13, 12), row(12, 10), row(99, 1), row(10, 5), row(11, 10)],
  });
  assert.deepEqual(started.map(({ pid, id, parent }) => [pid, id, parent?.pid]), [
    [10, 1, undefined],
    [12, 2, 10],
    [11, 3, 10],
    [13, 4, 12],
  ]);
});

Deno.test("SampledTree keeps an orphan, and takes a reused pid for another process", () => {
  const tree = new SampledTree(({ pid }) => pid === 10);
  tree.update({ at: 0, processes: [row(10, 5), row(11, 10), row(12, 11)] });
  const orphaned = tree.update({ at: 1, processes: [row(10, 5), row(12, 1)] });
  assert.deepEqual(orphaned.ended.map(({ pid }) => pid), [11]);
  assert.ok(tree.processes.has(12));
  const reused = tree.update({ at: 2, processes: [row(10, 5), row(12, 10, { started: 500 })] });
  assert.deepEqual([reused.ended.map(({ id }) => id), reused.started.map(({ id }) => id)], [[3], [4]]);
});

Deno.test("SampledTree does not take in a process that is older than its parent: the parent's pid was another's then", () => {
  const tree = new SampledTree(({ pid }) => pid === 10);
  tree.update({
    at: 0,
    processes: [row(10, 5, { started: 200 }), row(11, 10, { started: 150 }), row(12, 10, { started: 200 })],
  });
  assert.deepEqual([...tree.processes.keys()], [10, 12]);
});

Deno.test("SampledTree never takes resmon in", () => {
  const tree = new SampledTree(({ pid }) => pid === 10);
  tree.update({ at: 0, processes: [row(10, 5), row(Deno.pid, 10), row(11, Deno.pid)] });
  assert.deepEqual([...tree.processes.keys()], [10]);
});

Deno.test("SampledTree lists each process once, whatever the table says", () => {
  const rows = fc.array(fc.tuple(fc.nat(12), fc.nat(12), fc.nat(3)), { maxLength: 30 });
  fc.assert(fc.property(fc.array(rows, { maxLength: 4 }), (tables) => {
    const tree = new SampledTree(({ pid }) => pid === 1);
    const living = new Set<number>();
    for (const table of tables) {
      const processes = table.map(([pid, ppid, started]) => row(pid, ppid, { started }));
      const { started, ended } = tree.update({ at: 0, processes });
      for (const { id } of ended) assert.ok(living.delete(id));
      for (const { id } of started) assert.equal(living.size, living.add(id).size - 1);
      assert.deepEqual(new Set([...tree.processes.values()].map(({ id }) => id)), living);
    }
  }));
});

Deno.test("SampledProcessCollector starts a command at 0, and keeps what ended processes used", async () => {
  const { source, collector } = await watchCommand(true);
  assert.deepEqual(collector.collect(0).values, [0, null, null]);
  collector.begin({ pid: 10 });
  assert.deepEqual(collector.collect(0).values, [null, null, null]);
  source.tell(row(10, Deno.pid, { values: [1, 100] }), row(11, 10, { values: [2, 50] }));
  assert.deepEqual(collector.collect(1).values, [3, 150, 2]);
  source.tell(row(10, Deno.pid, { values: [1.5, 120] }));
  const { values, processes, events, at } = collector.collect(2);
  assert.deepEqual(values, [3.5, 120, 1]);
  assert.deepEqual([...processes ?? []], [[1, [1.5, 120]]]);
  assert.deepEqual(events?.map(({ kind, pid }) => [kind, pid]), [["process_exit", 11]]);
  assert.ok(at !== undefined);
  source.tell();
  assert.deepEqual(collector.collect(3).values, [3.5, null, null]);
});

Deno.test("SampledProcessCollector does not take a process for the command that somebody else has started", async () => {
  const { source, collector } = await watchCommand(true);
  collector.begin({ pid: 10 });
  source.tell(row(10, 1));
  assert.deepEqual(collector.collect(0).values, [null, null, null]);
  const attached = await watchCommand(false);
  attached.collector.begin({ pid: 10 });
  attached.source.tell(row(10, 1));
  assert.equal(attached.collector.collect(0).values[PROCESSES], 1);
});

Deno.test("SampledProcessCollector sums what it knows: a level is unknown where one of its processes is secret", async () => {
  const { source, collector } = await watchCommand(true);
  collector.begin({ pid: 10 });
  source.tell(
    row(10, Deno.pid),
    row(11, 10, { values: [null, null] }),
    row(12, 10, { isZombie: true, values: [4, null] }),
  );
  const { values } = collector.collect(0);
  assert.deepEqual([values[CPU], values[RSS], values[PROCESSES]], [5, null, 2]);
});

Deno.test("SampledProcessCollector tells the end of the command once, with its status", async () => {
  const { source, collector } = await watchCommand(true);
  collector.begin({ pid: 10 });
  source.tell(row(10, Deno.pid), row(11, 10));
  collector.collect(0);
  collector.endCommand({ status: { code: 3 } }, performance.now() / 1000);
  assert.equal(collector.living, 1, "no table of after the end says who lives");
  source.tell(row(11, 1));
  assert.equal(collector.living, 1);
  source.tell();
  assert.equal(collector.living, 0);
  const exits = collector.collect(1).events?.filter(({ kind }) => kind === "process_exit") ?? [];
  assert.deepEqual(exits.map(({ pid, attributes }) => [pid, attributes]), [[10, { exit_code: 3 }], [11, undefined]]);
});

Deno.test("SampledProcessCollector takes a target for alive until a table without it, or no table at all any more", async () => {
  const { source, collector } = await watchCommand(false);
  collector.begin({ pid: 10 });
  assert.ok(collector.isTargetAlive);
  source.tell(row(10, 1));
  source.failure = new Error("Cannot tell what ps reads");
  assert.throws(() => collector.collect(1), /Cannot tell/);
  assert.ok(collector.isTargetAlive, "a gap is no end");
  source.tell(row(11, 10));
  assert.ok(!collector.isTargetAlive);
});

Deno.test("SampledProcessCollector says which numbers of processes the system does not tell", async () => {
  const { reported } = await watchCommand(true);
  assert.equal(reported[0]?.state, "unsupported");
  assert.ok(reported[0]?.metrics?.includes("threads"));
  assert.ok(!reported[0]?.metrics?.includes("memory_rss_bytes"));
});

Deno.test("parsePs() reads a table with a name of several lines, and none of nothing", () => {
  const row = "    1     0   1024   0:01.00 Ss   Mon Nov 16 08:12:31 2026     /bin/x";
  const facts = parsePs(`${row}\nand more\n\n${row.replace("    1 ", "  412 ")}\n`);
  assert.deepEqual(facts.map(({ pid, name }) => [pid, name]), [[1, "x\nand more"], [412, "x"]]);
  for (const text of ["\n", `${row}\n  412`, `${row}\n  412     1   10`]) {
    assert.throws(() => parsePs(text), SyntaxError);
  }
});

Deno.test("parsePs() reads paths with blanks, zombies and CPU times beyond an hour", () => {
  const rows = parsePs(fixture("macbook_m2").read(`${TOOLS_FOLDER}/ps -A`));
  const named = new Map(rows.map((each) => [each.name, each]));
  assert.deepEqual(named.get("data loader")?.values, [41.07, 131_072 * 1024]);
  assert.deepEqual([named.get("<defunct>")?.isZombie, named.get("<defunct>")?.values], [true, [0.01, null]]);
  assert.equal(named.get("Google Chrome")?.values[CPU], 123 * 60 + 45.67);
  assert.equal(named.get("python3.13")?.started, Date.parse("2026-11-21T09:30:00") / 1000);
});

Deno.test("parseCpuTime() reads minutes beyond 60, hours and days", () => {
  assert.deepEqual(["0:37.91", "123:45.67", "1:02:03", "2-03:04:05"].map(parseCpuTime), [
    37.91,
    7425.67,
    3723,
    183_845,
  ]);
  assert.throws(() => parseCpuTime("1:23,45"), SyntaxError);
});

Deno.test("readProcess() reads 64-bit numbers as texts, dates of both kinds, and null as unknown", () => {
  const process = readProcess(
    new CimRow({
      ProcessId: 7,
      ParentProcessId: 4,
      Name: "a.exe",
      CreationDate: "/Date(1795253402500)/",
      KernelModeTime: "20000000",
      UserModeTime: 5_000_000,
      WorkingSetSize: "4096",
      PeakWorkingSetSize: 8,
      ThreadCount: null,
    }),
  );
  assert.deepEqual(process?.values, [2.5, 0.5, 2, 4096, 8192, null, null, null]);
  assert.equal(process?.started, 1_795_253_402.5);
  assert.equal(new CimRow({ at: "2026-11-21T09:30:02.5000000+01:00" }).instant("at"), 1_795_249_802.5);
  assert.throws(() => new CimRow({ size: "N/A" }).count("size"), SyntaxError);
  assert.throws(() => new CimRow({ size: -1 }).count("size"), SyntaxError);
});

for (
  const [platform, name, source, expected] of [
    ["darwin", "macbook_m2", new PsSource(), { 4711: 123.45, 4712: 41.07, 4713: 0.01 }],
    ["windows", "windows_11", new CimSource(), { 5300: 125, 5400: 10 }],
  ] as const
) {
  Deno.test(`SampledProcessCollector finds the command of the machine of ${platform} and what it started`, async () => {
    const collector = new SampledProcessCollector(source, { startsCommand: false });
    const { promise, resolve } = Promise.withResolvers<void>();
    const open = source.open.bind(source);
    source.open = (environment, onSnapshot) =>
      open(environment, (snapshot) => {
        collector.begin({ pid: platform === "darwin" ? 4711 : 5300 });
        onSnapshot({ ...snapshot, at: performance.now() / 1000 });
        resolve();
      });
    await collector.open(environmentOf(fixture(name)));
    await promise;
    const seconds = [...collector.tree.processes.values()].map(({ pid, facts }) => [pid, facts.values[CPU]]);
    assert.deepEqual(Object.fromEntries(seconds), expected);
    await collector.close();
  });
}
