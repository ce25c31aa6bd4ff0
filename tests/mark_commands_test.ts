/** The subcommands that shells mark with, in the shell. */

import assert from "node:assert/strict";
import { formatCommand } from "../lib/escape.ts";
import { execute, readRun, record, RESMON, resmon } from "./program.ts";
import { withTemporaryFolder } from "./temporary.ts";

const MARKS: readonly string[] = ["tag", "phase_start", "phase_end", "checkpoint", "log", "progress"];
// Of no run, whatever is around the tests.
const ALONE = { RESMON_ADDR: "", RESMON_MARKS: "" };

// In the script `resmon` is the program, in whatever form.
function script(text: string): string[] {
  return ["bash", "-c", `resmon() { ${formatCommand(RESMON)} "$@"; }\n${text}`];
}

// deno-lint-ignore no-explicit-any -- raw JSON, see Recorded
function marksIn(records: readonly any[]): any[] {
  return records.filter(({ type, kind }) => type === "event" && MARKS.includes(kind));
}

Deno.test("resmon tag, phase, checkpoint, log mark in the name of the shell that calls them", async () => {
  const { code, stdout, stderr, records } = await record(script(`
    set -e
    echo $$
    resmon tag cache is warm --attribute loss=0.25 --attribute run=007 --require
    resmon phase start train --attribute ok=true
    resmon phase end train --attribute error=Failed
    resmon phase start again
    resmon phase end
    resmon checkpoint "data set 1" loaded
    resmon log -l warning one "two words"`));
  assert.equal(code, 0, stderr);
  const marks = marksIn(records);
  const told = marks.map(({ kind, name, names, attributes, level, messages }) => ({
    kind,
    ...(name === undefined ? {} : { name }),
    ...(names === undefined ? {} : { names }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(level === undefined ? {} : { level, messages }),
  }));
  assert.deepEqual(told, [
    { kind: "tag", name: "cache is warm", attributes: { loss: 0.25, run: "007" } },
    { kind: "phase_start", name: "train", attributes: { ok: true } },
    { kind: "phase_end", name: "train", attributes: { error: "Failed" } },
    { kind: "phase_start", name: "again" },
    { kind: "phase_end" },
    { kind: "checkpoint", name: "data set 1 loaded", names: ["data set 1", "loaded"] },
    { kind: "log", level: "warning", messages: ["one", "two words"] },
  ]);
  const shell = parseInt(stdout, 10);
  assert.ok(marks.every(({ pid, tid, source }) => pid === shell && tid === undefined && source === "socket"));
});

Deno.test("resmon progress prints an id by which any process moves it", async () => {
  const { code, stdout, stderr, records } = await record(script(`
    set -e
    id=$(resmon progress new 5 converting)
    (resmon progress advance "$id")
    resmon progress advance "$id" 0.5
    resmon progress update "$id" 4
    resmon progress done "$id"
    other=$(resmon progress new 0)
    resmon progress fail "$other"
    echo "$id $other"`));
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^[0-9a-f]{32} [0-9a-f]{32}\n$/);
  const [id, other] = stdout.trim().split(" ");
  const ends = marksIn(records).filter(({ state }) => state !== "running")
    .map(({ span, name, total, completed, state }) => [span, name, total, completed, state]);
  // A progress of so much that is done is complete.
  assert.deepEqual(ends, [[id, "converting", 5, 5, "done"], [other, undefined, undefined, 0, "failed"]]);
});

