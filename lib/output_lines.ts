const RETURN = 13;
const LINE_FEED = 10;
// Longer lines are cut: neither a log nor a pattern gains by more.
const MAX_CHARACTERS = 4096;

/**
 * Cuts what a program writes into lines that are not empty. A carriage return ends one too: progress bars are written over
 * themselves.
 */
export class OutputLines {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #isSkipping = false;

  /** The lines that are whole now, without their ends; what is beyond 4,096 characters of one is left out. */
  push(bytes: Uint8Array): string[] {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split(/[\r\n]+/);
    if (this.#isSkipping && lines.length > 1) {
      this.#isSkipping = false;
      lines.shift();
    }
    this.#rest = cut(lines.pop() ?? "");
    return lines.filter((line) => line !== "").map(cut);
  }

  /** Passes bytes over: of the lines at their two ends nothing is told, for they are not whole. */
  skip(bytes: Uint8Array): void {
    this.#decoder.decode();
    this.#rest = "";
    const last = bytes.at(-1);
    this.#isSkipping = last !== RETURN && last !== LINE_FEED;
  }

  /** The line that is not whole: the last one, where nothing follows. Empty where there is none. */
  flush(): string {
    const rest = this.#isSkipping ? "" : this.#rest;
    this.#rest = "";
    return rest;
  }
}

function cut(line: string): string {
  return line.slice(0, MAX_CHARACTERS);
}
