/** The examples, as a reader of the README would record them. */

import assert from "node:assert/strict";
import type { Summary } from "../lib/summary.ts";
import { PYTHON, readRun, record, RESMON, resmon } from "./program.ts";
import { withTemporaryFolder } from "./temporary.ts";

const EXAMPLES = new URL("../examples/", import.meta.url).pathname;

/** How often each phase began and how deep it lies, of a run in which all ended well. */
function phasesOf({ phases, phase_troubles }: Summary): [name: string, count: number, depth: number | undefined][] {
  assert.equal(phase_troubles, undefined);
  return phases.map(({ name, count, unfinished, failed, repetitions: [first] }) => {
    assert.deepEqual([unfinished, failed], [undefined, undefined], name);
    return [name, count, first?.depth];
  });
}

Deno.test("examples/train.py marks its phases, checkpoints, progress and logs", async () => {
  const small = ["--epochs", "2", "--seconds", "0.2", "--data-mib", "20", "--checkpoint-mib", "2"];
  const { summary, code, stderr } = await record([PYTHON, `${EXAMPLES}train.py`, ...small], { args: ["-i", "100ms"] });
  assert.equal(code, 0, stderr);
  assert.deepEqual(phasesOf(summary), [["load", 1, 0], ["epoch", 2, 0], ["save", 2, 1]]);
  assert.deepEqual(summary.phases[1]?.repetitions.map(({ attributes }) => attributes), [{ number: 1 }, { number: 2 }]);
  assert.deepEqual(summary.checkpoints?.map(({ names }) => names), [["saved", "1"], ["saved", "2"]]);
  assert.deepEqual(summary.progress?.map(({ name, total, completed, state }) => [name, total, completed, state]), [
    ["batches", 80, 80, "done"],
  ]);
  assert.deepEqual(summary.logs?.counts, { info: 3 });
});

Deno.test("examples/train.py runs without resmon around it", async () => {
  const { code, stdout, stderr } = await new Deno.Command(PYTHON, {
    args: [`${EXAMPLES}train.py`, "--epochs", "1", "--seconds", "0.1", "--data-mib", "1", "--checkpoint-mib", "1"],
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "" },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  assert.match(new TextDecoder().decode(stdout), /^epoch 1: [0-9a-f]{16}\ndone, 1 MiB/);
});

Deno.test("examples/pipeline.sh marks its phases by lines in a file and by resmon time; its outputs are made again from the log", () =>
  withTemporaryFolder(async (folder) => {
    const words = RESMON.map((word) => `'${word}'`).join(" ");
    await Deno.writeTextFile(`${folder}/resmon`, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
    const env = { PATH: `${folder}:${Deno.env.get("PATH")}` };
    const run = `${folder}/run`;
    const { code, stderr } = await resmon([
      "run",
      "-i",
      "100ms",
      "-o",
      run,
      "--",
      "sh",
      `${EXAMPLES}pipeline.sh`,
      "100000",
    ], { env });
    assert.equal(code, 0, stderr);
    const { summary } = readRun(run);
    assert.deepEqual(phasesOf(summary), [["generate", 1, 0], ["fold", 3, 0], ["compress", 1, 0]]);
    assert.deepEqual(summary.checkpoints?.map(({ name }) => name), ["fold 1", "fold 2", "fold 3"]);
    assert.deepEqual(summary.progress?.map(({ completed, state }) => [completed, state]), [[3, "done"]]);
    assert.deepEqual(summary.logs?.counts, { info: 1 });
    const read = (path: string): string => Deno.readTextFileSync(path);
    assert.equal((await resmon(["summary", run, "--json"])).stdout, read(`${run}/summary.json`));
    assert.equal((await resmon(["export", run, "--phases", `${folder}/p.csv`])).code, 0);
    assert.equal(read(`${folder}/p.csv`), read(`${run}/phases.csv`));
    assert.equal((await resmon(["report", run, "-o", `${folder}/r.html`])).code, 0);
    assert.equal(read(`${folder}/r.html`), read(`${run}/report.html`));
  }));
