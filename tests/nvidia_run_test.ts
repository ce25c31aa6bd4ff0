/** The whole program on a library with the ABI of NVML, and on tools called nvidia-smi, as a user runs it. */

import assert from "node:assert/strict";
import { driver, type FakeNvml, formatAnswers, type NvmlAnswers, wholeGpu, withFakeNvml } from "./fake_nvml.ts";
import { assertNothingLeft, processesWith } from "./leftovers.ts";
import { execute, readRun, type Recorded, RESMON } from "./program.ts";
import { exists, Running, until } from "./running.ts";
import { withTemporaryFolder } from "./temporary.ts";

// In a container, the library tells pids that nobody there can know.
const IS_CONTAINER = Deno.readLinkSync("/proc/self/ns/pid") !== "pid:[4026531836]";

type Run = Pick<Recorded, "summary" | "records">;

/** The words that run a command with its GPUs recorded. */
function recordGpus(folder: string, command: readonly string[], options: readonly string[] = []): string[] {
  return [...RESMON, "run", "-i", "100ms", "--no-report", "-q", "-o", `${folder}/run`, ...options, "--", ...command];
}

function nvmlEnvironment({ library }: FakeNvml): Record<string, string> {
  return { RESMON_NVML_LIBRARY: library };
}

/** A script whose GPU use is told to the library by itself: its own pid beside that of another program. */
function usingGpu(answersPath: string, answers: NvmlAnswers, rest: string): string[] {
  const own = { ...answers, "0 ComputeRunningProcesses": "$$:3145728 1:1048576", "0 ProcessUtilization": "$$:55 1:20" };
  const script = `cat > "$0.mine" <<END\n${formatAnswers(own)}END\nmv "$0.mine" "$0"\n${rest}`;
  return ["sh", "-c", script, answersPath];
}

/** The values of one series over all ticks, without gaps. */
function column({ records }: Run, series: string): number[] {
  let order: readonly string[] = [];
  return records.flatMap((record) => {
    if (record.type === "columns" && record.collector === "nvidia") order = record.series;
    const values = record.type === "tick" ? record.values.nvidia : undefined;
    return values?.[order.indexOf(series)] ?? [];
  });
}

function statuses({ records }: Run): string[] {
  return records.filter(({ type, collector }) => type === "status" && collector === "nvidia")
    .map(({ state, reason }) => `${state}: ${reason}`);
}

Deno.test("resmon run records what GPUs do, and what the command's processes use of them", () =>
  withFakeNvml(async (fake) => {
    const answers = driver(2, wholeGpu(0), wholeGpu(1));
    fake.answer(answers);
    const command = usingGpu(fake.answersPath, answers, "sleep 1.2; exit 7");
    const ended = await execute(recordGpus(fake.folder, command), { env: nvmlEnvironment(fake) });
    assert.deepEqual([ended.code, ended.stderr], [7, ""]);
    const run = readRun(`${fake.folder}/run`);
    assert.equal(column(run, 'gpu_power_watts{gpu="1"}')[0], 412.345);
    assert.equal(column(run, 'process_gpu_memory_bytes{gpu="0"}').at(-1), IS_CONTAINER ? undefined : 3145728);
    assert.equal(column(run, 'process_gpu_utilization_percent{gpu="0"}').at(-1), IS_CONTAINER ? undefined : 55);
    assert.equal(column(run, 'process_gpu_utilization_percent{gpu="1"}').at(-1), IS_CONTAINER ? undefined : 0);
    const devices = run.records.filter(({ type }) => type === "device").map(({ id, name }) => `${id} ${name}`);
    assert.deepEqual(devices, ["0 NVIDIA H100 80GB HBM3", "1 NVIDIA H100 80GB HBM3"]);
    const ticks = run.records.filter(({ type, values }) => type === "tick" && values.nvidia?.length > 0);
    assert.ok(ticks.length > 5 && ticks.every(({ at, elapsed }) => at.nvidia <= elapsed), "it has a time of its own");
    await assertNothingLeft(fake.folder);
  }));

