/** A program that runs while a test talks with it. */

import type { Ended } from "./program.ts";

const DEADLINE_MS = 60_000;

/** A running program: its lines are read one by one, and it is killed after a minute. */
export class Running implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #lines: AsyncGenerator<string>;
  readonly #stderr: Promise<string>;
  readonly #deadline: ReturnType<typeof setTimeout>;
  #rest = "";

  /** Starts a program without input, in a session of its own where no terminal sends signals. */
  constructor(words: readonly string[], options: Pick<Deno.CommandOptions, "cwd" | "env"> = {}) {
    this.#process = new Deno.Command("setsid", {
      ...options,
      args: [...words],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#lines = readLines(this.#process.stdout);
    this.#stderr = new Response(this.#process.stderr).text();
    this.#deadline = setTimeout(() => this.kill("SIGKILL"), DEADLINE_MS);
  }

  /** The process, which `setsid` has become. */
  get pid(): number {
    return this.#process.pid;
  }

  /** The next line of stdout, without its end. Throws at the end of the output. */
  async line(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done === true) throw new Error(`The program ended: ${await this.#stderr}`);
    return value;
  }

  kill(signal: Deno.Signal): void {
    this.#process.kill(signal);
  }

  /** Waits for the end, and gives what was written since the last line that was read. */
  async end(): Promise<Ended> {
    for await (const line of this.#lines) this.#rest += `${line}\n`;
    const { code, signal } = await this.#process.status;
    clearTimeout(this.#deadline);
    return { code, signal, stdout: this.#rest, stderr: await this.#stderr };
  }

  /** Kills the program where a failed test has left it. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.kill("SIGKILL");
    } catch (error) {
      // It has ended.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.end();
  }
}

/** Waits until a condition holds, a minute at most. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`It did not come true in time: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Says whether there is a file. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Says whether a process is there and no zombie. */
export function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || /os error 3\b/.test(String(error))) return false;
    throw error;
  }
}

async function* readLines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
