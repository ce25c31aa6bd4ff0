import type { OpenFile, Root } from "../lib/root.ts";

/** A file that a collector reads in every tick: its descriptor is kept, which saves most of the cost of a read. */
export class KeptFile<T> {
  readonly #path: string;
  readonly #parse: (text: string) => T;
  #file: OpenFile | undefined;

  constructor(path: string, parse: (text: string) => T) {
    this.#path = path;
    this.#parse = parse;
  }

  /** Opens the file and gives what it holds. Throws SystemError or SyntaxError, and then nothing is open. */
  open(root: Root): T {
    this.#file = root.open(this.#path);
    try {
      return this.read();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** What the file holds now. Throws SystemError or SyntaxError. */
  read(): T {
    if (this.#file === undefined) throw new Error(`Cannot read ${this.#path}: it is not open`);
    return this.#parse(this.#file.read());
  }

  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