Deno.test("A GPU that is lost during the run is told, and the others go on", () =>
  withFakeNvml(async (fake) => {
    const answers = driver(2, wholeGpu(0), wholeGpu(1));
    fake.answer(answers);
    const command = usingGpu(fake.answersPath, { ...answers, "1 *": "!15" }, "sleep 0.8");
    const ended = await execute(["sh", "-c", 'sleep 0.4; exec "$@"', "sh", ...recordGpus(fake.folder, command)], {
      env: nvmlEnvironment(fake),
    });
    assert.equal(ended.code, 0);
    const run = readRun(`${fake.folder}/run`);
    assert.ok(statuses(run).some((status) => status.startsWith("lost: Cannot read GPU 1")), String(statuses(run)));
    const [last] = run.records.filter(({ type, collector }) => type === "columns" && collector === "nvidia").slice(-1);
    assert.ok(last.series.every((series: string) => series.includes('gpu="0"')));
  }));

for (const call of ["PowerUsage", "ComputeRunningProcesses", "PcieThroughput.0"]) {
  Deno.test(`A call that hangs (${call}) costs numbers, not the end of the run, and leaves nothing behind`, () =>
    withFakeNvml(async (fake) => {
      const answers = driver(1, wholeGpu(0));
      fake.answer(answers);
      const command = ["sh", "-c", `sleep 0.5; echo "0 ${call} hang" >> "$0"; sleep 0.5; exit 3`, fake.answersPath];
      const ended = await execute(recordGpus(fake.folder, command), { env: nvmlEnvironment(fake) });
      assert.deepEqual([ended.code, ended.stderr], [3, ""]);
      assert.equal(column(readRun(`${fake.folder}/run`), 'gpu_power_watts{gpu="0"}')[0], 412.345);
      await assertNothingLeft(fake.folder);
    }));
}

Deno.test("A driver that takes the helper down is read again by another one", () =>
  withFakeNvml(async (fake) => {
    fake.answer(driver(1, wholeGpu(0)));
    await Deno.writeTextFile(
      `${fake.folder}/after`,
      formatAnswers(driver(1, wholeGpu(0), { "0 PowerUsage": "500000" })),
    );
    const script =
      'sleep 1; echo "0 PowerUsage die" >> "$0"; until [ -e "$0.died" ]; do sleep 0.05; done; mv "$1" "$0"; sleep 2';
    const command = ["sh", "-c", script, fake.answersPath, `${fake.folder}/after`];
    const ended = await execute(recordGpus(fake.folder, command), { env: nvmlEnvironment(fake) });
    assert.deepEqual([ended.code, ended.stderr], [0, ""]);
    const watts = column(readRun(`${fake.folder}/run`), 'gpu_power_watts{gpu="0"}');
    assert.deepEqual([...new Set(watts)], [412.345, 500]);
  }));

Deno.test("A driver that hangs from the start keeps neither the command nor its end waiting", () =>
  withFakeNvml(async (fake) => {
    fake.answer({ "nvml Init": "hang" });
    const ended = await execute(recordGpus(fake.folder, ["sh", "-c", "exit 4"]), { env: nvmlEnvironment(fake) });
    assert.deepEqual([ended.code, ended.stderr], [4, ""]);
    await assertNothingLeft(fake.folder);
  }));

Deno.test("kill -9 of resmon while a call hangs ends the helper too", () =>
  withFakeNvml(async (fake) => {
    fake.answer({ "nvml Init": "hang" });
    await using running = new Running(recordGpus(fake.folder, ["sh", "-c", "echo go; exec sleep 2"]), {
      env: nvmlEnvironment(fake),
    });
    await running.line();
    await until(() => exists(`${fake.folder}/run/log.jsonl`));
    assert.notDeepEqual(await processesWith(fake.library), []);
    running.kill("SIGKILL");
    await running.end();
    await assertNothingLeft(fake.library);
  }));

for (
  const [what, answers, message] of [
    ["is not loaded", { "nvml Init": "!9" }, /^resmon: Cannot use NVML: the NVIDIA driver is not loaded .*modprobe/],
    ["is of another version", { "nvml Init": "!18" }, /^resmon: Cannot use NVML: .*different versions .*Reboot/],
    ["dies", { "nvml Init": "die" }, /^resmon: Cannot /],
  ] as const
) {
  Deno.test(`A driver that ${what} is told before the start where GPUs were asked for, and is no matter else`, () =>
    withFakeNvml(async (fake) => {
      fake.answer(answers);
      const env = { ...nvmlEnvironment(fake), PATH: fake.folder };
      const asked = await execute(recordGpus(fake.folder, ["/bin/true"], ["-m", "gpu"]), { env });
      assert.equal(asked.code, 125);
      assert.match(asked.stderr, message);
      const ended = await execute(recordGpus(fake.folder, ["/bin/true"]), { env });
      assert.deepEqual([ended.code, ended.stderr], [0, ""]);
    }));
}

