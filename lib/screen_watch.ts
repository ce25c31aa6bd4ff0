// Of escape sequences and characters that came in two pieces; the longest that is looked for has 8 characters.
const TAIL_BYTES = 64;
// deno-lint-ignore no-control-regex -- it is control characters that are looked for
const ALTERNATE = /\x1b\[\?(?:1049|1047|47)([hl])/g;
// deno-lint-ignore no-control-regex -- colours and erasing, which do not move the cursor
const UNMOVING = /\x1b\[[\d;]*[mKJ]/g;

/** Watches what is written to a terminal, and tells whether its last line is free. See console_codes(4) and xterm's ctlseqs. */
export class ScreenWatch {
  readonly #decoder = new TextDecoder("latin1");
  #tail = "\n";
  #isAlternate = false;

  /** Takes what is written. */
  push(bytes: Uint8Array): void {
    const text = this.#tail + this.#decoder.decode(bytes);
    for (const match of text.matchAll(ALTERNATE)) this.#isAlternate = match[1] === "h";
    this.#tail = text.slice(-TAIL_BYTES);
  }

  /** Whether the cursor stands at the start of a new line, and no program has the whole screen. */
  get isFree(): boolean {
    return !this.#isAlternate && this.#tail.replace(UNMOVING, "").endsWith("\n");
  }
}
