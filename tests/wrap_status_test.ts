/** How a wrapped command ends, as its caller sees it. */

import assert from "node:assert/strict";
import { PYTHON } from "./program.ts";
import { withTemporaryFolder } from "./temporary.ts";
import { assertTransparent, launch, launchWrapped, wrap } from "./wrapping.ts";

// Everything but what stops or continues a process (18 to 22) or is ignored by default (17, 23, 28).
const DEADLY = Array.from({ length: 64 }, (_, index) => index + 1)
  .filter((number) => ![17, 18, 19, 20, 21, 22, 23, 28, 32, 33].includes(number));
const SAMPLED_CODES = [0, 1, 2, 7, 77, 124, 125, 126, 127, 128, 137, 143, 200, 255];
// Of the real-time signals the first, one in the middle and the last; all of them differ by their number only.
const SAMPLED_SIGNALS = DEADLY.filter((number) => number < 34 || [34, 40, 64].includes(number));

for (const code of SAMPLED_CODES) {
  Deno.test(`resmon run ends with exit code ${code} of the command`, async () => {
    const { status } = await assertTransparent(["sh", "-c", `echo out; echo err >&2; exit ${code}`]);
    assert.equal(status, code);
  });
}

for (const signal of SAMPLED_SIGNALS) {
  Deno.test(`resmon run dies by signal ${signal} as the command did`, async () => {
    const { status } = await assertTransparent(["sh", "-c", `kill -${signal} $$`]);
    assert.equal(status, -signal);
  });
}

function coresIn(folder: string): number[] {
  const files = [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile);
  return files.map(({ name }) => Deno.statSync(`${folder}/${name}`).size);
}

Deno.test("resmon run leaves the core of the command, and none of its own over it", () =>
  withTemporaryFolder(async (cwd) => {
    const pattern = (await Deno.readTextFile("/proc/sys/kernel/core_pattern")).trim();
    if (pattern.startsWith("|")) return console.warn(`DID NOT RUN: cores go to ${pattern}`);
    const limits = { CORE: 1 << 28 };
    const { status } = await launch(wrap(`${cwd}/run`, ["sh", "-c", "kill -SEGV $$"]), { cwd, limits });
    assert.equal(status, -11);
    const cores = coresIn(cwd);
    assert.equal(cores.length, 1);
    // That of a shell is below one MiB, that of resmon hundreds.
    assert.ok((cores[0] ?? Infinity) < 16 * 2 ** 20, `a core of ${cores[0]} bytes`);
  }));

Deno.test("resmon run has the right status where its parent ignores SIGCHLD", async () => {
  assert.equal((await launchWrapped(["sh", "-c", "exit 7"], { ignore: [17] })).status, 7);
  assert.equal((await launchWrapped(["sh", "-c", "kill -40 $$"], { ignore: [17] })).status, -40);
});

Deno.test("resmon run has the right status where its parent blocks or ignores the signal that the command dies by", async () => {
  const command = [
    PYTHON,
    "-c",
    "import os, signal; signal.signal(15, 0); signal.pthread_sigmask(1, [15]); os.kill(os.getpid(), 15)",
  ];
  assert.equal((await assertTransparent(command, { ignore: [15], block: [15] })).status, -15);
});

Deno.test("resmon run as process 1 passes exit codes on, and a signal as 128 and its number", () =>
  withTemporaryFolder(async (folder) => {
    const name = "resmon run as process 1";
    const isolated = ["unshare", "--pid", "--fork", "--mount-proc"];
    if ((await launch([...isolated, "true"])).status !== 0) return console.warn(`DID NOT RUN: ${name}: no unshare`);
    for (const [end, status] of [["exit 3", 3], ["kill -9 $$", 137], ["kill -40 $$", 168]] as const) {
      const script = `[ $PPID = 1 ] && ${end}`;
      const ended = await launch([...isolated, ...wrap(folder, ["sh", "-c", script])]);
      assert.deepEqual(ended, { status, stdout: "", stderr: "" });
    }
  }));

const BINARY_FILE = new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3]);

for (
  const [what, command, status, says] of [
    ["a command that is not there", ["no-such-command"], 127, /^resmon: .*"no-such-command": not found in PATH\n$/],
    ["a path that is not there", ["./missing"], 127, /"\.\/missing": no such file\n$/],
    ["an empty name", [""], 127, /its name is empty\n$/],
    ["a missing interpreter", ["./bad-interpreter"], 127, /the interpreter that it names is not there\n$/],
    ["a folder", ["./folder"], 126, /"\.\/folder": permission denied\n$/],
    ["a file that is not executable", ["./data"], 126, /"\.\/data": permission denied\n$/],
    ["a binary of another format", ["./binary"], 126, /"\.\/binary": not an executable format\n$/],
    ["a path through a file", ["./data/x"], 126, /"\.\/data\/x": not a directory\n$/],
  ] as const
) {
  Deno.test(`resmon run tells ${what} in one line and ends with ${status}`, () =>
    withTemporaryFolder(async (cwd) => {
      await Deno.mkdir(`${cwd}/folder`);
      await Deno.writeTextFile(`${cwd}/data`, "x", { mode: 0o644 });
      await Deno.writeTextFile(`${cwd}/bad-interpreter`, "#!/no/such/interpreter\n", { mode: 0o755 });
      await Deno.writeFile(`${cwd}/binary`, BINARY_FILE, { mode: 0o755 });
      const ended = await launch(wrap(`${cwd}/run`, command), { cwd });
      assert.deepEqual({ status: ended.status, stdout: ended.stdout }, { status, stdout: "" });
      assert.match(ended.stderr, says);
      // What a shell says is worded otherwise, but ends with the same status.
      assert.equal((await launch(["bash", "-c", '"$0"', ...command], { cwd })).status, status);
      assert.throws(() => Deno.statSync(`${cwd}/run`), Deno.errors.NotFound);
    }));
}

Deno.test("resmon run passes on 125, 126 and 127 of a command that started, and says nothing", async () => {
  for (const code of [125, 126, 127]) {
    const { status, stderr } = await launchWrapped(["sh", "-c", `exit ${code}`]);
    assert.deepEqual({ status, stderr }, { status: code, stderr: "" });
  }
});

Deno.test("resmon run gives a script without #! to the shell, with its arguments", () =>
  withTemporaryFolder(async (cwd) => {
    await Deno.writeTextFile(`${cwd}/script`, `printf '<%s>' "$@"; exit 9\n`, { mode: 0o755 });
    const environment = { PATH: `${cwd}:${Deno.env.get("PATH")}` };
    for (const name of ["./script", "script"]) {
      const words = ["a b", "", "-c", "é"];
      const shell = await launch(["sh", "-c", '"$@"', "sh", name, ...words], { cwd, environment });
      const wrapped = await launch(wrap(`${cwd}/run`, [name, ...words]), { cwd, environment });
      assert.deepEqual(wrapped, shell);
      assert.equal(shell.status, 9);
    }
  }));
