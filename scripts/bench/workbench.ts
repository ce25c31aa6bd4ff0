import { processCpuSeconds } from "../../lib/ffi/libc.ts";

/** What every point of the benchmark is given. */
export interface Workbench {
  /** A folder for whatever it writes, removed at the end. */
  readonly folder: string;
  /** The words that start resmon. */
  readonly resmon: readonly string[];
  /** Fewer and shorter repetitions: to see that it works, not to be told. */
  readonly isQuick: boolean;
}

/** One line of the table in docs/overhead.md. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  /** What it is compared with, and what that gave. */
  readonly against?: string;
  readonly ratio?: string;
  readonly target?: Target;
  /** The command that a reader can give to see it. */
  readonly command: string;
}

/** What a figure is to be at most. */
export interface Target {
  readonly text: string;
  /** Undecided where the spread of the figures reaches over the limit. */
  readonly state: "met" | "missed" | "undecided";
}

/** One point of the benchmark. */
export interface Point {
  readonly name: string;
  readonly title: string;
  run(bench: Workbench): Promise<Row[]>;
}

/** Runs a program to its end, its output thrown away. Throws Error where it fails. */
export async function run(words: readonly string[], options: Deno.CommandOptions = {}): Promise<void> {
  const [program = "", ...args] = words;
  const { success, stderr } = await new Deno.Command(program, { stdout: "null", stderr: "piped", ...options, args })
    .output();
  if (!success) throw new Error(`Cannot run ${words.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}

/** Runs a program to its end; gives what it said on stdout. Throws Error where it fails. */
export async function capture(words: readonly string[]): Promise<string> {
  const [program = "", ...args] = words;
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  if (!success) throw new Error(`Cannot run ${words.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout);
}

/** Compiles a C program of this folder; gives its path. */
export async function compileC({ folder }: Workbench, name: string): Promise<string> {
  const output = `${folder}/${name}`;
  const source = new URL(`${name}.c`, import.meta.url).pathname;
  await run(["cc", "-O2", "-pthread", "-o", output, source]);
  return output;
}

/** Waits. */
export function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

/** CPU seconds of a process, all of its threads, so far; without its children. Throws Error where it is gone. */
export function cpuSecondsOf(pid: number): number {
  const seconds = processCpuSeconds(pid);
  if (seconds === undefined) throw new Error(`Cannot measure process ${pid}: it is gone`);
  return seconds;
}

/** The value in the middle; of an even number the mean of the two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [Math.floor((sorted.length - 1) / 2), Math.ceil((sorted.length - 1) / 2)];
  return ((sorted[low] ?? NaN) + (sorted[high] ?? NaN)) / 2;
}

/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.round(share * (sorted.length - 1))] ?? NaN;
}

/** Says whether a figure is at most what it is to be. */
export function atMost(limit: number, value: number, text: string): Target {
  return { text, state: value <= limit ? "met" : "missed" };
}

/** The same of many figures: by the middle half of them. */
export function mostlyAtMost(limit: number, values: readonly number[], text: string): Target {
  if (quantile(values, 0.75) <= limit) return { text, state: "met" };
  return { text, state: quantile(values, 0.25) > limit ? "missed" : "undecided" };
}

const THREE_DIGITS = new Intl.NumberFormat("en", { maximumSignificantDigits: 3, useGrouping: false });

/** Seconds as milliseconds with three digits: `7.61 ms`. */
export function milliseconds(seconds: number): string {
  return `${THREE_DIGITS.format(seconds * 1000)} ms`;
}

/** Bytes in units of a million: `81 MB`. */
export function megabytes(bytes: number): string {
  return `${THREE_DIGITS.format(bytes / 1e6)} MB`;
}

/** Ends a process that this benchmark started, and waits until it has. */
export async function end(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGTERM");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  await child.status;
}
