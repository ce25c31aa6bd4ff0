/** What a wrapped command is given: the same as without resmon. */

import assert from "node:assert/strict";
import { execute, IS_COMPILED, PYTHON } from "./program.ts";
import { withTemporaryFolder } from "./temporary.ts";
import { assertTransparent, type Conditions, wrap } from "./wrapping.ts";

// Of resmon's own signals, of those that the runtime takes over, and of others, real-time ones among them.
const [HUP, INT, QUIT, USR1, SEGV, USR2, TERM, WINCH, RTMIN, RT40] = [1, 2, 3, 10, 11, 12, 15, 28, 34, 40];

for (
  const [what, conditions] of [
    ["none special", {}],
    ["a hang-up ignored, as by nohup", { ignore: [HUP] }],
    ["INT and QUIT ignored, as in the background of a script", { ignore: [INT, QUIT] }],
    ["every signal that resmon forwards ignored", { ignore: [HUP, INT, QUIT, USR1, USR2, TERM] }],
    ["others ignored", { ignore: [SEGV, WINCH, RTMIN, RT40] }],
    ["a blocked mask", { block: [INT, USR2, TERM, WINCH, RT40] }],
    ["a signal both blocked and ignored", { block: [HUP, USR1], ignore: [HUP, USR1] }],
  ] as readonly (readonly [string, Conditions])[]
) {
  Deno.test(`resmon run gives the command its signals with ${what}`, async () => {
    const { stdout } = await assertTransparent(["sed", "-n", "/^Sig[BIC]/p", "/proc/self/status"], conditions);
    const ignored = BigInt(`0x${/SigIgn:\t(\w+)/.exec(stdout)?.[1]}`);
    for (const signal of conditions.ignore ?? []) assert.equal(ignored >> BigInt(signal - 1) & 1n, 1n, `${signal}`);
  });
}

for (
  const [what, limits] of [
    ["none changed", {}],
    ["others lowered", { CORE: 0, STACK: 4 << 20, FSIZE: 1 << 30, NPROC: 5000, MEMLOCK: 1 << 16, CPU: 1000 }],
  ] as const
) {
  Deno.test(`resmon run gives the command its limits with ${what}`, async () => {
    await assertTransparent(["cat", "/proc/self/limits"], { limits });
  });
}

for (const limit of ["512", "$(ulimit -Hn)"]) {
  Deno.test(`resmon run gives the command the limit of open files of a shell with ${limit}`, () =>
    withTemporaryFolder(async (folder) => {
      const show = ["cat", "/proc/self/limits"];
      const shell = ["bash", "-c", `ulimit -Sn ${limit}; "$@"; exit $?`, "bash"];
      const bare = await execute([...shell, ...show]);
      assert.deepEqual(await execute([...shell, ...wrap(folder, show)]), bare);
      if (limit === "512") assert.match(bare.stdout, /^Max open files +512 /m);
    }));
}

// Where a command finds resmon to mark its timeline is all that it is told.
const VARIABLES = "sorted(each for each in os.environb.items() if each[0] not in (b'RESMON_ADDR', b'RESMON_MARKS'))";

Deno.test("resmon run gives the command arguments and variables byte for byte", async () => {
  const words = ["", " ", "a b", "--", "-x", "$HOME", "é", "\n", "日本", "'\""];
  const environment = { BYTES: "\udc80x\udcff", EMPTY: "", MULTI: "a\nb=c" };
  const shown = [PYTHON, "-c", `import os, sys; print(sys.argv[1:], ${VARIABLES})`, ...words];
  const { stdout } = await assertTransparent(shown, { environment });
  assert.match(stdout, /b'BYTES', b'\\x80x\\xff'/);
});

Deno.test("resmon run gives the command arguments that are not UTF-8", async (test) => {
  if (IS_COMPILED) return console.warn(`DID NOT RUN: ${test.name}: the runtime of a compiled program refuses them`);
  const { stdout } = await assertTransparent([PYTHON, "-c", "import sys; print(sys.argv[1:])", "\udcff\udcfe"]);
  assert.match(stdout, /'\\udcff\\udcfe'/);
});

Deno.test("resmon run gives the command its descriptors, and none of its own", async () => {
  const open = { 3: "/etc/passwd", 4: "/etc/group", 9: "/proc/version" };
  const list = "for f in /proc/self/fd/*; do echo $f $(readlink $f); done | grep -v pipe:; cat <&3 <&4 <&9 | wc -c";
  const { stdout } = await assertTransparent(["bash", "-c", list], { open });
  assert.match(stdout, /fd\/9 \/proc\/version/);
});

Deno.test("resmon run gives the command its folder, umask, process group, session and priority", () =>
  withTemporaryFolder(async (cwd) => {
    const own = "print(os.getcwd(), oct(os.umask(0)), os.getpgrp(), os.getsid(0), os.nice(0), os.sched_getaffinity(0))";
    const probe = [PYTHON, "-c", `import os; ${own}`];
    // A common parent, so that group and session are known to both.
    const script = `${own}; subprocess.run(sys.argv[1:])`;
    const { stdout } = await execute(
      [
        "setsid",
        "nice",
        "-n",
        "5",
        "taskset",
        "1",
        PYTHON,
        "-c",
        `import os, subprocess, sys; ${script}`,
        ...wrap(`${cwd}/run`, probe),
      ],
      { cwd, env: { PYTHONUNBUFFERED: "1" } },
    );
    const [outside, inside, ...rest] = stdout.split("\n");
    assert.deepEqual(rest, [""]);
    // The parent has set its umask to 0 by asking for it.
    assert.equal(inside, outside?.replace(/0o\d+/, "0o0"));
  }));

Deno.test("resmon run gives the command its umask", async () => {
  assert.equal((await assertTransparent(["sh", "-c", "umask"], { umask: 0o137 })).stdout, "0137\n");
});

Deno.test("resmon run adds nothing to the environment of the command but where to mark", async () => {
  await assertTransparent([PYTHON, "-c", `import os; print(${VARIABLES})`], {
    environment: { RESMON_INTERVAL: "100ms" },
  });
});
