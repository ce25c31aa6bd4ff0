/** The npm package as a program installs it, for Node and Deno. */

import assert from "node:assert/strict";
import ts from "typescript";
import { type Ended, execute, PYTHON, readRun } from "./program.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";

const ROOT = new URL("../", import.meta.url).pathname;
const WORKLOADS = new URL("workloads/", import.meta.url).pathname;
const KINDS: readonly string[] = ["tag", "phase_start", "phase_end", "checkpoint", "log", "progress"];
const DOCUMENTED = ["README.md", "mod.ts", "marks.ts", "phase.ts", "progress.ts", "monitor.ts"];

// What marking.mjs marks.
const MARKED = [
  "tag begun",
  "phase_start load",
  "phase_end load",
  "phase_start train",
  "phase_end train",
  "phase_start broken",
  "phase_end broken",
  "progress files",
  "checkpoint data loaded",
  "log",
  "tag \u001b[31m<b>",
];

const REJECTED = `import { phase } from "resmon";
async function fail(message) { throw new Error(message); }
await phase("handled", () => fail("was handled")).catch(() => undefined);
await new Promise((resolve) => setTimeout(resolve, 1));
phase("not handled", () => fail("seen by nobody"));
await new Promise((resolve) => setTimeout(resolve, 1000));`;

// What a program in JavaScript may tell by mistake.
const ODD = `import { checkpoint, log, phase, Progress, tag } from "resmon";
const textless = Object.create(null);
const circle = {};
circle.self = circle;
for (const value of [Symbol("a"), textless, circle, 1n, null, undefined]) {
  tag(value);
  checkpoint(value);
  log("info", value);
  phase(value).fail(value);
  new Progress(value, value).advance(value);
}
tag("plain", { loss: NaN, step: 3, text: "a", names: ["a", 1], missing: undefined, unknown: null });`;

const ENDS = `import { phase, Progress, tag } from "resmon";
await phase("outer", async () => {
  await new Promise((resolve) => setTimeout(resolve, 10));
  tag("within");
});
tag("after");
const open = phase("once");
open.end();
open.fail(new Error("too late"));
const files = new Progress(2, "joined");
Progress.join(files.id).advance(2);
files.complete();
files.fail();`;

