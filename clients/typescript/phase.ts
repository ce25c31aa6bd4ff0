import type { Attributes } from "./marks.ts";
import { sender } from "./sender.ts";
import { attributesOf, reasonOf } from "./told.ts";

/** A part of the run that goes on; `using` ends it by itself. */
export class Phase {
  readonly #name: string;
  readonly #span: string;
  #isOpen = true;

  /** Begins a phase: {@linkcode phase} is the shorter way. */
  constructor(name: string, attributes?: Attributes) {
    this.#name = name;
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
    this.end({ error: reasonOf(error) });
  }

  /** Ends the phase. */
  [Symbol.dispose](): void {
    this.end();
  }

  #send(kind: "phase_start" | "phase_end", attributes: Attributes | undefined): void {
    sender().send(() => ({ kind, name: `${this.#name}`, span: this.#span, ...attributesOf(attributes) }));
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
/** A phase around a function that gives a promise: it ends when that is settled. */
export function phase<T>(name: string, run: () => PromiseLike<T>): Promise<T>;
/** A phase around a function. */
export function phase<T>(name: string, run: () => T): T;
/** A phase with attributes around a function that gives a promise. */
export function phase<T>(name: string, attributes: Attributes, run: () => PromiseLike<T>): Promise<T>;
/** A phase with attributes around a function. */
export function phase<T>(name: string, attributes: Attributes, run: () => T): T;
export function phase<T>(
  name: string,
  second?: Attributes | (() => T | PromiseLike<T>),
  third?: () => T | PromiseLike<T>,
): Phase | T | Promise<T> {
  const [attributes, run] = typeof second === "function" ? [undefined, second] : [second, third];
  const begun = new Phase(name, attributes);
  return run === undefined ? begun : runWithin(begun, run);
}

function runWithin<T>(begun: Phase, run: () => T | PromiseLike<T>): T | Promise<T> {
  try {
    const result = run();
    if (isThenable(result)) return endWith(begun, result);
    begun.end();
    return result;
  } catch (error) {
    begun.fail(error);
    throw error;
  }
}

// The promise that is given back is the one that ends the phase: a rejection that nobody handles is seen as one.
async function endWith<T>(begun: Phase, result: PromiseLike<T>): Promise<T> {
  try {
    const value = await result;
    begun.end();
    return value;
  } catch (error) {
    begun.fail(error);
    throw error;
  }
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
