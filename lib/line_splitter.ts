/** Cuts a stream of bytes into lines. */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  #rest = "";

  /** The lines that are whole now, without their ends (`\n` or `\r\n`). */
  push(bytes: Uint8Array): string[] {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.map((line) => line.endsWith("\r") ? line.slice(0, -1) : line);
  }

  /** Characters of the line that is not whole yet. */
  get pending(): number {
    return this.#rest.length;
  }

  /** What came after the last end of a line; nothing is left of it. */
  flush(): string {
    const rest = this.#rest + this.#decoder.decode();
    this.#rest = "";
    return rest;
  }
}
