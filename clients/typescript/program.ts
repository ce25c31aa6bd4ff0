/** Where the resmon program is, and how it is started. The modules of Node, which Deno has as well, are loaded when it is. */

import type { ChildProcess } from "node:child_process";
import type { MonitorOptions } from "./monitor.ts";
import { ownProgram } from "./own_program.ts";
import { runtime } from "./sender.ts";

const START_MS = 60_000;
const STOP_MS = 15_000;
const POLL_MS = 10;
const MOST_OUTPUT = 2 ** 30;

/** A resmon process that records another one. */
export interface Recorder {
  readonly pid: number;
  readonly folder: string;
  /** Ends the recording with a last sample. */
  stop(): Promise<void>;
}

/** Starts `resmon attach`, and resolves once the first sample is taken. Rejects with what resmon says. */
export async function startRecorder(pid: number, options: MonitorOptions): Promise<Recorder> {
  const { spawn } = await import("node:child_process");
  const folder = options.output ?? await newFolder(pid);
  const [program = "", ...words] = [...await findProgram(), ...attachWords(pid, { ...options, output: folder })];
  // In a session of its own: Ctrl-C is meant for the program, whose end resmon sees by itself.
  const child = spawn(program, words, { detached: true, stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise<string>((resolve) => {
    let said = "";
    child.stderr?.on("data", (bytes: Uint8Array) => said += new TextDecoder().decode(bytes));
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code) => resolve(said.trim() || `it ended with exit status ${code}`));
  });
  await firstTick(`${folder}/log.jsonl`, child, ended);
  child.unref();
  if (child.stderr !== null && "unref" in child.stderr && typeof child.stderr.unref === "function") {
    child.stderr.unref();
  }
  return { pid: child.pid ?? 0, folder, stop: () => stopRecorder(child, ended) };
}

/** Runs a subcommand of resmon to its end, and gives what it printed. Rejects with what it said. */
export async function ask(words: readonly string[]): Promise<string> {
  const { execFile } = await import("node:child_process");
  const [program = "", ...before] = await findProgram();
  return await new Promise((resolve, reject) => {
    execFile(program, [...before, ...words], { maxBuffer: MOST_OUTPUT }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`Cannot run resmon ${words[0]}: ${stderr.trim() || error.message}`));
    });
  });
}

/** The words that start resmon: those of `RESMON_BIN`, else the program of this package, else the one in PATH. */
async function findProgram(): Promise<readonly string[]> {
  const named = runtime().variable("RESMON_BIN") ?? "";
  if (named !== "") return await isThere(named) ? [named] : named.split(/\s+/);
  return await ownProgram() ?? ["resmon"];
}

function attachWords(pid: number, { interval = 1, output = "", metrics, options = [] }: MonitorOptions): string[] {
  return [
    ...["attach", "--quiet", "--pid", `${pid}`, "--output", output, "--interval", `${Math.round(interval * 1000)}ms`],
    ...(metrics === undefined ? [] : ["--metrics", metrics]),
    ...options,
  ];
}

async function newFolder(pid: number): Promise<string> {
  const { mkdir } = await import("node:fs/promises");
  const { resolve } = await import("node:path");
  await mkdir("resmon-runs", { recursive: true });
  const time = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
  return resolve("resmon-runs", `${time}-monitor-${pid}-${runtime().newId().slice(0, 4)}`);
}

async function firstTick(log: string, child: ChildProcess, ended: Promise<string>): Promise<void> {
  const { readFile } = await import("node:fs/promises");
  const deadline = performance.now() + START_MS;
  let end: string | undefined;
  ended.then((said) => end = said);
  while (end === undefined && performance.now() < deadline) {
    const text = await readFile(log, "utf8").catch(() => "");
    if (text.includes('"type":"tick"')) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  child.kill("SIGKILL");
  throw new Error(`Cannot start the monitor: ${end ?? `it took no sample within ${START_MS / 1000} s`}`);
}

async function stopRecorder(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.ref();
  const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  child.kill("SIGINT");
  await ended;
  clearTimeout(late);
}

async function isThere(path: string): Promise<boolean> {
  const { stat } = await import("node:fs/promises");
  return await stat(path).then((found) => found.isFile(), () => false);
}
