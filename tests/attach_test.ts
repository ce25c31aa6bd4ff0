/** resmon attach: processes that run already, and those that cannot be attached to. */

import assert from "node:assert/strict";
import { PYTHON, readRun, RESMON, resmon } from "./program.ts";
import { exists, isRunning, Running, until } from "./running.ts";
import { assertValidRecords, assertValidSummary } from "./schema.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";

const OUTPUTS = ["log.jsonl", "processes.csv", "report.html", "samples.csv", "summary.json"];

// What root may do beyond other users: read what belongs to another.
const POWERS = ["sys_ptrace", "sys_admin", "perfmon", "dac_override", "dac_read_search"];
const WITHOUT_POWERS = ["setpriv", `--bounding-set=${POWERS.map((name) => `-${name}`).join(",")}`];

/** Runs until the file is there, with a child of its own. */
function untilFile(path: string): string[] {
  return ["sh", "-c", 'sleep 1000 & echo $$ $!; until [ -e "$0" ]; do sleep 0.02; done; kill $!; wait', path];
}

async function pidsOf(running: Running): Promise<number[]> {
  return (await running.line()).split(" ").map((text) => parseInt(text, 10));
}

function attach(folder: string, pid: number, options: readonly string[] = []): string[] {
  return [...RESMON, "attach", "-p", `${pid}`, "-o", `${folder}/run`, "-i", "20ms", ...options];
}

function ticksOf(folder: string): number {
  const log = `${folder}/run/log.jsonl`;
  return exists(log) ? Deno.readTextFileSync(log).split('"tick"').length - 1 : 0;
}

function hasTicked(folder: string): boolean {
  return ticksOf(folder) > 3;
}

Deno.test("resmon attach records a process and its children until it ends", () =>
  withTemporaryFolder(async (folder) => {
    await using target = new Running(untilFile(`${folder}/go`));
    const [pid = NaN, child] = await pidsOf(target);
    await using running = new Running(attach(folder, pid));
    await until(() => hasTicked(folder));
    await Deno.writeTextFile(`${folder}/go`, "");
    const { code, stdout, stderr } = await running.end();
    assert.deepEqual({ code, stdout }, { code: 0, stdout: "" });
    assert.match(stderr, /^resmon: .*report\.html\n$/);
    assert.equal((await target.end()).code, 0);
    assert.deepEqual(listFolder(`${folder}/run`), OUTPUTS);
    const { summary, records } = readRun(`${folder}/run`);
    assertValidRecords(records);
    assertValidSummary(summary);
    const pids = summary.processes.rows.map((row) => row.pid);
    assert.ok(pids.includes(pid) && pids.includes(child ?? NaN), `${pids}`);
  }));

Deno.test("resmon attach tells no exact totals and no exit status, and why", () =>
  withTemporaryFolder(async (folder) => {
    await using target = new Running(untilFile(`${folder}/go`));
    const [pid = NaN] = await pidsOf(target);
    await using running = new Running(attach(folder, pid));
    await until(() => hasTicked(folder));
    await Deno.writeTextFile(`${folder}/go`, "");
    await running.end();
    const { run, exact } = readRun(`${folder}/run`).summary;
    assert.deepEqual(
      [run.exit_code, run.signal, exact.cpu_seconds, exact.storage_write_bytes],
      Array(4).fill(undefined),
    );
    assert.match(run.end_unknown ?? "", /attach does not start the process/);
  }));

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`resmon attach ends on ${signal} with whole outputs, and the process runs on`, () =>
    withTemporaryFolder(async (folder) => {
      await using target = new Running(untilFile(`${folder}/go`));
      const [pid = NaN] = await pidsOf(target);
      await using running = new Running(attach(folder, pid));
      await until(() => hasTicked(folder));
      running.kill(signal);
      const { code, stderr } = await running.end();
      assert.equal(code, 0);
      assert.match(stderr, new RegExp(`^resmon: Process ${pid} still runs: ${signal} ended the recording$`, "m"));
      assert.deepEqual(listFolder(`${folder}/run`), OUTPUTS);
      assert.match(readRun(`${folder}/run`).summary.run.end_unknown ?? "", /still runs/);
      assert.ok(isRunning(pid));
      await Deno.writeTextFile(`${folder}/go`, "");
      assert.equal((await target.end()).code, 0);
    }));
}

Deno.test("resmon attach does not end by a hang-up that nohup protects from", () =>
  withTemporaryFolder(async (folder) => {
    await using target = new Running(untilFile(`${folder}/go`));
    const [pid = NaN] = await pidsOf(target);
    await using running = new Running(["sh", "-c", 'trap "" HUP; exec "$@"', "sh", ...attach(folder, pid)]);
    await until(() => hasTicked(folder));
    running.kill("SIGHUP");
    await Deno.writeTextFile(`${folder}/go`, "");
    const { code, stderr } = await running.end();
    assert.equal(code, 0);
    assert.doesNotMatch(stderr, /SIGHUP/);
  }));