/** A folder in which the package is installed. */
class Installation {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async install(): Promise<void> {
    const built = `${this.#folder}/package`;
    await succeed([Deno.execPath(), "run", "-A", `${ROOT}scripts/npm_package.ts`, built], { cwd: ROOT });
    await succeed(["npm", "pack", "--silent"], { cwd: built });
    await Deno.writeTextFile(`${this.#folder}/package.json`, '{"private": true, "type": "module"}');
    const [tarball = ""] = listFolder(built).filter((name) => name.endsWith(".tgz"));
    const quietly = ["--no-audit", "--no-fund", "--prefer-offline"];
    await succeed(["npm", "install", ...quietly, `${built}/${tarball}`], { cwd: this.#folder });
    // They import the package from where they stand.
    for (const name of ["marking.mjs", "monitors.mjs"]) await Deno.copyFile(`${WORKLOADS}${name}`, this.path(name));
  }

  path(name: string): string {
    return `${this.#folder}/${name}`;
  }

  run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const alone = { RESMON_ADDR: "", RESMON_MARKS: "", RESMON_BIN: "" };
    return execute(words, { cwd: this.#folder, env: { ...alone, ...env } });
  }

  /** Runs a command by the package's own `resmon`, and gives its marks. */
  async record(
    name: string,
    command: readonly string[],
  ): Promise<{ readonly ended: Ended; readonly marks: readonly string[] }> {
    const resmon = [
      this.path("node_modules/.bin/resmon"),
      "run",
      "--quiet",
      "--no-report",
      "-o",
      name,
      "--",
      ...command,
    ];
    const ended = await this.run(resmon);
    return { ended, marks: this.marksIn(name) };
  }

  marksIn(name: string): string[] {
    const events = readRun(this.path(name)).records.filter(({ kind }) => KINDS.includes(kind));
    const marks = events.map(({ kind, name = "" }) => `${kind} ${name}`.trim());
    // A progress is told once more at its end.
    return marks.filter((mark, at) => mark !== "progress files" || marks.indexOf(mark) === at);
  }
}

async function succeed(words: readonly string[], options: Deno.CommandOptions): Promise<void> {
  const { code, stderr } = await execute(words, options);
  assert.equal(code, 0, `${words.join(" ")}: ${stderr}`);
}

async function isThere(program: string): Promise<boolean> {
  return (await execute(["sh", "-c", 'command -v "$0"', program])).code === 0;
}

const NAME = "The npm package installs, runs resmon, and marks from Node and Deno";

Deno.test(NAME, (t) =>
  withTemporaryFolder(async (folder) => {
    if (!(await isThere("npm"))) return console.warn(`DID NOT RUN: ${NAME}: npm is not installed`);
    const installation = new Installation(folder);
    await installation.install();

    await t.step("npx resmon ends as the command does", async () => {
      const { code } = await installation.run([
        "npx",
        "--no",
        "resmon",
        "run",
        "-q",
        "-o",
        "three",
        "--",
        "sh",
        "-c",
        "exit 3",
      ]);
      assert.equal(code, 3);
      assert.ok(listFolder(installation.path("three")).includes("report.html"));
      const killed = await installation.run([
        installation.path("node_modules/.bin/resmon"),
        "time",
        "sh",
        "-c",
        "kill $$",
      ]);
      assert.equal(killed.signal, "SIGTERM");
    });

    for (const runtime of [["node"], [Deno.execPath(), "run", "-A"]]) {
      const name = runtime.length === 1 ? "Node" : "Deno";
      await t.step(`marks of ${name} are those that the program made`, async () => {
        const { ended, marks } = await installation.record(name, [...runtime, "marking.mjs"]);
        assert.equal(ended.code, 0, ended.stderr);
        assert.deepEqual(marks, MARKED);
      });
      await t.step(`${name} loses no mark where the program ends at once`, async () => {
        const { ended, marks } = await installation.record(`${name}-exit`, [...runtime, "marking.mjs", "exit"]);
        assert.equal(ended.code, 7, ended.stderr);
        assert.deepEqual(marks.toSorted(), [...MARKED, "phase_start open"].toSorted());
      });
      await t.step(`a promise within a phase of ${name} that nobody handles ends the program`, async () => {
        await Deno.writeTextFile(installation.path("rejected.mjs"), REJECTED);
        const { code, stderr } = await installation.run([...runtime, "rejected.mjs"]);
        assert.equal(code, 1);
        assert.match(stderr, /seen by nobody/);
        assert.doesNotMatch(stderr, /was handled/);
      });
      await t.step(`phases of ${name} end with their promises, and what has ended stays so`, async () => {
        await Deno.writeTextFile(installation.path("ends.mjs"), ENDS);
        const { marks } = await installation.record(`${name}-ends`, [...runtime, "ends.mjs"]);
        assert.deepEqual(marks, [
          ...["phase_start outer", "tag within", "phase_end outer", "tag after", "phase_start once", "phase_end once"],
          ...["progress joined", "progress joined"],
        ]);
        const { records } = readRun(installation.path(`${name}-ends`));
        const [last] = records.filter(({ name }) => name === "joined").slice(-1);
        assert.deepEqual([last?.completed, last?.state], [2, "done"]);
      });
      await t.step(`a run around does not count the monitors of ${name}`, async () => {
        await installation.record(`${name}-around`, [...runtime, "monitors.mjs", `${name}-c`, `${name}-d`]);
        const summary = await Deno.readTextFile(installation.path(`${name}-around/summary.json`));
        const { processes } = JSON.parse(summary);
        // Of one that ends while it is looked at the words may not be known.
        const commands = processes.rows.map(({ command = [] }: { command?: string[] }) => command.join(" "));
        assert.deepEqual(commands.filter((command: string) => / attach /.test(command)), []);
        assert.ok(commands.some((command: string) => command.includes("monitors.mjs")));
      });
      await t.step(`no mark of ${name} throws, whatever it is told`, async () => {
        await Deno.writeTextFile(installation.path("odd.mjs"), ODD);
        const { ended } = await installation.record(`${name}-odd`, [...runtime, "odd.mjs"]);
        assert.deepEqual([ended.code, ended.stdout], [0, ""]);
        const plain = readRun(installation.path(`${name}-odd`)).records.find(({ name }) => name === "plain");
        assert.deepEqual(plain?.attributes, { loss: "NaN", step: 3, text: "a", names: ["a", "1"] });
      });
      await t.step(`Monitors of ${name} record at once, each with its own tags and without the other`, async () => {
        const folders = [`${name}-first`, `${name}-second`];
        const { code, stdout, stderr } = await installation.run([...runtime, "monitors.mjs", ...folders]);
        assert.deepEqual([code, stderr], [0, ""]);
        assert.deepEqual(stdout.trimEnd().split("\n"), [
          "true",
          "attach 1",
          "Cannot start a monitor twice: make a new one for a new recording",
          "Cannot start the monitor: it ended without a word",
        ]);
        const [first, second] = folders.map((folder) => installation.marksIn(folder).toSorted());
        assert.deepEqual(first, ["tag of both", "tag of the first"]);
        assert.deepEqual(second, ["tag of both", "tag of the second"]);
      });
      await t.step(`${name} goes on where nobody records it, or nobody listens any more`, async () => {
        for (const address of ["", `unix:${folder}/nowhere`, `unix:${folder}`, "tcp:127.0.0.1:1/a", "nonsense"]) {
          const ended = await installation.run([...runtime, "marking.mjs"], { RESMON_ADDR: address });
          assert.deepEqual(ended, { code: 0, signal: null, stdout: "", stderr: "" });
        }
      });
    }

    await t.step("a package without its Deno says how npm brings it", () =>
      withTemporaryFolder(async (linked) => {
        await Deno.copyFile(installation.path("node_modules/resmon/bin.js"), `${linked}/bin.mjs`);
        const { code, stderr } = await installation.run(["node", `${linked}/bin.mjs`, "run", "true"]);
        assert.equal(code, 125);
        assert.match(stderr, /^resmon: Cannot start: its package `deno` is not there, .*`npm pack`/);
      }));
    await t.step("Deno asks for no permission", () => assertAsksNothing(installation));
    await t.step("the examples of the documentation run", () => assertExamplesRun(installation));
    await t.step("its declarations are those of a typed program", () => assertTyped(installation));
    await t.step("what is not imported is left out of a bundle", () => assertTreeShaken(installation));
  }));

// A Deno that may ask does so on its terminal.
async function assertAsksNothing(installation: Installation): Promise<void> {
  const program = "import { tag } from 'resmon'; tag('a'); console.log('went on');";
  await Deno.writeTextFile(installation.path("permitted.mjs"), program);
  const terminal = [PYTHON, "-c", "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"];
  for (const permissions of [[], ["--allow-env"], ["--allow-env", "--allow-net"], ["--allow-read", "--allow-env"]]) {
    const words = [...terminal, Deno.execPath(), "run", ...permissions, "permitted.mjs"];
    const { code, stdout } = await installation.run(words, { RESMON_ADDR: "unix:/nowhere", NO_COLOR: "1" });
    assert.deepEqual([code, stdout], [0, "went on\r\n"]);
  }
}

async function assertExamplesRun(installation: Installation): Promise<void> {
  const examples = DOCUMENTED.flatMap((name) => examplesIn(Deno.readTextFileSync(`${ROOT}clients/typescript/${name}`)));
  assert.ok(examples.length >= 7, `${examples.length} examples`);
  for (const [at, example] of examples.entries()) {
    await Deno.writeTextFile(installation.path(`example${at}.mjs`), example);
  }
  const all = examples.map((_, at) => `import "./example${at}.mjs";`).join("\n");
  await Deno.writeTextFile(installation.path("examples.mjs"), all);
  const { ended, marks } = await installation.record("examples", ["node", "examples.mjs"]);
  assert.equal(ended.code, 0, ended.stderr);
  // Of an example of each file.
  for (
    const mark of [
      "tag done",
      "tag cache is warm",
      "checkpoint data set 1 loaded",
      "phase_end save",
      "progress converting",
    ]
  ) {
    assert.ok(marks.includes(mark), mark);
  }
}

function examplesIn(text: string): string[] {
  return [...text.matchAll(/^([ *]*)```js\n(.*?)^\1```$/gms)].map(([, indent = "", code = ""]) =>
    code.split("\n").map((line) => line.slice(indent.length)).join("\n")
  );
}

async function assertTyped(installation: Installation): Promise<void> {
  const path = installation.path("typed.ts");
  await Deno.writeTextFile(
    path,
    `import { checkpoint, log, Monitor, Phase, phase, Progress, tag } from "resmon";
    const sum: number = phase("a", { epoch: 1, names: ["a"] }, () => 1);
    const later: Promise<string> = phase("a", () => Promise.resolve("b"));
    { using open: Phase = phase("a"); using progress = new Progress(3); progress.advance(sum); }
    log("info", later, {}); checkpoint("a", "b"); tag("a", { b: true });
    const monitor = new Monitor({ interval: 0.1 });
    const stats: Record<string, readonly (number | null)[]> = await monitor.stats();
    // @ts-expect-error -- no such level
    log("loud", stats);
    // @ts-expect-error -- no such attribute
    tag("a", { b: {} });`,
  );
  assert.deepEqual(diagnose(path, ts.ScriptTarget.ESNext), []);
  // Without `using`, whose library these targets lack, and with the declarations checked as well.
  const older = installation.path("older.ts");
  await Deno.writeTextFile(older, (await Deno.readTextFile(path)).replaceAll("using ", "const "));
  for (const target of [ts.ScriptTarget.ES2020, ts.ScriptTarget.ES2022]) assert.deepEqual(diagnose(older, target), []);
}

function diagnose(path: string, target: ts.ScriptTarget): string[] {
  const program = ts.createProgram([path], {
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    target,
    module: ts.ModuleKind.NodeNext,
    types: [],
  });
  const diagnostics = ts.getPreEmitDiagnostics(program);
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

async function assertTreeShaken(installation: Installation): Promise<void> {
  await Deno.writeTextFile(installation.path("small.mjs"), 'import { tag } from "resmon"; tag("a");');
  const words = [Deno.execPath(), "bundle", "--quiet", "--packages", "bundle", "small.mjs"];
  const { code, stdout, stderr } = await installation.run(words);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /class/);
  assert.doesNotMatch(stdout, /Progress|Monitor|child_process/);
}
