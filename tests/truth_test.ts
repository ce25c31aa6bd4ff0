/** The numbers against independent oracles: what the kernel tells the workload itself, or loads of a known size. */

import assert from "node:assert/strict";
import { assertClose, execute, PYTHON, readRun, record, type Recorded, RESMON, treeColumn } from "./program.ts";
import { exists, Running, until } from "./running.ts";
import { withTemporaryFolder } from "./temporary.ts";

const WORKLOADS = new URL("workloads/", import.meta.url).pathname;

function python(workload: string, ...args: string[]): string[] {
  return [PYTHON, `${WORKLOADS}${workload}`, ...args];
}

function assertNeverFalls(run: Recorded, column: string): void {
  const values = treeColumn(run, column);
  values.forEach((value, index) =>
    assert.ok(value >= (values[index - 1] ?? 0), `${column} falls at ${index}: ${values}`)
  );
}

/** A process's end takes CPU time as well, the more the busier the machine, after the process has told what it used. */
const END_SECONDS = 0.5;

/** Both accounts, against what the kernel told the workload itself just before its end. */
function assertCpuSeconds({ summary }: Recorded, truth: number): void {
  const exact = summary.exact.cpu_seconds ?? NaN;
  assert.ok(exact >= truth * 0.999 && exact <= truth + END_SECONDS, `exact ${exact} for the ${truth} that were told`);
  assertClose(summary.metrics["cpu_seconds_total"]?.total, exact, { share: 0.01, what: "sampled CPU seconds" });
}

function processNamed({ summary }: Recorded, name: string): Recorded["summary"]["processes"]["rows"][number] {
  const row = summary.processes.rows.find((process) => process.name === name);
  assert.ok(row !== undefined, `a process is called ${JSON.stringify(name)}`);
  return row;
}

Deno.test("cpu_seconds_total is within 1 % of wait4 with 150 children of 40 ms in sequence", async () => {
  const run = await record(python("sequence.py", "150", "0.04"));
  assertCpuSeconds(run, parseFloat(run.stdout));
  assertNeverFalls(run, "cpu_seconds_total");
});

Deno.test("memory_peak_bytes is within 5 % of a peak of 0.2 s between two ticks", async () => {
  const run = await record(python("spike.py"), { args: ["-i", "1m"] });
  assertClose(run.summary.exact.memory_peak_bytes, parseInt(run.stdout, 10) * 1024, { share: 0.05, what: "peak" });
  assert.ok((run.summary.exact.memory_peak_bytes ?? 0) > 600_000_000);
});

// Reading PSS is rationed, the more the slower the machine: attached to what stands still, its first reading is of the whole.
function attachToSharedMemory(): Promise<Pick<Recorded, "summary">> {
  return withTemporaryFolder(async (folder) => {
    await using target = new Running(python("shared_memory.py", `${folder}/go`));
    assert.equal(await target.line(), "ready");
    const words = [...RESMON, "attach", "-p", `${target.pid}`, "-o", `${folder}/run`, "-i", "200ms", "--no-report"];
    await using running = new Running(words);
    await until(() => hasProportionalMemory(`${folder}/run`));
    await Deno.writeTextFile(`${folder}/go`, "");
    await Promise.all([target.end(), running.end()]);
    return readRun(`${folder}/run`);
  });
}

function hasProportionalMemory(folder: string): boolean {
  if (!exists(`${folder}/log.jsonl`)) return false;
  const lines = Deno.readTextFileSync(`${folder}/log.jsonl`).split("\n").slice(0, -1);
  const records = lines.map((line) => JSON.parse(line));
  return records.some(({ type }) => type === "tick") && treeColumn({ records }, "memory_pss_bytes").length > 0;
}

Deno.test("memory_pss_bytes tells shared pages once, memory_rss_bytes for each process", async () => {
  const run = await attachToSharedMemory();
  const { memory_pss_bytes: pss, memory_rss_bytes: rss } = run.summary.metrics;
  assertClose(pss?.max, 322e6, { share: 0.05, what: "PSS" });
  assert.ok((rss?.max ?? 0) > 2.5e9, `RSS counts shared pages once for each process: ${rss?.max}`);
  const { stdout } = await execute(["sh", "-c", "exec $0 run -A main.ts metrics", Deno.execPath()], {
    cwd: new URL("..", import.meta.url),
  });
  assert.match(
    stdout,
    /memory_rss_bytes .*\n +Resident memory, summed over the process tree: a page shared by several/,
  );
});

