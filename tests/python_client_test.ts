/** The tests of the Python package, on the machine's Python, around the real program where they need one. */

import assert from "node:assert/strict";
import { type Ended, execute, PYTHON, RESMON } from "./program.ts";
import { listFolder } from "./temporary.ts";

const CLIENT = new URL("../clients/python/", import.meta.url).pathname;

function runTests(name: string): Promise<Ended> {
  return execute([PYTHON, "-W", "error::SyntaxWarning", "-m", "unittest", "-v", name], {
    cwd: `${CLIENT}tests`,
    env: {
      PYTHONPATH: `${CLIENT}src`,
      PYTHONDONTWRITEBYTECODE: "1",
      RESMON_BIN: RESMON.map((word) => `'${word}'`).join(" "),
    },
  });
}

interface Run {
  readonly name: string;
  readonly ended: Ended;
}

async function runAll(names: readonly string[]): Promise<Run[]> {
  const runs: Run[] = [];
  for (const name of names) runs.push({ name, ended: await runTests(name) });
  return runs;
}

function assertPassed({ name, ended: { code, stderr } }: Run): void {
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^Ran [1-9]\d* tests? /m);
  for (const [, what, why] of stderr.matchAll(/^(.*) \.\.\. skipped (.*)$/gm)) {
    console.warn(`DID NOT RUN: ${name}: ${what}: ${why}`);
  }
}

Deno.test("the Python package passes its own tests", async (test) => {
  const names = listFolder(`${CLIENT}tests`).filter((name) => /^test_.*\.py$/.test(name));
  // They mostly wait: two at a time, as there are two CPUs at least.
  const lanes = [0, 1].map((lane) => runAll(names.filter((_, index) => index % 2 === lane)));
  const all = (await Promise.all(lanes)).flat();
  for (const run of all) await test.step(run.name, () => assertPassed(run));
});

Deno.test("the Python package holds to the syntax of Python 3.8", async () => {
  const script = "import ast, pathlib, sys\n" +
    "for path in pathlib.Path(sys.argv[1]).rglob('*.py'): ast.parse(path.read_bytes(), str(path), feature_version=(3, 8))";
  const { code, stderr } = await execute([PYTHON, "-c", script, `${CLIENT}src`]);
  assert.equal(code, 0, stderr);
});