/** Puts a program called nvidia-smi into a folder, where PATH finds it first; `$1` starts with --query-gpu or is pmon. */
async function installSmi(folder: string, script: string): Promise<Record<string, string>> {
  await Deno.writeTextFile(`${folder}/nvidia-smi`, `#!/bin/sh\n${script}`, { mode: 0o755 });
  return { PATH: `${folder}:${Deno.env.get("PATH")}`, RESMON_NVML_LIBRARY: `${folder}/no library` };
}

const SMI_LINE =
  "0, GPU-a, 00000000:01:00.0, 550.1, 97, 41, [N/A], [Not Supported], 2048, 8192, 81.50, 320.00, 61, N/A, " +
  "1980, 1965, 2619, 1545, [Unknown Error], 0x0000000000000004, [N/A], [N/A], NVIDIA GeForce RTX 4080";
const PMON = "# gpu pid type sm mem fb command\n# Idx # C/G % % MB name\n";

Deno.test("nvidia-smi is read where the library cannot be loaded, one process for the GPUs and one for the processes", () =>
  withTemporaryFolder(async (folder) => {
    const env = await installSmi(
      folder,
      `echo $1 >> ${folder}/started
      if [ $1 = pmon ]; then printf '${PMON}'; while :; do echo "0 $(cat ${folder}/pid) C 44 2 512 python"; sleep 0.2; done; fi
      while :; do echo "${SMI_LINE}"; sleep 0.2; done`,
    );
    await Deno.writeTextFile(`${folder}/pid`, "1");
    const command = ["sh", "-c", `echo $$ > ${folder}/pid; sleep 1.5`];
    const ended = await execute(recordGpus(folder, command), { env });
    assert.deepEqual([ended.code, ended.stderr], [0, ""]);
    const run = readRun(`${folder}/run`);
    assert.deepEqual(column(run, 'gpu_power_watts{gpu="0"}').slice(0, 2), [81.5, 81.5]);
    assert.equal(column(run, 'gpu_memory_used_bytes{gpu="0"}')[0], 2 ** 31);
    assert.equal(column(run, 'process_gpu_memory_bytes{gpu="0"}').at(-1), IS_CONTAINER ? undefined : 2 ** 29);
    assert.equal(column(run, 'process_gpu_utilization_percent{gpu="0"}').at(-1), IS_CONTAINER ? undefined : 44);
    assert.deepEqual(column(run, 'gpu_encoder_percent{gpu="0"}'), []);
    assert.ok(statuses(run).some((status) => /^unsupported: Cannot load .*; nvidia-smi is read instead/.test(status)));
    const started = (await Deno.readTextFile(`${folder}/started`)).trim().split("\n").map((word) => word.slice(0, 11));
    assert.deepEqual(started.sort(), ["--query-gpu", "pmon"]);
    await assertNothingLeft(folder);
  }));

for (
  const [what, script] of [
    ["dies at once", "exit 9"],
    ["prints text", 'while :; do echo "GPU is busy, try again later"; sleep 0.1; done'],
    ["says that there is no driver", 'echo "NVIDIA-SMI has failed because it could not communicate"; exit 9'],
    ["is silent", "exec sleep 1000"],
    ["floods", "exec yes '0, GPU, nonsense'"],
  ] as const
) {
  Deno.test(`A nvidia-smi that ${what} costs its numbers alone`, () =>
    withTemporaryFolder(async (folder) => {
      const env = await installSmi(folder, script);
      const ended = await execute(recordGpus(folder, ["sh", "-c", "sleep 1; exit 6"]), { env });
      assert.deepEqual([ended.code, ended.stderr], [6, ""]);
      const run = readRun(`${folder}/run`);
      assert.deepEqual(column(run, 'gpu_power_watts{gpu="0"}'), []);
      await assertNothingLeft(folder);
    }));
}