Deno.test("cpu_seconds_total contains a child of a session of its own", async () => {
  const run = await record(python("burn.py", "3", "setsid"));
  assertCpuSeconds(run, parseFloat(run.stdout));
});

Deno.test("cpu_seconds_total contains a daemonised grandchild, waited for with --wait-all", async () => {
  const file = await Deno.makeTempFile();
  const run = await record(python("burn.py", "1.5", "daemon", file), { args: ["--wait-all"] });
  const daemon = parseFloat(await Deno.readTextFile(file));
  await Deno.remove(file);
  assert.ok(daemon > 1.5, "the daemon came to its end");
  assertCpuSeconds(run, parseFloat(run.stdout) + daemon);
  assert.equal(run.summary.exact.sources.cpu_seconds, "wait4");
});

for (const name of ["my job (2) x", "two\nlines"]) {
  Deno.test(`A process named ${JSON.stringify(name)} is read right`, async () => {
    const run = await record(python("burn.py", "1", "name", name));
    assertCpuSeconds(run, parseFloat(run.stdout));
    const { values } = processNamed(run, name);
    assertClose(values["cpu_seconds_total"], run.summary.exact.cpu_seconds ?? NaN, { share: 0.01, what: "its CPU" });
    assert.equal(values["threads"], 1);
  });
}

Deno.test("cpu_percent has no spike when a long child is reaped", async () => {
  const run = await record(python("long_child.py"));
  const percent = run.summary.metrics["cpu_percent"];
  assert.ok((percent?.max ?? Infinity) <= 110, `one busy core is 100 %, not ${percent?.max}`);
  assertCpuSeconds(run, parseFloat(run.stdout));
});

Deno.test("A command of 30 ms has its CPU time, its memory and its exit status", async () => {
  const run = await record(["sh", "-c", "i=0; while [ $i -lt 9000 ]; do i=$((i+1)); done; exit 3"]);
  assert.equal(run.code, 3);
  const { exact, run: told } = run.summary;
  assert.equal(told.exit_code, 3);
  assert.ok(told.wall_seconds > 0.005 && told.wall_seconds < 5, `it lasted ${told.wall_seconds} s`);
  assert.ok((exact.cpu_seconds ?? 0) > 0.003, `it used ${exact.cpu_seconds} s`);
  assertClose(run.summary.metrics["cpu_seconds_total"]?.total, exact.cpu_seconds ?? NaN, {
    share: 0.25,
    what: "sampled",
  });
  // A shell has some 2 MB. It ended before the first tick, so that the kernel's own account is all there is: a limit.
  const { memory_peak_bytes: least = 0, memory_peak_limit_bytes: most = 0 } = exact;
  assert.ok(least < 5_000_000 && most > 1_500_000 && most < 200_000_000, `between ${least} and ${most}`);
});

Deno.test("cpu_percent is 200 for two busy cores", async () => {
  const program = await Deno.makeTempFile();
  const built = await execute(["gcc", "-O1", "-pthread", "-o", program, `${WORKLOADS}two_cores.c`]);
  assert.equal(built.code, 0, built.stderr);
  const run = await record([program, "3"], { args: ["-i", "100ms"] });
  await Deno.remove(program);
  const { cpu_percent: percent, cpu_seconds_total: seconds } = run.summary.metrics;
  // Other programs may take a part of the cores: the percentage has to agree with the CPU time, whatever that was.
  const truth = (run.summary.exact.cpu_seconds ?? NaN) / run.summary.run.wall_seconds * 100;
  assertClose(percent?.mean, truth, { share: 0.03, what: "mean CPU percent" });
  // resmon may be held up for some milliseconds of 100 between the time of a tick and its reading.
  assert.ok((percent?.max ?? Infinity) <= 212, `two cores are 200 %, not ${percent?.max}`);
  assertClose(seconds?.total, run.summary.exact.cpu_seconds ?? NaN, { share: 0.01, what: "CPU seconds" });
});

