import { compileC, run, type Workbench } from "./workbench.ts";

/** How a command ran. */
export interface Timed {
  readonly seconds: number;
  /** CPU seconds of it and its children. */
  readonly cpu_seconds: number;
  /** Its largest resident memory, or that of its largest child. */
  readonly memory_bytes: number;
}

const programs = new Map<string, Promise<string>>();

/** Runs a command with a small C program as its clock; `before` are words that start that program. Throws Error where it fails. */
export async function timed(
  bench: Workbench,
  words: readonly string[],
  before: readonly string[] = [],
): Promise<Timed> {
  const program = programs.get(bench.folder) ?? compileC(bench, "timed");
  programs.set(bench.folder, program);
  const file = `${bench.folder}/timed.json`;
  await run([...before, await program, file, ...words]);
  return JSON.parse(await Deno.readTextFile(file));
}
