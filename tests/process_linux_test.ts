import assert from "node:assert/strict";
import { ProcessCollector } from "../collectors/process_linux.ts";
import { PROCESS_COLUMNS } from "../collectors/process_values.ts";
import type { Reading } from "../lib/contracts.ts";
import type { Status } from "../lib/records.ts";
import { type Root, SystemError } from "../lib/root.ts";
import { environmentOf } from "./fixture_machine.ts";
import { FAULTS, FaultyRoot } from "./faulty_root.ts";
import { FixtureProcesses } from "./fixture_processes.ts";

interface Opened {
  readonly collector: ProcessCollector;
  readonly statuses: Omit<Status, "collector">[];
}

function open(root: Root, pid = 10): Opened {
  const statuses: Omit<Status, "collector">[] = [];
  const collector = new ProcessCollector({ startsCommand: true, adopts: false, maxOpenFiles: 100 });
  const environment = environmentOf(root, statuses);
  collector.open(environment);
  collector.begin({ pid });
  return { collector, statuses };
}

function tree({ values }: Reading, collector: ProcessCollector): Record<string, number | null> {
  return Object.fromEntries(collector.series.map((name, index) => [name, values[index] ?? null]));
}

function row({ processes }: Reading, id: number): Record<string, number | null> {
  const values = processes?.get(id);
  assert.ok(values !== undefined, `there is a row of process ${id}`);
  return Object.fromEntries(PROCESS_COLUMNS.map((name, index) => [name, values[index] ?? null]));
}

Deno.test("ProcessCollector gives counters of 0 and unknown levels before the command starts", () => {
  const collector = new ProcessCollector({ startsCommand: true, adopts: false, maxOpenFiles: 100 });
  const root = new FixtureProcesses();
  collector.open({ ...environmentOf(root), report: () => assert.fail() });
  const values = tree(collector.collect(0), collector);
  assert.equal(values["cpu_seconds_total"], 0);
  assert.equal(values["memory_rss_bytes"], null);
  assert.equal(values["processes"], null);
});

Deno.test("ProcessCollector adds up the tree and tells each process apart", () => {
  const root = new FixtureProcesses();
  root.put({
    pid: 10,
    name: "python",
    user: 100,
    system: 20,
    rss: 1000,
    pss: 600,
    children: [11],
    files: 5,
    start: 400_000,
  });
  root.put({
    pid: 11,
    ppid: 10,
    name: "worker",
    user: 50,
    rss: 800,
    pss: 400,
    written: 4096,
    threads: 1,
    start: 400_150,
  });
  root.put({ pid: 99, ppid: 1, name: "stranger", user: 9999 });
  const { collector } = open(root);
  const reading = collector.collect(1);
  const values = tree(reading, collector);
  assert.equal(values["cpu_seconds_total"], 1.7);
  assert.equal(values["cpu_system_seconds_total"], 0.2);
  assert.equal(values["memory_rss_bytes"], 1800 * 1024);
  assert.equal(values["memory_pss_bytes"], 1000 * 1024);
  assert.equal(values["processes"], 2);
  assert.equal(values["open_files"], 8);
  assert.equal(values["storage_write_bytes_total"], 4096);
  assert.equal(row(reading, 2)["cpu_seconds_total"], 0.5);
  assert.deepEqual(reading.events, [
    { kind: "process_start", pid: 10, id: 1, attributes: { name: "python", command: ["python"], started: 0 } },
    {
      kind: "process_start",
      pid: 11,
      id: 2,
      parent: 1,
      attributes: { name: "worker", command: ["worker"], started: 1.5 },
    },
  ]);
});

Deno.test("ProcessCollector gives a reaped child's bytes to the child and not to its parent", () => {
  const root = new FixtureProcesses();
  root.put({ pid: 10, written: 100, children: [11] });
  root.put({ pid: 11, ppid: 10, written: 5000, user: 30 });
  const { collector } = open(root);
  collector.collect(1);
  root.end(11);
  // What the kernel does when the parent waits: it merges the counters.
  root.put({ pid: 10, written: 5100, childUser: 30 });
  const reading = collector.collect(2);
  assert.equal(tree(reading, collector)["storage_write_bytes_total"], 5100);
  assert.equal(tree(reading, collector)["cpu_user_seconds_total"], 0.3);
  assert.equal(row(reading, 1)["storage_write_bytes_total"], 100);
  assert.equal(row(reading, 1)["cpu_user_seconds_total"], 0);
});

