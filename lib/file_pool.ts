import type { OpenFile, Root } from "./root.ts";

/** Keeps files open for reading again, as many as are allowed: beyond that the one that was not read for longest is closed. */
export class FilePool {
  readonly #root: Root;
  readonly #limit: number;
  // In the order of their last reads.
  readonly #open = new Map<string, OpenFile>();

  constructor(root: Root, limit: number) {
    this.#root = root;
    this.#limit = limit;
  }

  /** Reads a file through the descriptor kept from the last time, else through a new one. Throws SystemError. */
  read(path: string): string {
    const file = this.#open.get(path) ?? this.#root.open(path);
    // Re-entered at the end, which is what makes the first entry the one that was not read for longest.
    this.#open.delete(path);
    this.#open.set(path, file);
    if (this.#open.size > this.#limit) this.#closeOldest();
    return file.read();
  }

  /** Closes a file, if it is open. */
  release(path: string): void {
    this.#open.get(path)?.close();
    this.#open.delete(path);
  }

  /** Closes everything. */
  close(): void {
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
  }

  #closeOldest(): void {
    for (const path of this.#open.keys()) return this.release(path);
  }
}