Deno.test("resmon log --table sends a CSV file, whose numbers keep their digits", () =>
  withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/t.csv`, '\ufeffepoch,"loss, mean"\n1,0.5\n007,\n"a ""b""",-2\nshort\n');
    const { stderr, records } = await record(script(`resmon log scores --table ${folder}/t.csv`));
    assert.deepEqual(marksIn(records)[0]?.messages, [
      "scores",
      { table: { columns: ["epoch", "loss, mean"], rows: [[1, 0.5], ["007", null], ['a "b"', -2], ["short"]] } },
    ], stderr);
  }));

Deno.test("A Makefile marks: each line of a recipe is a shell of its own", () =>
  withTemporaryFolder(async (folder) => {
    const words = formatCommand(RESMON);
    const recipe = [`phase start $@`, `time --quiet --name copy -- cp Makefile $@`, `phase end $@`].map((line) =>
      `${words} ${line}`
    );
    await Deno.writeTextFile(`${folder}/Makefile`, `out:\n\t${recipe.join("\n\t")}\n`);
    const { code, stderr, records, summary } = await record(["make", "-s", "-C", folder, "out"]);
    assert.equal(code, 0, stderr);
    const marks = marksIn(records);
    assert.deepEqual(marks.map(({ kind, name }) => `${kind} ${name}`), [
      "phase_start out",
      "phase_start copy",
      "phase_end copy",
      "phase_end out",
    ]);
    // The end of a phase is told by another process than its start.
    const phases = summary.phases.map((
      { name, count, unfinished = 0, failed = 0 },
    ) => [name, count, unfinished, failed]);
    assert.deepEqual(phases.toSorted(), [["copy", 1, 0, 0], ["out", 1, 0, 0]]);
  }));

Deno.test("The subcommands that mark do nothing outside of a run, and say so with --require", async () => {
  const { code, stdout, stderr } = await resmon(["tag", "a"], { env: ALONE });
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
  const progress = await resmon(["progress", "new", "3"], { env: ALONE });
  assert.deepEqual([progress.code, progress.stdout.length, progress.stderr], [0, 33, ""]);
  const required = await resmon(["phase", "start", "a", "--require"], { env: ALONE });
  assert.equal(required.code, 1);
  assert.match(required.stderr, /^resmon: Nobody records this: start it with `resmon run/);
});

Deno.test("The subcommands that mark end well and say so where the address leads nowhere, to a file, or to nobody who reads", () =>
  withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    // A server of another protocol, which never reads.
    using server = Deno.listen({ transport: "unix", path: `${folder}/foreign` });
    const connection = server.accept();
    for (const name of ["nowhere", "file", "foreign"]) {
      const env = { ...ALONE, RESMON_ADDR: `unix:${folder}/${name}` };
      const { code, stderr } = await resmon(["tag", "a"], { env });
      assert.equal(code, 0);
      // What the system has taken for the foreign server nobody can see.
      if (name === "foreign") assert.equal(stderr, "");
      else assert.match(stderr, new RegExp(`^resmon: The mark is lost: nobody reads at unix:${folder}/${name}: `));
    }
    (await connection).close();
    const { code } = await resmon(["tag", "a", "--require"], {
      env: { ...ALONE, RESMON_ADDR: `unix:${folder}/nowhere` },
    });
    assert.equal(code, 1);
  }));

Deno.test("The subcommands that mark say what is wrong with their words", async () => {
  const cases: readonly (readonly [args: string[], said: RegExp])[] = [
    [["tag"], /missing required argument 'label'/],
    [["phase", "begin"], /unknown command 'begin'/],
    [["progress", "new", "many"], /"many" is no number of 0 or more/],
    [["tag", "a", "--attribute", "b"], /"b" is no attribute: write it like epoch=3/],
    [["tag", "a", "--attribute", "=b"], /"=b" is no attribute: write it like epoch=3/],
    [["log", "-l", "loud", "a"], /Allowed choices are debug, info, warning, error, critical/],
    [["log"], /Nothing to log: give a text, or --table <file>/],
  ];
  for (const [args, said] of cases) {
    const { code, stderr } = await resmon(args, { env: ALONE });
    assert.equal(code, 2, args.join(" "));
    assert.match(stderr, said);
  }
  const { code, stderr } = await resmon(["log", "--table", "/nowhere.csv"], { env: ALONE });
  assert.equal(code, 1);
  assert.match(stderr, /^resmon: Cannot read the table \/nowhere.csv: /);
});

Deno.test("resmon tag reaches a resmon that is attached to a process above it", () =>
  withTemporaryFolder(async (folder) => {
    const env = { ...ALONE, XDG_STATE_HOME: folder, XDG_RUNTIME_DIR: "" };
    // A shell lets its background jobs ignore SIGINT.
    const attach = `${formatCommand(RESMON)} attach -p $$ -o ${folder}/run --quiet --no-report -i 50ms & watcher=$!`;
    // The shell of the tag is a child of the one that is recorded.
    const text = `${attach}
      until grep -q '"type":"tick"' ${folder}/run/log.jsonl 2>/dev/null; do sleep 0.02; done
      (resmon tag from below --require) && kill -TERM $watcher; wait $watcher`;
    const { code, stderr } = await execute(script(text), { env });
    assert.equal(code, 0, stderr);
    assert.deepEqual(marksIn(readRun(`${folder}/run`).records).map(({ name }) => name), ["from below"]);
  }));