Deno.test("ProcessCollector tells an exec and an exit, the exit with its status", () => {
  const root = new FixtureProcesses();
  root.put({ pid: 10, name: "sh", command: ["sh", "-c", "exec ls"] });
  const { collector } = open(root);
  collector.collect(1);
  root.put({ pid: 10, name: "ls", command: ["ls", "-l"], startStack: 140_000_000_001_000 });
  assert.deepEqual(collector.collect(2).events, [
    { kind: "process_exec", pid: 10, id: 1, attributes: { name: "ls", command: ["ls", "-l"] } },
  ]);
  root.put({ pid: 10, name: "ls", state: "Z", startStack: 0, exitStatus: 7 << 8 });
  const zombie = collector.collect(3);
  assert.deepEqual(zombie.events, [{ kind: "process_exit", pid: 10, id: 1, attributes: { exit_code: 7 } }]);
  assert.equal(tree(zombie, collector)["processes"], null);
  root.end(10);
  assert.deepEqual(collector.collect(4).events, []);
});

Deno.test("ProcessCollector does not take a hidden exit status for 0", () => {
  const root = new FixtureProcesses();
  root.put({ pid: 10, startStack: 0 });
  const { collector } = open(root);
  collector.collect(1);
  root.put({ pid: 10, startStack: 0, state: "Z", exitStatus: 0 });
  assert.deepEqual(collector.collect(2).events, [{ kind: "process_exit", pid: 10, id: 1 }]);
});

Deno.test("ProcessCollector keeps the peak of a process that is gone", () => {
  const root = new FixtureProcesses();
  root.put({ pid: 10, children: [11] });
  root.put({ pid: 11, ppid: 10, peak: 90_000 });
  const { collector } = open(root);
  collector.collect(1);
  root.end(11);
  root.put({ pid: 10 });
  assert.equal(tree(collector.collect(2), collector)["memory_peak_bytes"], 90_000 * 1024);
});

Deno.test("ProcessCollector finds the tree by parent ids on a kernel without lists of children", () => {
  const root = new FixtureProcesses();
  root.put({ pid: 10, user: 10 });
  root.put({ pid: 12, ppid: 11, user: 30 });
  root.put({ pid: 11, ppid: 10, user: 20 });
  root.put({ pid: 99, ppid: 1, user: 9999 });
  root.remove("/proc/thread-self/children");
  for (const pid of [10, 11, 12]) root.remove(`/proc/${pid}/task/${pid}/children`);
  const { collector } = open(root);
  assert.equal(tree(collector.collect(1), collector)["cpu_seconds_total"], 0.6);
});

Deno.test("ProcessCollector keeps the bytes of a child of a process that ignores SIGCHLD", () => {
  const ignored = "0000000000010000";
  const root = new FixtureProcesses();
  root.put({ pid: 10, written: 100, children: [11], ignored });
  root.put({ pid: 11, ppid: 10, written: 5000 });
  const { collector } = open(root);
  collector.collect(1);
  root.end(11);
  // The kernel forgets the child; that the parent writes as much meanwhile must not hide it.
  root.put({ pid: 10, written: 9000, ignored });
  assert.equal(tree(collector.collect(2), collector)["storage_write_bytes_total"], 14_000);
});

Deno.test("ProcessCollector takes another process with the pid of an ended one for another one", () => {
  const root = new FixtureProcesses();
  root.put({ pid: 10, children: [11] });
  root.put({ pid: 11, ppid: 10, user: 100, start: 400_010 });
  const { collector } = open(root);
  collector.collect(1);
  root.put({ pid: 10, children: [11], childUser: 100 });
  root.put({ pid: 11, ppid: 10, user: 30, start: 400_900 });
  collector.collect(2);
  const reading = collector.collect(3);
  assert.equal(tree(reading, collector)["cpu_user_seconds_total"], 1.3);
  assert.equal(row(reading, 3)["cpu_user_seconds_total"], 0.3);
});

