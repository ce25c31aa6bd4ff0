/** Runs the real program, in whatever form: from its sources, or the binary that `RESMON_BIN` names. */

import assert from "node:assert/strict";
import type { Summary } from "../lib/summary.ts";

const ROOT = new URL("../", import.meta.url).pathname;

/** The words that start resmon. */
export const RESMON: readonly string[] = programWords();

function programWords(): string[] {
  const binary = Deno.env.get("RESMON_BIN");
  if (binary !== undefined && binary !== "") return [binary];
  return [Deno.execPath(), "run", "-A", "--quiet", "--no-prompt", "--config", `${ROOT}deno.json`, `${ROOT}main.ts`];
}

/** Whether the program is compiled into one file, and not run by a Deno beside it. */
export const IS_COMPILED: boolean = isElf(RESMON[0] ?? "") && RESMON.length === 1;

function isElf(path: string): boolean {
  using file = Deno.openSync(path);
  const magic = new Uint8Array(4);
  file.readSync(magic);
  return decode(magic) === "\x7fELF";
}

/** The Python interpreter itself: a version manager's `python3` may be a script, with processes of its own. */
export const PYTHON: string = (await execute(["python3", "-c", "import sys; print(sys.executable, end='')"])).stdout;

/** How a program ended and what it said. */
export interface Ended {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs any program to its end. */
export async function execute(words: readonly string[], options: Deno.CommandOptions = {}): Promise<Ended> {
  const [program = "", ...args] = words;
  const { code, signal, stdout, stderr } = await new Deno.Command(program, {
    stdin: "null",
    ...options,
    args,
    stdout: "piped",
    stderr: "piped",
  }).output();
  return { code, signal, stdout: decode(stdout), stderr: decode(stderr) };
}

/** Runs resmon with some arguments. */
export function resmon(args: readonly string[], options: Deno.CommandOptions = {}): Promise<Ended> {
  return execute([...RESMON, ...args], options);
}

/** What a run left behind. */
export interface Recorded extends Ended {
  readonly folder: string;
  readonly summary: Summary;
  /** The records of log.jsonl. */
  // deno-lint-ignore no-explicit-any -- tests look at raw JSON, whose shape the schema tests prove
  readonly records: readonly any[];
}

/** Runs `resmon run` around a command, in a folder of its own that is removed afterwards, and hands over what it left. */
export async function record(
  command: readonly string[],
  { args = [], ...options }: Deno.CommandOptions & { readonly args?: string[] } = {},
): Promise<Recorded> {
  const folder = await Deno.makeTempDir({ prefix: "resmon-test-" });
  try {
    const ended = await resmon(["run", "-o", `${folder}/run`, "--no-report", ...args, "--", ...command], options);
    return { ...ended, ...readRun(`${folder}/run`) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Reads the outputs of a run. */
export function readRun(folder: string): Pick<Recorded, "folder" | "summary" | "records"> {
  const lines = Deno.readTextFileSync(`${folder}/log.jsonl`).split("\n");
  assert.equal(lines.pop(), "", "the last line of log.jsonl is whole");
  return {
    folder,
    summary: JSON.parse(Deno.readTextFileSync(`${folder}/summary.json`)),
    records: lines.map((line) => JSON.parse(line)),
  };
}

/** The values of one tree column over all ticks, without gaps. */
export function treeColumn({ records }: Pick<Recorded, "records">, name: string): number[] {
  const column = records.find((record) => record.type === "columns" && record.collector === "process").series.indexOf(
    name,
  );
  assert.ok(column >= 0, `${name} is a column of the tree`);
  return records.filter((record) => record.type === "tick")
    .map((tick) => tick.values.process?.[column]).filter((value) => value !== null && value !== undefined);
}

/** Asserts that two numbers agree within a share of the second. */
export function assertClose(
  actual: number | undefined,
  expected: number,
  { share, what }: { share: number; what: string },
): void {
  const difference = Math.abs((actual ?? NaN) - expected);
  assert.ok(
    difference <= share * Math.abs(expected),
    `${what}: ${actual} is not within ${share * 100} % of ${expected}`,
  );
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