Deno.test("storage_write_bytes_total counts 64 MiB of a reaped child once, and as the child's own", async () => {
  const file = await Deno.makeTempFile({ dir: new URL("..", import.meta.url).pathname });
  const run = await record(python("write.py", file), { args: ["-i", "100ms"] });
  await Deno.remove(file);
  const size = 64 * 2 ** 20;
  assertClose(run.summary.exact.storage_write_bytes, size, { share: 0.02, what: "exact bytes" });
  assertClose(run.summary.metrics["storage_write_bytes_total"]?.total, size, { share: 0.02, what: "sampled bytes" });
  assertNeverFalls(run, "storage_write_bytes_total");
  const [writer, ...others] = run.summary.processes.rows.map(({ values }) => values["storage_write_bytes_total"] ?? 0)
    .sort((a, b) => b - a);
  assertClose(writer, size, { share: 0.02, what: "the child's own bytes" });
  assert.ok(others.every((bytes) => bytes < size / 10), `its parent did not write them: ${others}`);
});

Deno.test("cpu_seconds_total keeps the children of a process that ignores SIGCHLD, and says so", async () => {
  const run = await record(python("ignore_children.py"), { args: ["-i", "100ms"] });
  // What each child did after its last tick is nowhere to be read.
  const exact = run.summary.exact.cpu_seconds ?? NaN;
  assert.ok(exact > 1.8 && exact < 2 + END_SECONDS, `CPU seconds of two children with 1 s each: ${exact}`);
  assert.match(run.summary.exact.sources.cpu_seconds ?? "", /wait4 \+ sampled/);
  assertNeverFalls(run, "cpu_seconds_total");
});

Deno.test("voluntary_context_switches_total counts all threads", async () => {
  const run = await record(python("switches.py"), { args: ["-i", "200ms"] });
  const truth = parseInt(run.stdout, 10);
  assert.ok(truth > 1000);
  assertClose(run.summary.metrics["voluntary_context_switches_total"]?.total, truth, { share: 0.05, what: "switches" });
  assertClose(run.summary.exact.voluntary_context_switches, truth, { share: 0.02, what: "exact switches" });
});

Deno.test("Two processes with one pid are two processes", async () => {
  if (Deno.uid() !== 0) return console.warn("DID NOT RUN: a reused pid: only root can choose the next pid");
  const run = await record(python("reused_pid.py"), { args: ["-i", "100ms"] });
  assert.equal(run.code, 0, `the second child did not get the pid of the first: ${run.stdout}`);
  const [pid = NaN, truth = NaN] = run.stdout.split("\n").map(parseFloat);
  assertCpuSeconds(run, truth);
  const seconds = run.summary.processes.rows.filter((row) => row.pid === pid)
    .map(({ values }) => values["cpu_seconds_total"] ?? NaN).sort();
  assert.equal(seconds.length, 2);
  assertClose(seconds[0], 0.6, { share: 0.25, what: "CPU seconds of the first" });
  assertClose(seconds[1], 0.9, { share: 0.25, what: "CPU seconds of the second" });
});

Deno.test("memory_peak_bytes is told with its limit where resmon was larger than the command", async () => {
  // Below resmon's own size, which the kernel takes over into ru_maxrss, and between two ticks.
  const run = await record([
    PYTHON,
    "-c",
    "import resource\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)",
  ]);
  const { memory_peak_bytes: sampled = 0, memory_peak_limit_bytes: limit, memory_peak_source: source } =
    run.summary.exact;
  assert.ok(limit !== undefined && sampled < limit, `${sampled} of ${limit}`);
  assert.ok(source === undefined || source === "sampled VmHWM", source);
  const large = await record([PYTHON, "-c", "b = bytearray(200 << 20)"]);
  assert.equal(large.summary.exact.memory_peak_source, "ru_maxrss");
  assert.equal(large.summary.exact.memory_peak_limit_bytes, undefined);
});

Deno.test("storage_write_bytes_total of a shell does not contain what its commands wrote after their last tick", async () => {
  const folder = await Deno.makeTempDir({ dir: new URL("..", import.meta.url).pathname });
  const script = 'for i in 1 2 3; do dd if=/dev/zero of="$0/x" bs=1M count=20 conv=fsync; sleep 0.4; done';
  const run = await record(["bash", "-c", script, folder], { args: ["-i", "150ms"] });
  await Deno.remove(folder, { recursive: true });
  const size = 60 * 2 ** 20;
  assertClose(run.summary.exact.storage_write_bytes, size, { share: 0.02, what: "exact bytes" });
  const { values } = processNamed(run, "bash");
  assert.ok((values["syscall_write_bytes_total"] ?? 0) < 1e6, `the shell wrote ${values["syscall_write_bytes_total"]}`);
  assert.ok((values["storage_write_bytes_total"] ?? 0) < 1e6, `the shell wrote ${values["storage_write_bytes_total"]}`);
});
