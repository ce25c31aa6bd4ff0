/** The folder of a run that cannot be made or written, fills up or goes away: the command is never harmed, and all is told. */

import assert from "node:assert/strict";
import { readLog } from "../lib/log_reader.ts";
import { execute, RESMON, resmon } from "./program.ts";
import { makeReadOnly, testOnSmallDisk } from "./mounting.ts";
import { Running, until } from "./running.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";

const OUTPUTS = ["log.jsonl", "processes.csv", "report.html", "samples.csv", "summary.json"];

// Waits for a file, and then writes, leaves a file, and fails.
const COMMAND = 'until [ -e "$0" ]; do sleep 0.01; done; seq 20000; echo done > "$0".done; exit 7';
const WRITTEN = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join("");

/** The words of a run whose command goes on once the file `go` is there. */
function words(output: string, go: string, options: readonly string[] = []): string[] {
  return [...RESMON, "run", "-i", "10ms", ...options, "-o", output, "--", "sh", "-c", COMMAND, go];
}

/** Asserts that the command ran as without resmon. */
async function assertUnharmed(running: Running, go: string): Promise<string> {
  await Deno.writeTextFile(go, "");
  const { code, stdout, stderr } = await running.end();
  assert.equal(code, 7, stderr);
  assert.equal(stdout, WRITTEN);
  assert.equal(await Deno.readTextFile(`${go}.done`), "done\n");
  return stderr;
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return -1;
    throw error;
  }
}

for (
  const [what, path, says] of [
    ["below a file", "file/run", /a part of the path is not a directory/],
    ["in the place of a file", "file", /it is there but no directory/],
    ["in /proc", "/proc/run", /no such file or directory/],
  ] as const
) {
  Deno.test(`resmon run does not start the command where its folder would be ${what}`, () =>
    withTemporaryFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/file`, "precious");
      const output = path.startsWith("/") ? path : `${folder}/${path}`;
      const { code, stderr } = await resmon(["run", "-o", output, "--", "touch", `${folder}/started`]);
      assert.equal(code, 125);
      assert.match(stderr, /^resmon: Cannot write to [^\n]*\n$/);
      assert.match(stderr, says);
      assert.deepEqual(listFolder(folder), ["file"]);
      assert.equal(await Deno.readTextFile(`${folder}/file`), "precious");
    }));
}

Deno.test("resmon run adds its files to a folder that holds other things", () =>
  withTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/notes.txt`, "precious");
    assert.equal((await resmon(["run", "-q", "-o", folder, "true"])).code, 0);
    assert.deepEqual(listFolder(folder), [...OUTPUTS, "notes.txt"].sort());
    assert.equal(await Deno.readTextFile(`${folder}/notes.txt`), "precious");
  }));

testOnSmallDisk("resmon run does not start the command where its folder is read-only", 1024, async (disk) => {
  await Deno.mkdir(`${disk}/there`);
  await makeReadOnly(disk);
  for (const output of ["there", "new"]) {
    const { code, stderr } = await resmon(["run", "-o", `${disk}/${output}`, "--", "echo", "started"]);
    assert.equal(code, 125);
    assert.match(stderr, /^resmon: Cannot write [^\n]*: read-only file system\n$/);
  }
  assert.deepEqual(listFolder(disk), ["there"]);
});

testOnSmallDisk(
  "resmon run writes elsewhere, and says where, if the working folder is read-only",
  1024,
  async (disk) => {
    await makeReadOnly(disk);
    await withTemporaryFolder(async (state) => {
      const run = (env: Record<string, string>): ReturnType<typeof resmon> =>
        resmon(["run", "--", "echo", "started"], { cwd: disk, env });
      const { code, stdout, stderr } = await run({ XDG_STATE_HOME: state });
      assert.deepEqual({ code, stdout }, { code: 0, stdout: "started\n" });
      assert.match(
        stderr,
        /Cannot write to resmon-runs\/[^\n]*: read-only file system; writing to \S+ instead \(choose with -o\)/,
      );
      const [name = ""] = listFolder(`${state}/resmon`);
      assert.deepEqual(listFolder(`${state}/resmon/${name}`), OUTPUTS);

      const temporary = await run({ XDG_STATE_HOME: disk, TMPDIR: state });
      assert.equal(temporary.code, 0);
      const nowhere = await run({ XDG_STATE_HOME: disk, TMPDIR: disk });
      assert.deepEqual({ code: nowhere.code, stdout: nowhere.stdout }, { code: 125, stdout: "" });
      assert.match(nowhere.stderr, /^resmon: Cannot write to [^\n]*read-only file system; choose a folder with -o\n$/);
    });
  },
);

