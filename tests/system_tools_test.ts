/** The tools of this machine: real programs behind the guard. */

import assert from "node:assert/strict";
import { isExecutable } from "../lib/ffi/libc.ts";
import { SystemTools } from "../lib/system_tools.ts";
import { TOOL_MARK, ToolError, type ToolHandlers } from "../lib/tools.ts";
import { isRunning, Running, until } from "./running.ts";
import { withTemporaryFolder } from "./temporary.ts";

interface Heard extends ToolHandlers {
  readonly lines: string[];
  readonly ends: string[];
}

function listen(): Heard {
  const lines: string[] = [];
  const ends: string[] = [];
  return { lines, ends, line: (text) => lines.push(text), end: (reason) => ends.push(reason) };
}

function shell(script: string): string[] {
  return ["sh", "-c", script];
}

function pidOf(line: string | undefined): number {
  return parseInt(line ?? "", 10);
}

Deno.test("SystemTools.start() hands lines over as they come, and the last one without its end", async () => {
  const heard = listen();
  const tool = new SystemTools().start(shell("printf 'one\\r\\ntwo\\n\\nlast'"), heard);
  await until(() => heard.ends.length > 0);
  assert.deepEqual(heard.lines, ["one", "two", "", "last"]);
  assert.deepEqual(heard.ends, ["exit status 0"]);
  await tool.close();
});

Deno.test("SystemTools.start() tells how a tool ended, with its last words", async () => {
  for (
    const [script, reason] of [
      ["echo first >&2; echo permission denied >&2; exit 3", "exit status 3 (permission denied)"],
      ["kill -9 $$", "exit status 137"],
    ] as const
  ) {
    const heard = listen();
    const tool = new SystemTools().start(shell(script), heard);
    await until(() => heard.ends.length > 0);
    // Shells do not always say that it was killed.
    assert.equal(heard.ends[0]?.replace("/bin/sh: 1: ", "").replace(/ \(.*Killed.*\)/, ""), reason);
    await tool.close();
  }
});

Deno.test("SystemTools.start() gives a tool C locale, no input, and a mark that its children have too", async () => {
  const heard = listen();
  const tool = new SystemTools().start(shell(`cat; echo $LC_ALL; sh -c 'echo $${TOOL_MARK}'`), heard);
  await until(() => heard.ends.length > 0);
  assert.deepEqual(heard.lines, ["C", "1"]);
  await tool.close();
});

Deno.test("SystemTools.pids has a tool as long as it runs", async () => {
  const tools = new SystemTools();
  const heard = listen();
  const tool = tools.start(shell("echo up; sleep 60"), heard);
  await until(() => heard.lines.length > 0);
  assert.equal(tools.pids.size, 1);
  await tool.close();
  assert.equal(tools.pids.size, 0);
  assert.deepEqual(heard.ends, []);
});

Deno.test("RunningTool.close() kills a tool that ignores signals, and its children", async () => {
  const heard = listen();
  const stubborn = "trap '' TERM INT HUP; (trap '' TERM; sleep 60) & echo $$; echo $!; wait";
  const tool = new SystemTools().start(shell(stubborn), heard);
  await until(() => heard.lines.length === 2);
  await tool.close();
  const pids = heard.lines.map(pidOf);
  await until(() => !pids.some(isRunning));
});

Deno.test("A tool that ends by itself leaves no children behind", async () => {
  const heard = listen();
  const tool = new SystemTools().start(shell("sleep 600 >/dev/null 2>&1 & echo $!; exit 3"), heard);
  await until(() => heard.ends.length > 0);
  await until(() => !isRunning(pidOf(heard.lines[0])));
  assert.deepEqual(heard.ends, ["exit status 3"]);
  await tool.close();
});

/** Writes a program that starts a shell as a tool and hands its lines on; gives its path. */
async function writeStarter(folder: string, script: string): Promise<string> {
  const module = new URL("../lib/system_tools.ts", import.meta.url);
  await Deno.writeTextFile(
    `${folder}/starts.ts`,
    `import { SystemTools } from "${module}";
     new SystemTools().start(["sh", "-c", ${JSON.stringify(script)}], {
       line: (text) => console.log(text),
       end: (reason) => console.log("ended", reason),
     });`,
  );
  return `${folder}/starts.ts`;
}

