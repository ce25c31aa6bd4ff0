/** `resmon run` with a tegrastats on PATH that behaves, falls silent, prints text, dies or floods: nothing of it is left behind. */

import assert from "node:assert/strict";
import { formatSeries } from "../lib/series.ts";
import { record, type Recorded, RESMON } from "./program.ts";
import { exists, isRunning, Running, until } from "./running.ts";
import { withTemporaryFolder } from "./temporary.ts";

const LINE =
  "RAM 534/3964MB (lfb 98x4MB) CPU [1%@204,off] GR3D_FREQ 30%@76 APE 25 ACME_IN 5000/4000 ACME_GPU 2000/2000";

// The rails are called as on no board, so that those of a real one do not count.
const SERIES = formatSeries("power_watts", { device: "module", rail: "ACME_IN", scope: "device" });
const ENERGY = formatSeries("power_energy_joules_total", { device: "module", rail: "ACME_IN", scope: "device" });

/** Puts a tegrastats on PATH that writes down its pid and its arguments, and then does as it is told. */
async function install(folder: string, does: string): Promise<Record<string, string>> {
  const script = `#!/bin/sh\necho $$ "$@" >> ${folder}/started\n${does}\n`;
  await Deno.writeTextFile(`${folder}/tegrastats`, script, { mode: 0o755 });
  return { PATH: `${folder}:${Deno.env.get("PATH")}` };
}

/** The pids and arguments of every tegrastats that was started. */
function started(folder: string): { readonly pid: number; readonly args: string }[] {
  if (!exists(`${folder}/started`)) return [];
  return Deno.readTextFileSync(`${folder}/started`).trim().split("\n").map((line) => {
    const [pid = "", ...args] = line.split(" ");
    return { pid: parseInt(pid, 10), args: args.join(" ") };
  });
}

/** Records a command that ends some time after tegrastats was started, and has printed twelve lines if it counts them. */
async function recordWith(folder: string, does: string, args: string[] = []): Promise<Recorded> {
  const env = await install(folder, does);
  const waiting =
    `while [ ! -e started ] || { [ -e lines ] && [ $(wc -l < lines) -lt 12 ]; }; do sleep 0.05; done; sleep 0.2`;
  const recorded = await record(["sh", "-c", waiting], { args: ["-i", "100ms", ...args], env, cwd: folder });
  assert.equal(recorded.code, 0, recorded.stderr);
  assert.ok(started(folder).length > 0);
  await until(() => started(folder).every(({ pid }) => !isRunning(pid)));
  return recorded;
}

Deno.test("run takes power and joules from a tegrastats on PATH, whatever the board calls itself, by one process", () =>
  withTemporaryFolder(async (folder) => {
    const printing = `while :; do echo '${LINE}'; echo >> ${folder}/lines; sleep 0.05; done`;
    const { records, summary } = await recordWith(folder, printing, ["-m", "power"]);
    const columns = records.find(({ type, collector }) => type === "columns" && collector === "tegrastats");
    assert.ok(columns.series.includes(SERIES), columns.series.join("\n"));
    assert.equal(summary.metrics[SERIES]?.mean, 5);
    assert.ok((summary.metrics[ENERGY]?.total ?? 0) > 0);
    const at = records.flatMap(({ type, at }) => type === "tick" ? [at?.tegrastats] : []).filter((time) =>
      time !== undefined
    );
    assert.ok(at.length > 1 && at.every((time, index) => index === 0 || time >= at[index - 1]), at.join());
    assert.deepEqual(started(folder).map(({ args }) => args), ["--interval 100"]);
  }));

for (
  const [what, does] of [
    ["prints nothing", "exec sleep 1000"],
    ["prints text", "while :; do echo 'tegrastats: permission denied'; sleep 0.05; done"],
    ["dies at once", "echo 'Segmentation fault' >&2; exit 139"],
    ["prints without end", "exec cat /dev/zero"],
    ["cannot be killed politely", `trap '' TERM INT HUP; echo '${LINE}'; exec sleep 1000`],
  ] as const
) {
  Deno.test(`run is as without it when tegrastats ${what}, and leaves no process behind`, () =>
    withTemporaryFolder(async (folder) => {
      const { records } = await recordWith(folder, does);
      assert.ok(records.some(({ type }) => type === "end"));
    }));
}

Deno.test("run refuses to start where power was asked for, and tegrastats only dies", () =>
  withTemporaryFolder(async (folder) => {
    const env = await install(folder, "echo 'no such board' >&2; exit 1");
    const words = [...RESMON, "run", "-q", "-m", "power", "-o", `${folder}/run`, "--", "true"];
    await using running = new Running(words, { env });
    const { code, stderr } = await running.end();
    // A machine that has another source of power does not need it.
    if (code !== 0) assert.equal(code, 125, stderr);
    assert.deepEqual(started(folder).filter(({ pid }) => isRunning(pid)), []);
  }));

Deno.test("kill -9 of resmon ends its tegrastats, and not the command", () =>
  withTemporaryFolder(async (folder) => {
    const env = await install(folder, `echo '${LINE}'; exec sleep 1000`);
    const words = [...RESMON, "run", "-q", "-o", `${folder}/run`, "--", "sh", "-c", "echo $$; exec sleep 1000"];
    await using running = new Running(words, { env });
    const command = parseInt(await running.line(), 10);
    await until(() => started(folder).length === 1);
    running.kill("SIGKILL");
    await until(() => started(folder).every(({ pid }) => !isRunning(pid)));
    assert.ok(isRunning(command));
    Deno.kill(command, "SIGKILL");
  }));
