/** The whole program on tools of AMD, Intel and AWS, as a user runs it: scripts of these names on PATH, or a fixture. */

import assert from "node:assert/strict";
import { assertNothingLeft } from "./leftovers.ts";
import { execute, readRun, record, type Recorded, RESMON } from "./program.ts";
import { exists, isRunning, Running, until } from "./running.ts";
import { withTemporaryFolder } from "./temporary.ts";

type Run = Pick<Recorded, "summary" | "records">;

const FIXTURES = new URL("fixtures/", import.meta.url).pathname;

/** Puts a script on PATH before everything else: the environment of a run. */
async function withTool(folder: string, name: string, script: string): Promise<Record<string, string>> {
  await Deno.writeTextFile(`${folder}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: `${folder}:${Deno.env.get("PATH")}` };
}

/** The values of one series over all ticks, without gaps. */
function column({ records }: Run, collector: string, series: string): number[] {
  let order: readonly string[] = [];
  return records.flatMap((each) => {
    if (each.type === "columns" && each.collector === collector) order = each.series;
    return each.type === "tick" ? each.values[collector]?.[order.indexOf(series)] ?? [] : [];
  });
}

function statuses({ records }: Run, collector: string): string[] {
  return records.filter((each) => each.type === "status" && each.collector === collector)
    .map(({ state, reason }) => `${state}: ${reason}`);
}

// A machine with such a card needs no tool for it.
function testWithoutCards(name: string, body: () => Promise<void>): void {
  Deno.test(name, async () => {
    if (exists("/sys/class/drm/card0")) return console.warn(`DID NOT RUN: ${name}: this machine has a GPU of its own`);
    await body();
  });
}

const NEURON_REPORT =
  '{"neuron_runtime_data":[{"pid":%s,"error":"","report":{"neuroncore_counters":{"neuroncores_in_use":{"0":' +
  '{"neuroncore_utilization":62.5}}},"memory_used":{"neuron_runtime_used_bytes":{"host":5,"neuron_device":4096}},' +
  '"execution_stats":{"execution_summary":{"completed":3}}}}]}\\n';
const NEURON_SCRIPT = `[ "$1" = -c ] && grep -q '"1s"' "$2" || exit 1
while :; do printf '${NEURON_REPORT}' "$(cat "$(dirname "$0")/pid" 2>/dev/null || echo 0)"; sleep 0.1; done`;

Deno.test("resmon run tells what a rank of the command uses of Neuron cores, by neuron-monitor", () =>
  withTemporaryFolder(async (folder) => {
    const env = await withTool(folder, "neuron-monitor", NEURON_SCRIPT);
    const command = ["sh", "-c", 'sh -c \'echo $$ >"$0/pid"; sleep 1.2\' "$0"; exit 7', folder];
    const run = await record(command, { env, args: ["-i", "200ms", "-q"] });
    assert.deepEqual([run.code, run.stderr], [7, ""]);
    assert.equal(column(run, "neuron", 'neuron_core_utilization_percent{core="0"}').at(-1), 62.5);
    assert.deepEqual(new Set(column(run, "neuron", "process_neuron_utilization_percent")), new Set([0, 62.5]));
    assert.deepEqual(new Set(column(run, "neuron", "process_neuron_memory_bytes")), new Set([0, 4096]));
    const executions = column(run, "neuron", 'neuron_executions_total{result="completed"}');
    assert.ok((executions.at(-1) ?? 0) > (executions[0] ?? NaN) && executions.every((count) => count % 3 === 0));
    const rows = run.records.flatMap(({ processes }) => processes ?? []) as (number | null)[][];
    assert.deepEqual(
      [...new Set(rows.filter((row) => row.at(-1) === 4096).map(([id]) => id))].length,
      1,
      "one process",
    );
    await assertNothingLeft(folder);
  }));

Deno.test("neuron-monitor and its configuration are gone after kill -9 of resmon", () =>
  withTemporaryFolder(async (folder) => {
    const env = { ...await withTool(folder, "neuron-monitor", `echo $$ $2 >"${folder}/started"; ${NEURON_SCRIPT}`) };
    await using running = new Running(
      [...RESMON, "run", "-q", "--no-report", "-o", `${folder}/run`, "--", "sh", "-c", "echo $$; exec sleep 60"],
      { env },
    );
    const command = parseInt(await running.line(), 10);
    await until(() => exists(`${folder}/started`));
    const [pid = "", config = ""] = (await Deno.readTextFile(`${folder}/started`)).trim().split(" ");
    await until(() => !exists(config));
    running.kill("SIGKILL");
    await until(() => !isRunning(parseInt(pid, 10)));
    assert.ok(isRunning(command), "the command runs on");
    Deno.kill(command, "SIGKILL");
  }));

testWithoutCards(
  "resmon run asks rocm-smi where the kernel shows no card",
  () =>
    withTemporaryFolder(async (folder) => {
      const report = '{"card0": {"GPU use (%)": "98", "Average Graphics Package Power (W)": "126.0"}}';
      const env = await withTool(folder, "rocm-smi", `echo "WARNING: low power"; echo '${report}'`);
      const run = await record(["sleep", "0.8"], { env, args: ["-i", "100ms", "-q"] });
      assert.equal(column(run, "amd_smi", 'gpu_utilization_percent{gpu="card0"}').at(-1), 98);
      const joules = run.summary.metrics['gpu_energy_joules_total{gpu="card0"}']?.total;
      assert.ok(joules === undefined || joules === 0, "one reading has no duration");
      await assertNothingLeft(folder);
    }),
);

testWithoutCards(
  "Tools that hang, flood, print text or nothing, or die, cost numbers and nothing else",
  () =>
    withTemporaryFolder(async (folder) => {
      const scripts = {
        hang: "exec sleep 1000",
        flood: "while :; do printf '%s{\"gpu\": ' x; done",
        text: "echo 'ERROR: driver not loaded'; exit 0",
        nothing: "exit 0",
        death: "kill -SEGV $$",
      };
      await Promise.all(
        Object.entries(scripts).map(async ([name, script]) => {
          const own = `${folder}/${name}`;
          await Deno.mkdir(own);
          await withTool(own, "amd-smi", script);
          const env = await withTool(own, "neuron-monitor", script);
          const run = await record(["sh", "-c", "sleep 0.7; exit 7"], { env, args: ["-q", "-i", "100ms"] });
          assert.deepEqual([run.code, run.stderr], [7, ""], name);
          for (const collector of ["amd_smi", "neuron"]) {
            assert.deepEqual(
              run.records.filter(({ type, values }) => type === "tick" && values[collector]?.length > 0),
              [],
              name,
            );
          }
          await assertNothingLeft(own);
        }),
      );
    }),
);

testWithoutCards(
  "A GPU that was asked for by name and whose tool fails is told before the command starts",
  () =>
    withTemporaryFolder(async (folder) => {
      const env = await withTool(folder, "amd-smi", "echo 'no driver' >&2; exit 3");
      const { code, stderr } = await execute([...RESMON, "run", "-m", "gpu", "-o", `${folder}/run`, "--", "true"], {
        env,
      });
      assert.equal(code, 125, stderr);
      assert.match(stderr, /amd-smi: exit status 3 \(no driver\)/);
      await assertNothingLeft(folder);
    }),
);

Deno.test("resmon run records the GPUs of a workstation, and their users", () =>
  withTemporaryFolder(async (folder) => {
    const words = [
      "run",
      "-q",
      "-i",
      "200ms",
      "-o",
      `${folder}/run`,
      "--root",
      `${FIXTURES}workstation_amd.tree`,
      "--",
      "sleep",
      "0.5",
    ];
    const { code, stderr } = await execute([...RESMON, ...words]);
    assert.deepEqual([code, stderr], [0, ""]);
    const run = readRun(`${folder}/run`);
    assert.equal(column(run, "amdgpu", 'gpu_power_watts{gpu="card1"}').at(-1), 18);
    assert.equal(column(run, "intel_gpu", 'gpu_energy_joules_total{gpu="card2"}').at(-1), 9876.54321);
    assert.equal(column(run, "intel_gpu_top", 'gpu_utilization_percent{gpu="card2"}').at(-1), 63.25);
    assert.equal(column(run, "drm_processes", 'process_gpu_seconds_total{gpu="card0",engine="gfx"}').at(-1), 0);
    assert.ok((run.summary.metrics['gpu_energy_joules_total{gpu="card1"}']?.total ?? 0) > 0, "its power over time");
    assert.deepEqual(statuses(run, "amd_smi").map((text) => text.split(":")[0]), ["off"]);
    const devices = run.records.filter(({ type, label }) => type === "device" && label === "gpu");
    assert.deepEqual(devices.map(({ id, name }) => [id, name]), [
      ["card0", "Radeon RX 7900 XTX"],
      ["card1", "amdgpu 1002:164e"],
      ["card2", "xe 8086:e20b"],
    ]);
  }));

Deno.test("resmon attach tells what a process uses of a card, in the tree and in its row", () =>
  withTemporaryFolder(async (folder) => {
    await using running = new Running(["sh", "-c", "echo $$; exec sleep 1"]);
    const pid = await running.line();
    const client = "drm-driver:\tamdgpu\ndrm-client-id:\t7\ndrm-pdev:\t0000:03:00.0\n" +
      "drm-engine-gfx:\t3000000000 ns\ndrm-resident-vram:\t64 MiB\n";
    const machine = await Deno.readTextFile(`${FIXTURES}workstation_amd.tree`);
    const held = `/proc/${pid}/fd/5\t->\t/dev/dri/renderD128\n/proc/${pid}/fdinfo/5\t=\t${JSON.stringify(client)}\n`;
    await Deno.writeTextFile(`${folder}/machine.tree`, machine + held);
    const words = ["attach", "-q", "--no-report", "-o", `${folder}/run`, "--root", `${folder}/machine.tree`, "-p", pid];
    const { code, stderr } = await execute([...RESMON, ...words]);
    assert.deepEqual([code, stderr], [0, ""]);
    const run = readRun(`${folder}/run`);
    assert.equal(Math.max(...column(run, "drm_processes", 'process_gpu_seconds_total{gpu="card0",engine="gfx"}')), 3);
    assert.equal(Math.max(...column(run, "drm_processes", 'process_gpu_memory_bytes{gpu="card0"}')), 2 ** 26);
    const rows = run.records.flatMap(({ processes }) => processes ?? []) as (number | null)[][];
    assert.ok(rows.some((row) => row.includes(2 ** 26) && row.includes(3)), "its row");
  }));
