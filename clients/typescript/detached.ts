/** Starts programs that are no children of this process. The modules of Node, which Deno has as well, are loaded when it is. */

import type { ChildProcessByStdio } from "node:child_process";
import type { Readable } from "node:stream";
import { parseCount } from "../../lib/parse.ts";

type Child = ChildProcessByStdio<null, Readable, Readable>;

// The shell ends at once, so that the program is nobody's child: a resmon that records this process counts neither it nor what it
// has used. The end of its output tells that it has ended.
const START = '"$@" & echo $!';
const RUN = '{ "$@"; echo $? >&2; } &';
// What the program around sets for this process, and not for its monitor.
const FOREIGN = ["RESMON_ADDR", "RESMON_MARKS", "RESMON_PID", "RESMON_OUTPUT", "RESMON_INTERVAL", "RESMON_TO"];

/** A program in a session of its own, where Ctrl-C in the terminal does not reach it. It does not keep this one alive. */
export interface Detached {
  readonly pid: number;
  /** Resolves when it has ended, with what it said on stderr. */
  readonly ended: Promise<string>;
  /** Does nothing where it has ended. */
  signal(name: "SIGTERM" | "SIGKILL"): Promise<void> | undefined;
}

/** How a program has ended, and what it said. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a program, whose stdout must stay empty. Rejects where that fails. */
export async function startDetached(words: readonly string[]): Promise<Detached> {
  const child = await spawnApart(START, words);
  const stderr = collect(child.stderr);
  const number = firstNumber(child.stdout);
  let isRunning = true;
  const ended = endOf(child).then(() => stderr.text.trim(), (error) => `${error.message}`)
    .finally(() => isRunning = false);
  const pid = await isWindows() ? child.pid : await Promise.race([number, ended.then(() => undefined)]);
  if (pid === undefined) throw new Error(await ended);
  for (const handle of [child, child.stdout, child.stderr]) release(handle);
  return { pid, ended, signal: (name) => isRunning ? kill(pid, name) : undefined };
}

/** Runs a program to its end. Rejects where it cannot be started. */
export async function runDetached(words: readonly string[]): Promise<Answer> {
  const child = await spawnApart(RUN, words);
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const code = await endOf(child);
  if (await isWindows()) return { code, stdout: stdout.text, stderr: stderr.text };
  const [, said = stderr.text, status = "1"] = /^(.*?)(\d+)\n$/s.exec(stderr.text) ?? [];
  return { code: parseCount(status, "exit status"), stdout: stdout.text, stderr: said };
}

async function spawnApart(script: string, words: readonly string[]): Promise<Child> {
  const { spawn } = await import("node:child_process");
  const [program = "", ...args] = await isWindows() ? words : ["/bin/sh", "-c", script, "sh", ...words];
  return spawn(program, args, { detached: true, stdio: ["ignore", "pipe", "pipe"], env: await environment() });
}

async function environment(): Promise<Record<string, string | undefined>> {
  const { default: process } = await import("node:process");
  const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN.includes(name));
  // By this a resmon that records this process, or adopts its orphans, knows not to count it.
  return { ...Object.fromEntries(inherited), RESMON_TOOL: "1" };
}

async function isWindows(): Promise<boolean> {
  const { default: process } = await import("node:process");
  return process.platform === "win32";
}

function collect(stream: Readable): { readonly text: string } {
  const told = { text: "" };
  stream.setEncoding("utf8").on("data", (text: string) => told.text += text);
  return told;
}

function endOf(child: Child): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

function firstNumber(stream: Readable): Promise<number> {
  return new Promise((resolve) => stream.once("data", (line) => resolve(parseCount(`${line}`.trim(), "pid"))));
}

async function kill(pid: number, name: "SIGTERM" | "SIGKILL"): Promise<void> {
  const { default: process } = await import("node:process");
  try {
    process.kill(pid, name);
  } catch (error) {
    // It has just ended.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

// Streams of Node's pipes can be let go of, which their types do not tell.
function release(handle: Child | Readable): void {
  if ("unref" in handle && typeof handle.unref === "function") handle.unref();
}
