import type { OpenFile, Root } from "./root.ts";

/**
 * Keeps files open for reading again, as many as are allowed. Those beyond are opened for each reading: since all are read in turn,
 * whichever was closed for another one would be the next to be read.
 */
export class FilePool {
  readonly #root: Root;
  readonly #limit: number;
  readonly #open = new Map<string, OpenFile>();

  constructor(root: Root, limit: number) {
    this.#root = root;
    this.#limit = limit;
  }

  /** Reads a file through the descriptor kept from the last time, else through a new one. Throws SystemError. */
  read(path: string): string {
    const kept = this.#open.get(path);
    if (kept !== undefined) return kept.read();
    if (this.#open.size >= this.#limit) return this.#root.read(path);
    const file = this.#root.open(path);
    this.#open.set(path, file);
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
}