Deno.test("A tool dies with the program that started it, also by kill -9, and by nothing of the terminal", () =>
  withTemporaryFolder(async (folder) => {
    const program = await writeStarter(folder, "echo $$; sleep 60 & echo $!; wait");
    await using running = new Running([Deno.execPath(), "run", "-A", program]);
    const pids = [pidOf(await running.line()), pidOf(await running.line())];
    assert.ok(pids.every(isRunning));
    // Ctrl-C and Ctrl-Z of a terminal reach the whole foreground group.
    for (const signal of ["SIGTSTP", "SIGCONT"] as const) Deno.kill(-running.pid, signal);
    assert.ok(pids.every(isRunning));
    running.kill("SIGKILL");
    await until(() => !pids.some(isRunning));
  }));

Deno.test("SystemTools.start() ends a tool that floods", async () => {
  for (const script of ["yes", "yes >&2", "tr '\\0' x </dev/zero"]) {
    const heard = listen();
    const tool = new SystemTools().start(shell(script), heard);
    await until(() => heard.ends.length > 0);
    assert.match(heard.ends[0] ?? "", /^it printed (?:a line of more than 4 MiB|more than 8 MiB in a second)$/);
    await tool.close();
  }
});

Deno.test("SystemTools.run() gives what a program printed", async () => {
  assert.equal(await new SystemTools().run(["printf", "a\\nb\\n"], 30), "a\nb");
});

Deno.test("SystemTools.run() rejects where the program fails, is not there, or takes too long", async () => {
  const tools = new SystemTools();
  for (
    const [words, message] of [
      [shell("echo no >&2; exit 9"), /^Cannot run sh: exit status 9 \(no\)$/],
      [["resmon-has-no-such-tool"], /^Cannot run resmon-has-no-such-tool: exit status 127 \(.*not found|No such file/],
      [shell("sleep 60"), /^Cannot run sh: no end after 0.2 s$/],
    ] as const
  ) {
    await assert.rejects(tools.run(words, words[2] === "sleep 60" ? 0.2 : 30), (error) => {
      assert.ok(error instanceof ToolError);
      assert.match(error.message, message);
      return true;
    });
  }
  await until(() => tools.pids.size === 0);
});

for (const [by, tools] of [["the runtime", new SystemTools()], ["libc", new SystemTools(isExecutable)]] as const) {
  Deno.test(`SystemTools.find() finds programs in PATH and in further folders, and nothing else, by ${by}`, () =>
    withTemporaryFolder(async (folder) => {
      assert.match(tools.find("sh") ?? "", /\/sh$/);
      await Deno.writeTextFile(`${folder}/resmon-tool`, "#!/bin/sh\n", { mode: 0o644 });
      await Deno.mkdir(`${folder}/resmon-folder`);
      assert.equal(tools.find("resmon-tool", [folder]), undefined);
      assert.equal(tools.find("resmon-folder", [folder]), undefined);
      await Deno.chmod(`${folder}/resmon-tool`, 0o755);
      assert.equal(tools.find("resmon-tool"), undefined);
      assert.equal(tools.find("resmon-tool", [folder]), `${folder}/resmon-tool`);
    }));
}

for (const signal of ["SIGINT", "SIGHUP"] as const) {
  Deno.test(`A tool dies with the program that started it when ${signal} of the terminal ends that`, () =>
    withTemporaryFolder(async (folder) => {
      const program = await writeStarter(folder, "echo $$; exec sleep 600");
      await using running = new Running([Deno.execPath(), "run", "-A", program]);
      const pid = pidOf(await running.line());
      Deno.kill(-running.pid, signal);
      await until(() => !isRunning(pid));
    }));
}

Deno.test("SystemTools.start() tells the end of a tool though another session holds its output open", async () => {
  const heard = listen();
  const holder = "setsid sh -c 'echo $$; exec sleep 600 >&3 3>&-'";
  const tool = new SystemTools().start(shell(`exec 3>&1; pid=$({ ${holder} & }); echo $pid; exit 4`), heard);
  await until(() => heard.ends.length > 0);
  assert.deepEqual(heard.ends, ["exit status 4"]);
  Deno.kill(pidOf(heard.lines[0]), "SIGKILL");
  await tool.close();
});
