import type { UnsentMark } from "../../lib/mark_sender.ts";
import { runtime, sender } from "./sender.ts";

/**
 * How far something has come. Any process or thread that knows the id may move it: steps are added up.
 *
 * ```js
 * import { Progress } from "resmon";
 *
 * const files = new Progress(3, "converting");
 * for (const name of ["a", "b", "c"]) {
 *   console.log(name);
 *   files.advance();
 * }
 * files.complete();
 *
 * const elsewhere = Progress.join(files.id);
 * elsewhere.advance();
 * ```
 */
export class Progress {
  /** Names it to other processes. */
  readonly id: string;
  #isOpen = true;

  /** Begins one, of so much to do (left out where nobody knows), and says what it is about. */
  constructor(total?: number, message?: string, { id }: { readonly id?: string } = {}) {
    this.id = id ?? runtime().newId();
    if (id !== undefined) return;
    this.#send(() => ({
      completed: 0,
      ...(total === undefined || !(total > 0) ? {} : { total }),
      ...(message === undefined ? {} : { name: `${message}` }),
    }));
  }

  /** The one of this id, which another process or thread has begun. */
  static join(id: string): Progress {
    return new Progress(undefined, undefined, { id });
  }

  /** So much more is done. */
  advance(steps = 1): void {
    this.#send(() => ({ advance: steps }));
  }

  /** So much is done by now; it never goes back. */
  update(completed: number): void {
    this.#send(() => ({ completed }));
  }

  /** It is complete. */
  complete(): void {
    this.#end("done");
  }

  /** It is given up. */
  fail(): void {
    this.#end("failed");
  }

  /** It is complete, unless it was given up. */
  [Symbol.dispose](): void {
    this.complete();
  }

  #end(state: "done" | "failed"): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#send(() => ({ state }));
  }

  #send(tell: () => Omit<UnsentMark, "kind" | "span">): void {
    sender().send(() => ({ kind: "progress", span: this.id, ...tell() }));
  }
}
