/**
 * What commander uses of Node's library, in the bundled program: loading the real modules takes 20 ms of the start of every
 * run. scripts/bundle_program.ts puts this file into their place; from its sources resmon runs with the real ones.
 */

import { writeStdout } from "./stdout.ts";

type Listener = (...values: unknown[]) => void;

/** Of `node:events`. */
export class EventEmitter {
  readonly #listeners = new Map<string, Listener[]>();

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, [...this.#listeners.get(event) ?? [], listener]);
    return this;
  }

  /** Says whether anybody listened. */
  emit(event: string, ...values: unknown[]): boolean {
    const listeners = this.#listeners.get(event) ?? [];
    for (const listener of listeners) listener.apply(this, values);
    return listeners.length > 0;
  }

  listenerCount(event: string): number {
    return this.#listeners.get(event)?.length ?? 0;
  }
}

/** Of `node:util`: a text without the escape sequences that colour it, see console_codes(4). */
export function stripVTControlCharacters(text: string): string {
  return text.replace(/\p{Cc}\[[0-9;]*m/gu, "");
}

// Only variables that are asked for are read: others may not be UTF-8.
const environment = new Proxy<Readonly<Record<string, string | undefined>>>({}, {
  has: (_target, name) => typeof name === "string" && Deno.env.has(name),
  get: (_target, name) => typeof name === "string" ? Deno.env.get(name) : undefined,
});

/** Of `node:process`. The modules for subcommands that are programs of their own are never called, so nothing stands for them. */
export default {
  env: environment,
  stdout: outputTo(Deno.stdout, writeStdout),
  stderr: outputTo(Deno.stderr, (text) => Deno.stderr.writeSync(new TextEncoder().encode(text))),
};

function outputTo(file: { isTerminal(): boolean }, write: (text: string) => void): {
  readonly isTTY: boolean;
  readonly columns: number;
  write(text: string): void;
} {
  return {
    write,
    get isTTY() {
      return file.isTerminal();
    },
    get columns() {
      return Deno.consoleSize().columns;
    },
  };
}
