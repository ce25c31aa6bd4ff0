import { errnoNumber } from "../lib/ffi/errno.ts";
import { type OpenFile, type Root, SystemError } from "../lib/root.ts";

/** How a read goes wrong: an errno symbol, or what comes instead of the whole text. */
export type Fault = "ENOENT" | "EACCES" | "EIO" | "ENODEV" | "empty" | "truncated" | "unended";

/** Every {@linkcode Fault}. */
export const FAULTS: readonly Fault[] = ["ENOENT", "EACCES", "EIO", "ENODEV", "empty", "truncated", "unended"];

// What comes instead of the whole text; `unended` lacks the last character only, which most files end a number with.
const TEXT_FAULTS: readonly Fault[] = ["empty", "truncated", "unended"];

/** A machine on which the n-th access, counted from 1 since the last `arm`, goes wrong; it knows what is still open. */
export class FaultyRoot implements Root {
  readonly #root: Root;
  #fault: Fault = "empty";
  #left = 0;
  /** Files that are open now. */
  opened = 0;

  constructor(root: Root) {
    this.#root = root;
  }

  /** Makes the n-th access from now on go wrong. */
  arm(n: number, fault: Fault): void {
    this.#left = n;
    this.#fault = fault;
  }

  /** Whether the fault has not come yet: there were fewer accesses. */
  get isArmed(): boolean {
    return this.#left > 0;
  }

  read(path: string): string {
    return this.#text("read", path, () => this.#root.read(path));
  }

  list(path: string): string[] {
    const names = this.#strikes("list", path) ? [] : this.#root.list(path);
    return names;
  }

  readLink(path: string): string {
    return this.#text("read link", path, () => this.#root.readLink(path));
  }

  size(path: string): number {
    return this.#strikes("stat", path) ? 0 : this.#root.size(path);
  }

  open(path: string): OpenFile {
    // An open that answers at all is whole: the texts that are wrong come from reads.
    this.#strikes("open", path);
    const file = this.#root.open(path);
    this.opened++;
    let isOpen = true;
    return {
      read: () => this.#text("read", path, () => file.read()),
      close: () => {
        if (isOpen) this.opened--;
        isOpen = false;
        file.close();
      },
    };
  }

  #text(verb: string, path: string, read: () => string): string {
    if (!this.#strikes(verb, path)) return read();
    const text = this.#fault === "empty" ? "" : read();
    return text.slice(0, this.#fault === "unended" ? -1 : Math.floor(text.length / 2));
  }

  /** Throws the fault that is an errno; says whether it is one of the others. */
  #strikes(verb: string, path: string): boolean {
    this.#left--;
    if (this.#left !== 0) return false;
    if (TEXT_FAULTS.includes(this.#fault)) return true;
    throw new SystemError(verb, path, errnoNumber(this.#fault));
  }
}
