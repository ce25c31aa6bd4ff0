import type { Attributes } from "./marks.ts";
import { sender } from "./sender.ts";

/** A part of the run that goes on; `using` ends it by itself. */
export class Phase {
  readonly #name: string;
  readonly #span: string;
  #isOpen = true;

  /** Begins a phase: {@linkcode phase} is the shorter way. */
  constructor(name: string, attributes?: Attributes) {
    this.#name = `${name}`;
    this.#span = sender().newSpan();
    this.#send("phase_start", attributes);
  }

  /** Ends the phase; a second time does nothing. */
  end(attributes?: Attributes): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#send("phase_end", attributes);
  }

  /** Ends the phase as one that failed, by this error. */
  fail(error: unknown): void {
    this.end({ error: error instanceof Error ? error.name : String(error) });
  }

  /** Ends the phase. */
  [Symbol.dispose](): void {
    this.end();
  }

  #send(kind: "phase_start" | "phase_end", attributes: Attributes | undefined): void {
    sender().send({ kind, name: this.#name, span: this.#span, ...(attributes === undefined ? {} : { attributes }) });
  }
}

/**
 * Marks a part of the run, which the summary and the report tell by its name: what is repeated under one name is compared. It ends
 * with {@linkcode Phase.end}, at the end of a block with `using`, or with the function that it is given, whose result (or
 * promise) it gives back; a function that throws makes it a phase that failed.
 *
 * ```js
 * import { phase } from "resmon";
 *
 * const data = phase("load", () => [1, 2, 3]);
 * const sum = await phase("train", { items: data.length }, async () => data.reduce((a, b) => a + b, 0));
 *
 * const saving = phase("save");
 * console.log(sum);
 * saving.end();
 * ```
 */
export function phase(name: string, attributes?: Attributes): Phase;
/** A phase around a function. */
export function phase<T>(name: string, run: () => T): T;
/** A phase with attributes around a function. */
export function phase<T>(name: string, attributes: Attributes, run: () => T): T;
export function phase<T>(name: string, second?: Attributes | (() => T), third?: () => T): Phase | T {
  const [attributes, run] = typeof second === "function" ? [undefined, second] : [second, third];
  const begun = new Phase(name, attributes);
  return run === undefined ? begun : runWithin(begun, run);
}

function runWithin<T>(begun: Phase, run: () => T): T {
  try {
    const result = run();
    if (!isThenable(result)) {
      begun.end();
      return result;
    }
    result.then(() => begun.end(), (error) => begun.fail(error));
    return result;
  } catch (error) {
    begun.fail(error);
    throw error;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
