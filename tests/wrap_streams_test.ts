/** Input, output and other descriptors of a wrapped command: pipes, closed streams, a make jobserver. */

import assert from "node:assert/strict";
import { execute, PYTHON } from "./program.ts";
import { listFolder, withTemporaryFolder } from "./temporary.ts";
import { assertTransparent, launch, wrap } from "./wrapping.ts";

const OUTPUTS = ["log.jsonl", "processes.csv", "samples.csv", "summary.json"];

/** Runs a line of bash in which `W` is nothing, then resmon, each time in a folder of its own, and compares all they write. */
async function assertSameInShell(line: string): Promise<string> {
  const bare = await execute(["bash", "-c", `W() { "$@"; }\n${line}`]);
  await withTemporaryFolder(async (folder) => {
    const define = 'resmon=("$@"); W() { "${resmon[@]/%RUN/$BASHPID}" "$@"; }';
    assert.deepEqual(await execute(["bash", "-c", `${define}\n${line}`, "bash", ...wrap(`${folder}/RUN`, [])]), bare);
  });
  return bare.stdout;
}

for (
  const [what, line, expected] of [
    ["an endless writer before it", "yes | W head -n 1; echo ${PIPESTATUS[*]}", "y\n141 0\n"],
    ["a reader behind it that goes away", "W yes | head -n 1; echo ${PIPESTATUS[*]}", "y\n141 0\n"],
    ["resmon on both sides of a pipe", "W seq 100000 | W sort -n | tail -n 1", "100000\n"],
    ["much data through it", "head -c 30000000 /dev/zero | W cat | wc -c", "30000000\n"],
    ["a pipe that is open and empty", "sleep 0.2 | W cat; echo $?", "0\n"],
    ["<(...)", "W cat <(echo one) <(echo two)", "one\ntwo\n"],
    [">(...)", "{ W tee >(cat >&2) <<< three > /dev/null; } 2>&1 | cat", "three\n"],
    ["a here-document", "W cat << X\nfour\nX", "four\n"],
    [
      "descriptors opened by the shell",
      "exec 3< <(echo five) 9> >(cat); W sh -c 'cat <&3 >&9'; exec 9>&-; wait",
      "five\n",
    ],
    ["a coprocess", "coproc W cat; echo six >&${COPROC[1]}; read -r x <&${COPROC[0]}; echo $x", "six\n"],
    ["stdout and stderr in one pipe", "W sh -c 'echo 1; echo 2 >&2; echo 3' 2>&1 | cat", "1\n2\n3\n"],
  ] as const
) {
  Deno.test(`resmon run leaves ${what} as it is`, async () => {
    assert.equal(await assertSameInShell(line), expected);
  });
}

// Each job waits for the other: one alone would never end.
function jobThatMeets(own: string, other: string): string {
  return `${own}:\n\t@touch ${own}.there; until [ -e ${other}.there ]; do sleep 0.01; done\n`;
}

Deno.test("resmon run lets a recursive make share the jobs of its parent", () =>
  withTemporaryFolder(async (cwd) => {
    await Deno.writeTextFile(`${cwd}/Makefile`, "all:\n\t+@$(W) $(MAKE) --no-print-directory -f sub.mk\n");
    await Deno.writeTextFile(`${cwd}/sub.mk`, `all: a b\n${jobThatMeets("a", "b")}${jobThatMeets("b", "a")}`);
    const words = wrap(`${cwd}/run`, []).join(" ");
    const { code, stdout, stderr } = await execute(["timeout", "60", "make", "-j2", `W=${words}`], { cwd });
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
  }));

for (const close of [[0], [1], [2], [0, 1], [1, 2], [0, 1, 2]]) {
  Deno.test(`resmon run works with descriptors ${close.join(" and ")} closed`, () =>
    withTemporaryFolder(async (folder) => {
      const command = ["sh", "-c", "echo out; echo err >&2; exit 5"];
      const { status, stdout, stderr } = await launch(wrap(folder, command), { close });
      // The runtime opens /dev/null in place of a closed 0, 1 or 2 before our first line.
      const expected = { stdout: close.includes(1) ? "" : "out\n", stderr: close.includes(2) ? "" : "err\n" };
      assert.deepEqual({ status, stdout, stderr }, { status: 5, ...expected });
      assert.deepEqual(listFolder(folder), OUTPUTS);
    }));
}

Deno.test("resmon run passes on that the command cannot write to a full disk", async () => {
  const write = [PYTHON, "-c", "import os; os.write(1, b'x')"];
  const { status, stderr } = await assertTransparent(write, { full: true });
  assert.equal(status, 1);
  assert.match(stderr, /No space left on device/);
});

Deno.test("resmon run ends as the command does where its own summary cannot be written", () =>
  withTemporaryFolder(async (folder) => {
    const words = wrap(folder, ["sh", "-c", "exit 6"]).filter((word) => word !== "--quiet");
    const { code } = await execute(["bash", "-c", '"$@" 2> /dev/full', "bash", ...words]);
    assert.equal(code, 6);
    assert.deepEqual(listFolder(folder), OUTPUTS);
  }));

Deno.test("resmon run does not make shared pipes non-blocking", async () => {
  const flags = [PYTHON, "-c", "import fcntl; print([fcntl.fcntl(fd, fcntl.F_GETFL) for fd in (0, 1, 2)])"];
  await assertTransparent(flags);
});
