/** One run that shows that the program works at all: in any form, and on CPUs that are emulated and slow. */

import assert from "node:assert/strict";
import { readRun, resmon } from "./program.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";

Deno.test("resmon run works: it calls the C library, records, passes the exit status on and writes a report", () =>
  withTemporaryFolder(async (folder) => {
    const run = `${folder}/run`;
    const { code, stdout, stderr } = await resmon([
      "run",
      "-o",
      run,
      "--",
      "sh",
      "-c",
      "echo hello; sleep 0.3; exit 7",
    ]);
    assert.deepEqual({ code, stdout }, { code: 7, stdout: "hello\n" });
    assert.match(stderr, /^resmon: failed with exit code 7 /);
    const { records, summary } = readRun(run);
    assert.equal(records.at(-1).type, "end");
    assert.equal(summary.run.exit_code, 7);
    assert.equal(summary.exact.sources["cpu_seconds"], "wait4");
    assert.deepEqual(listFolder(run), ["log.jsonl", "processes.csv", "report.html", "samples.csv", "summary.json"]);
    const again = `${folder}/again.html`;
    const made = await resmon(["report", run, "-o", again]);
    assert.equal(made.code, 0, made.stderr);
    assert.equal(await Deno.readTextFile(again), await Deno.readTextFile(`${run}/report.html`));
  }));
