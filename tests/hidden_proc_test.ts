/** A machine that hides processes or parts of itself: what can be recorded is, and the command is never harmed. */

import assert from "node:assert/strict";
import { type Ended, execute, PYTHON, readRun, RESMON } from "./program.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";
import { wrap } from "./wrapping.ts";

const UNDUMPABLE = new URL("workloads/undumpable.py", import.meta.url).pathname;
const OUTPUTS = ["log.jsonl", "processes.csv", "samples.csv", "summary.json"];

// Root in name only: a user whom /proc may hide something from.
const UNPRIVILEGED = ["setpriv", "--regid=65534", "--clear-groups", "--bounding-set=-sys_ptrace"];

/** A test in which /proc or /sys is mounted anew; where that cannot be it says by name that it did not run. */
function testWithMount(name: string, mount: string, test: (run: Run, folder: string) => Promise<void>): void {
  Deno.test(name, async () => {
    const inside = ["unshare", "--mount", "sh", "-c", `mount ${mount} && exec "$@"`, "sh"];
    const { code, stderr } = await execute([...inside, ...UNPRIVILEGED, "true"]);
    if (code !== 0) return console.warn(`DID NOT RUN: ${name}: ${stderr.trim()}`);
    await withTemporaryFolder((folder) =>
      test((command) => execute([...inside, ...UNPRIVILEGED, ...wrap(folder, command, ["-i", "50ms"])]), folder)
    );
  });
}

type Run = (command: readonly string[]) => Promise<Ended>;

testWithMount(
  "resmon run counts the CPU time of a process that /proc hides, once its parent has waited for it",
  "-t proc -o hidepid=2 proc /proc",
  async (run, folder) => {
    const { code, stdout, stderr } = await run([PYTHON, UNDUMPABLE]);
    assert.deepEqual({ code, stdout, stderr }, { code: 6, stdout: "hidden\n", stderr: "" });
    assert.deepEqual(listFolder(folder), OUTPUTS);
    const { exact, processes } = readRun(folder).summary;
    assert.equal(processes.seen, 1, "the child was not to be seen");
    assert.ok((exact.cpu_seconds ?? 0) >= 0.5 && (exact.sampled_cpu_seconds ?? 0) >= 0.49, JSON.stringify(exact));
  },
);

testWithMount(
  "resmon run says which files of a process it may not read, and counts what the others tell",
  "-t proc proc /proc",
  async (run, folder) => {
    const { code, stdout } = await run([PYTHON, UNDUMPABLE]);
    assert.deepEqual({ code, stdout }, { code: 6, stdout: "1\n" });
    const { exact, processes, unavailable } = readRun(folder).summary;
    assert.equal(processes.seen, 2);
    assert.ok((exact.sampled_cpu_seconds ?? 0) >= 0.49, JSON.stringify(exact));
    const denied = unavailable.find(({ collector, state }) => collector === "process" && state === "denied");
    assert.match(denied?.reason ?? "", /^\/proc\/\d+\/io of python\S* may not be read/);
  },
);

testWithMount(
  "resmon run does without /sys, and says what is not there",
  "-t tmpfs tmpfs /sys",
  async (run, folder) => {
    const { code, stdout, stderr } = await run(["sh", "-c", "echo x; exit 3"]);
    assert.deepEqual({ code, stdout, stderr }, { code: 3, stdout: "x\n", stderr: "" });
    const { machine, unavailable } = readRun(folder).summary;
    assert.ok((machine.cpus ?? 0) > 0);
    const absent = unavailable.filter(({ state }) => state === "absent").map(({ collector }) => collector);
    assert.ok(absent.includes("cpu_frequency") && absent.includes("temperature"), absent.join());
  },
);

testWithMount(
  "resmon run does not start the command where /proc shows processes only, and says so in a sentence",
  "-t proc -o subset=pid proc /proc",
  async (run, folder) => {
    const { code, stdout, stderr } = await run(["echo", "started"]);
    assert.deepEqual({ code, stdout }, { code: 125, stdout: "" });
    assert.match(
      stderr,
      /^resmon: Cannot read \/proc\/meminfo: [^\n]*; resmon needs a \/proc that shows the machine [^\n]*\n$/,
    );
    assert.deepEqual(listFolder(folder), []);
  },
);

Deno.test("resmon does not record the processes of another PID namespace in place of the command's, and says so", async () => {
  await withTemporaryFolder(async (folder) => {
    const inside = ["unshare", "--pid", "--fork"];
    const { code, stderr } = await execute([...inside, "true"]);
    if (code !== 0) return console.warn(`DID NOT RUN: a PID namespace with the /proc of another: ${stderr.trim()}`);
    const sentence = /^resmon: Cannot record processes: \/proc shows the processes of another PID namespace; [^\n]+\n$/;
    const run = await execute([...inside, ...wrap(folder, ["echo", "started"])]);
    assert.deepEqual([run.code, run.stdout], [125, ""]);
    assert.match(run.stderr, sentence);
    const attach = await execute([...inside, ...RESMON, "attach", "-p", "2", "-o", folder]);
    assert.equal(attach.code, 1);
    assert.match(attach.stderr, sentence);
    const doctor = await execute([...inside, ...RESMON, "doctor", "--json"]);
    assert.equal(doctor.code, 1, doctor.stderr);
    const { works, facts } = JSON.parse(doctor.stdout);
    assert.equal(works, false);
    assert.match(
      facts.find(({ name }: { name: string }) => name === "processes")?.remedy,
      /^mount one of its own, as unshare/,
    );
    assert.deepEqual(listFolder(folder), []);
  });
});
