import { type OpenFile, type Root, SystemError } from "./root.ts";

/** What the last access to a path gave. */
export type Note =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "names"; readonly names: readonly string[] }
  | { readonly kind: "size" }
  | { readonly kind: "error"; readonly code: string };

/** A machine that takes note of every access: what collectors looked at and what they saw. */
export class NotingRoot implements Root {
  /** By path and, since a link can be read and followed, by what was asked. */
  readonly notes = new Map<string, Map<Note["kind"], Note>>();
  readonly #root: Root;

  constructor(root: Root) {
    this.#root = root;
  }

  read(path: string): string {
    return this.#note(path, () => this.#root.read(path), (text) => ({ kind: "text", text }));
  }

  list(path: string): string[] {
    return this.#note(path, () => this.#root.list(path), (names) => ({ kind: "names", names }));
  }

  readLink(path: string): string {
    return this.#note(path, () => this.#root.readLink(path), (target) => ({ kind: "link", target }));
  }

  size(path: string): number {
    return this.#note(path, () => this.#root.size(path), () => ({ kind: "size" }));
  }

  open(path: string): OpenFile {
    const file = this.#note(path, () => this.#root.open(path), () => undefined);
    return {
      read: () => this.#note(path, () => file.read(), (text) => ({ kind: "text", text })),
      close: () => file.close(),
    };
  }

  #note<T>(path: string, access: () => T, noteOf: (result: T) => Note | undefined): T {
    try {
      const result = access();
      this.#put(path, noteOf(result));
      return result;
    } catch (error) {
      if (error instanceof SystemError) this.#put(path, { kind: "error", code: error.code });
      throw error;
    }
  }

  #put(path: string, note: Note | undefined): void {
    if (note === undefined) return;
    const notes = this.notes.get(path) ?? new Map<Note["kind"], Note>();
    this.notes.set(path, notes.set(note.kind, note));
  }
}
