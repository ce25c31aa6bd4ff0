/** Where the resmon program is, and how it is started. The modules of Node, which Deno has as well, are loaded when it is. */

import { type Detached, runDetached, startDetached } from "./detached.ts";
import type { MonitorOptions } from "./monitor.ts";
import { ownProgram } from "./own_program.ts";
import { runtime } from "./sender.ts";

const START_MS = 60_000;
const STOP_MS = 15_000;
const POLL_MS = 10;

/** A resmon process that records another one. */
export interface Recorder {
  readonly pid: number;
  readonly folder: string;
  /** Ends the recording with a last sample. */
  stop(): Promise<void>;
}

/** Starts `resmon attach`, and resolves once the first sample is taken. Rejects with what resmon says. */
export async function startRecorder(pid: number, options: MonitorOptions): Promise<Recorder> {
  const folder = options.output ?? await newFolder(pid);
  const words = [...await findProgram(), ...attachWords(pid, { ...options, output: folder })];
  const recorder = await startDetached(words).catch((error) => {
    throw new Error(`Cannot start the monitor: ${error.message}`);
  });
  await firstTick(`${folder}/log.jsonl`, recorder);
  return { pid: recorder.pid, folder, stop: () => stopRecorder(recorder) };
}

/** Runs a subcommand of resmon to its end, and gives what it printed. Rejects with what it said. */
export async function ask(words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runDetached([...await findProgram(), ...words]);
  if (code === 0) return stdout;
  throw new Error(`Cannot run resmon ${words[0]}: ${stderr.trim() || `exit status ${code}`}`);
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

async function firstTick(log: string, recorder: Detached): Promise<void> {
  const { readFile } = await import("node:fs/promises");
  const deadline = performance.now() + START_MS;
  let end: string | undefined;
  recorder.ended.then((said) => end = said || "it ended without a word");
  while (end === undefined && performance.now() < deadline) {
    const text = await readFile(log, "utf8").catch(() => "");
    if (text.includes('"type":"tick"')) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  await recorder.signal("SIGKILL");
  throw new Error(`Cannot start the monitor: ${end ?? `it took no sample within ${START_MS / 1000} s`}`);
}

async function stopRecorder(recorder: Detached): Promise<void> {
  // It also keeps this process alive meanwhile.
  const late = setTimeout(() => recorder.signal("SIGKILL"), STOP_MS);
  await recorder.signal("SIGTERM");
  await recorder.ended;
  clearTimeout(late);
}

async function isThere(path: string): Promise<boolean> {
  const { stat } = await import("node:fs/promises");
  return await stat(path).then((found) => found.isFile(), () => false);
}