Deno.test("resmon run tells that the folder may not be written", () =>
  withTemporaryFolder(async (folder) => {
    // Without this capability root may write to its own folders only; others may not in the first place.
    const unprivileged = Deno.uid() === 0 ? ["setpriv", "--bounding-set=-dac_override"] : [];
    await Deno.chmod(folder, 0o500);
    const { code, stdout, stderr } = await execute([
      ...unprivileged,
      ...RESMON,
      "run",
      "-o",
      folder,
      "--",
      "echo",
      "x",
    ]);
    assert.deepEqual({ code, stdout }, { code: 125, stdout: "" });
    assert.match(stderr, /^resmon: Cannot write \S+log\.jsonl: permission denied\n$/);
    await Deno.chmod(folder, 0o700);
  }));

testOnSmallDisk(
  "resmon run lets the command finish when the disk gets full, and tells each output that is incomplete",
  128,
  async (disk) => {
    await withTemporaryFolder(async (folder) => {
      const output = `${disk}/run`;
      await using running = new Running(words(output, `${folder}/go`));
      await until(() => !writesTo(output, running.pid) && isFull(disk));
      const stderr = await assertUnharmed(running, `${folder}/go`);
      for (const file of OUTPUTS) {
        const told = stderr.split("\n").filter((line) =>
          line === `resmon: Cannot write ${output}/${file}: no space left on device`
        );
        assert.equal(told.length, 1, `${file} in ${stderr}`);
      }
      assert.deepEqual(listFolder(output).filter((name) => name.startsWith(".")), [], "halves of files");
      await assertReadable(output);
    });
  },
);

/** Says whether a process still writes to something in a folder. */
function writesTo(folder: string, pid: number): boolean {
  const descriptors = listFolder(`/proc/${pid}/fd`).map((name) => linkOf(`/proc/${pid}/fd/${name}`));
  return sizeOf(`${folder}/log.jsonl`) <= 0 || descriptors.some((path) => path?.startsWith(folder));
}

function linkOf(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch (error) {
    // Closed meanwhile.
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Says whether not one more page can be written. */
function isFull(disk: string): boolean {
  try {
    Deno.writeFileSync(`${disk}/probe`, new Uint8Array(1));
    return false;
  } catch (error) {
    if (/os error 28/.test(String(error))) return true;
    throw error;
  } finally {
    Deno.removeSync(`${disk}/probe`);
  }
}

/** Asserts that a log that stops early has whole lines only, and gives every other output elsewhere. */
async function assertReadable(output: string): Promise<void> {
  const text = await Deno.readTextFile(`${output}/log.jsonl`);
  assert.ok(text.endsWith("}\n"));
  const ticks = [...readLog(`${output}/log.jsonl`)].filter(({ type }) => type === "tick").length;
  assert.ok(ticks > 5, `${ticks} ticks`);
  await withTemporaryFolder(async (folder) => {
    const { code, stdout, stderr } = await resmon(["summary", output]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /The end of the command is not known: the log ends before the command did/);
    assert.equal((await resmon(["report", output, "-o", `${folder}/report.html`])).code, 0);
    assert.equal((await resmon(["export", output, "--csv", `${folder}/samples.csv`])).code, 0);
    assert.deepEqual(listFolder(folder), ["report.html", "samples-processes.csv", "samples.csv"]);
    assert.equal((await Deno.readTextFile(`${folder}/samples.csv`)).split("\n").length - 2, ticks);
  });
}

Deno.test("resmon run lets the command finish when its folder is deleted, and tells each output that is lost", () =>
  withTemporaryFolder(async (folder) => {
    const output = `${folder}/run`;
    await using running = new Running(words(output, `${folder}/go`));
    await until(() => sizeOf(`${output}/log.jsonl`) > 3000);
    await Deno.remove(output, { recursive: true });
    const stderr = await assertUnharmed(running, `${folder}/go`);
    for (const file of OUTPUTS) {
      assert.equal(stderr.split(`resmon: Cannot write ${output}/${file}: `).length, 2, `${file} in ${stderr}`);
    }
    assert.deepEqual(listFolder(folder), ["go", "go.done"]);
  }));

Deno.test("resmon run goes on writing to a folder that is moved, and tells what could not be put there at the end", () =>
  withTemporaryFolder(async (folder) => {
    const output = `${folder}/run`;
    await using running = new Running(words(output, `${folder}/go`));
    await until(() => sizeOf(`${output}/log.jsonl`) > 3000);
    await Deno.rename(output, `${folder}/moved`);
    const stderr = await assertUnharmed(running, `${folder}/go`);
    assert.match(stderr, /resmon: Cannot write \S+\/run\/summary\.json: no such file or directory/);
    const records = [...readLog(`${folder}/moved/log.jsonl`)];
    assert.equal(records.find(({ type }) => type === "end")?.type, "end");
  }));

Deno.test("resmon doctor and metrics say in a sentence that stdout is full", async () => {
  for (const name of ["doctor", "metrics"]) {
    const { code, stderr } = await execute(["sh", "-c", 'exec "$@" > /dev/full', "sh", ...RESMON, name]);
    assert.equal(code, 1);
    assert.match(stderr, /^resmon: Cannot write to stdout: No space left on device[^\n]*\n$/);
  }
});
