const RETURN = 13;
const LINE_FEED = 10;

/**
 * Takes away the carriage returns that a terminal has put before every line feed (ONLCR, see termios(3)), so that bytes are
 * again what the program wrote.
 */
export class ReturnRemover {
  #heldBack = false;

  /** The bytes without the returns. A return at the end is held back until it is known what follows. */
  push(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (bytes.length === 0) return bytes;
    const result = new Uint8Array(bytes.length + 1);
    let length = 0;
    if (this.#heldBack && bytes[0] !== LINE_FEED) result[length++] = RETURN;
    this.#heldBack = bytes.at(-1) === RETURN;
    const end = bytes.length - (this.#heldBack ? 1 : 0);
    for (let at = 0; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte !== RETURN || bytes[at + 1] !== LINE_FEED) result[length++] = byte;
    }
    return result.subarray(0, length);
  }

  /** What was held back and nothing has followed for now. */
  flush(): Uint8Array<ArrayBuffer> {
    const rest = this.#heldBack ? new Uint8Array([RETURN]) : new Uint8Array(0);
    this.#heldBack = false;
    return rest;
  }
}