Deno.test("ProcessCollector keeps the context switches of a process that is gone", () => {
  const root = new FixtureProcesses();
  root.put({ pid: 10, children: [11], switches: 5 });
  root.put({ pid: 11, ppid: 10, switches: 40 });
  const { collector } = open(root);
  collector.collect(1);
  root.end(11);
  root.put({ pid: 10, switches: 6 });
  assert.equal(tree(collector.collect(2), collector)["voluntary_context_switches_total"], 46);
});

Deno.test("ProcessCollector says once what it may not read, and leaves it out", () => {
  const root = new FixtureProcesses();
  root.put({ pid: 10, children: [11], written: 70 });
  root.put({ pid: 11, ppid: 10, name: "sudo" });
  for (const file of ["io", "smaps_rollup", "fd"]) root.fail(`/proc/11/${file}`, "EACCES");
  for (const descriptor of [0, 1, 2]) root.remove(`/proc/11/fd/${descriptor}`);
  const { collector, statuses } = open(root);
  for (const now of [1, 2, 3]) {
    const values = tree(collector.collect(now), collector);
    assert.equal(values["memory_pss_bytes"], null);
    assert.equal(values["storage_write_bytes_total"], 70);
    assert.equal(values["memory_rss_bytes"], 200 * 1024);
  }
  assert.deepEqual(statuses.map(({ state, metrics }) => [state, metrics?.[0]]), [
    ["denied", "syscall_read_bytes_total"],
    ["denied", "memory_pss_bytes"],
  ]);
  assert.ok(statuses.every(({ reason, remedy }) => reason?.includes("11") && remedy?.includes("as root")));
});

Deno.test("ProcessCollector leaves out the proportional memory of a process that reading would stop for long", () => {
  const root = new FixtureProcesses();
  root.put({ pid: 10, rss: 100 * 2 ** 20 });
  const { collector, statuses } = open(root);
  assert.equal(tree(collector.collect(1), collector)["memory_pss_bytes"], null);
  assert.equal(statuses[0]?.state, "off");
  assert.match(statuses[0]?.reason ?? "", /Process 10 is so large/);
});

/** The values of a tree of two processes that stands still, in which nothing goes wrong. */
function truthOfTwo(): Record<string, number | null> {
  const { collector } = open(treeOfTwo());
  collector.collect(1);
  return tree(collector.collect(2), collector);
}

function treeOfTwo(): FixtureProcesses {
  const root = new FixtureProcesses();
  root.put({ pid: 10, user: 100, children: [11], threads: 2 });
  root.put({ pid: 11, ppid: 10, user: 50 });
  return root;
}

Deno.test("ProcessCollector reads whole, leaves a gap or throws an expected error, whichever read goes wrong", () => {
  const truth = truthOfTwo();
  for (const fault of FAULTS) {
    for (let n = 1, isThrough = false; !isThrough; n++) {
      const faulty = new FaultyRoot(treeOfTwo());
      const { collector } = open(faulty);
      collector.collect(1);
      faulty.arm(n, fault);
      try {
        for (const [name, value] of Object.entries(tree(collector.collect(2), collector))) {
          // A file that is not there means that its process is gone.
          const mayDiffer = fault === "ENOENT" && !name.endsWith("_total");
          assert.ok(value === null || mayDiffer || value === truth[name], `${fault} at read ${n}: ${name} is ${value}`);
        }
      } catch (error) {
        assert.ok(error instanceof SystemError || error instanceof SyntaxError, `${fault} at read ${n}: ${error}`);
      }
      isThrough = faulty.isArmed;
      faulty.arm(0, fault);
      const after = tree(collector.collect(3), collector);
      assert.ok((after["cpu_seconds_total"] ?? 0) >= 1.5, `${fault} at read ${n}: ${after["cpu_seconds_total"]}`);
      collector.close();
      assert.equal(faulty.opened, 0, `${fault} at read ${n} leaves files open`);
    }
  }
});