Deno.test("resmon attach --wait-all goes on until the last process of the tree has ended", () =>
  withTemporaryFolder(async (folder) => {
    // The child stays a child of the process that is watched until it is killed, and with it the tree.
    await using target = new Running(["sh", "-c", "sleep 1000 & echo $$ $!; read x < /dev/null; wait"]);
    const [pid = NaN, child = NaN] = await pidsOf(target);
    await using running = new Running(attach(folder, pid, ["--wait-all"]));
    await until(() => hasTicked(folder));
    Deno.kill(pid, "SIGKILL");
    await until(() => !isRunning(pid));
    const before = ticksOf(folder);
    await until(() => ticksOf(folder) > before + 3);
    assert.ok(isRunning(running.pid));
    Deno.kill(child, "SIGKILL");
    assert.equal((await running.end()).code, 0);
  }));

Deno.test("resmon attach refuses a process that has ended and waits for its parent", () =>
  withTemporaryFolder(async (folder) => {
    const script =
      "import subprocess, time; ended = subprocess.Popen(['true']); print(ended.pid, flush=True); time.sleep(1000)";
    await using target = new Running([PYTHON, "-c", script]);
    const [pid = NaN] = await pidsOf(target);
    await until(() => !isRunning(pid));
    const { code, stderr } = await resmon(["attach", "-p", `${pid}`], { cwd: folder });
    assert.deepEqual([code, stderr], [
      1,
      `resmon: Cannot attach to process ${pid} (true): it has ended and waits for its parent\n`,
    ]);
    assert.deepEqual(listFolder(folder), []);
  }));

Deno.test("resmon attach refuses itself", () =>
  withTemporaryFolder(async (cwd) => {
    await using running = new Running(["sh", "-c", 'exec "$@" attach -p $$', "sh", ...RESMON], { cwd });
    const { code, stderr } = await running.end();
    assert.deepEqual([code, stderr], [1, `resmon: Cannot attach to process ${running.pid}: it is resmon itself\n`]);
  }));

Deno.test("resmon attach fails with 1, and leaves nothing, where an output or a metric cannot be had", () =>
  withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const blocked = await resmon(["attach", "-p", `${Deno.pid}`, "-o", `${folder}/file/x`]);
    assert.equal(blocked.code, 1, blocked.stderr);
    assert.deepEqual(listFolder(folder), ["file"]);
  }));

Deno.test("resmon attach leaves itself out of the tree of its own parent", () =>
  withTemporaryFolder(async (folder) => {
    const words = [...RESMON, "attach", "-o", `${folder}/run`, "-i", "20ms"];
    const script = '"$@" -p $$ & echo $$ $!; until [ -e "$0" ]; do sleep 0.02; done; kill $!; wait $!';
    await using target = new Running(["sh", "-c", script, `${folder}/go`, ...words]);
    const [pid, own] = await pidsOf(target);
    await until(() => hasTicked(folder));
    await Deno.writeTextFile(`${folder}/go`, "");
    assert.equal((await target.end()).code, 0);
    const pids = readRun(`${folder}/run`).summary.processes.rows.map((row) => row.pid);
    assert.ok(pids.includes(pid ?? NaN) && !pids.includes(own ?? NaN), `${pids}`);
  }));

Deno.test("resmon attach follows process 1, which is everything", () =>
  withTemporaryFolder(async (folder) => {
    await using running = new Running(attach(folder, 1));
    await until(() => hasTicked(folder));
    running.kill("SIGINT");
    assert.equal((await running.end()).code, 0);
    const { processes } = readRun(`${folder}/run`).summary;
    assert.ok(processes.rows.some(({ pid }) => pid === 1));
  }));

Deno.test("resmon attach to a process of another user records what is readable, and says what is not", () =>
  withTemporaryFolder(async (folder) => {
    await using target = new Running(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "sleep", "1000"]);
    await until(() => Deno.readTextFileSync(`/proc/${target.pid}/comm`) === "sleep\n");
    await using running = new Running([...WITHOUT_POWERS, ...attach(folder, target.pid)]);
    await until(() => hasTicked(folder));
    target.kill("SIGTERM");
    const { code, stderr } = await running.end();
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      new RegExp(`^resmon: Process ${target.pid} \\(sleep\\) may be read in part only: CPU time, `, "m"),
    );
    const { summary } = readRun(`${folder}/run`);
    const denied = summary.unavailable.filter(({ state }) => state === "denied").flatMap(({ metrics }) =>
      metrics ?? []
    );
    for (const metric of ["storage_read_bytes_total", "syscall_write_bytes_total"]) {
      assert.ok(denied.includes(metric), metric);
    }
    for (const metric of ["cpu_seconds_total", "memory_rss_bytes", "threads"]) {
      assert.ok((summary.metrics[metric]?.count ?? 0) > 0, metric);
    }
    for (const metric of ["memory_pss_bytes", "storage_read_bytes_total", "syscall_write_bytes_total"]) {
      assert.equal(summary.metrics[metric]?.count ?? 0, 0, metric);
    }
  }));
