import { temporaryPath, writeAll } from "../lib/output_file.ts";

/** The number of columns that rows have from a row on; the header is row 0. */
export interface Width {
  readonly row: number;
  readonly width: number;
}

/** What a file is to become. */
export interface Rewrite {
  /** The whole header, as a line. */
  readonly header: string;
  /** The number of columns in it. */
  readonly width: number;
  /** The numbers of columns that the rows have. */
  readonly widths: readonly Width[];
}

const QUOTE = 34;
const COMMA = 44;
const NEWLINE = 10;
const CHUNK_BYTES = 256 * 1024;

/** Gives a CSV file another header and all rows its length, in bounded memory. Throws Error. */
export function rewriteCsv(path: string, rewrite: Rewrite): void {
  const temporary = temporaryPath(path);
  using source = Deno.openSync(path);
  using target = Deno.openSync(temporary, { write: true, create: true, truncate: true });
  writeAll(target, new TextEncoder().encode(rewrite.header));
  const padder = new Padder(rewrite);
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (let length = source.readSync(chunk); length !== null; length = source.readSync(chunk)) {
    writeAll(target, padder.pad(chunk.subarray(0, length)));
  }
  Deno.renameSync(temporary, path);
}

/** Copies rows but the header, and appends the commas that each one lacks. */
class Padder {
  readonly #rewrite: Rewrite;
  #row = 0;
  #commas: Uint8Array = new Uint8Array();
  #isQuoted = false;

  constructor(rewrite: Rewrite) {
    this.#rewrite = rewrite;
  }

  pad(chunk: Uint8Array): Uint8Array {
    const pieces: Uint8Array[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      if (chunk[at] === QUOTE) this.#isQuoted = !this.#isQuoted;
      if (chunk[at] !== NEWLINE || this.#isQuoted) continue;
      if (this.#row > 0) pieces.push(chunk.subarray(from, at), this.#commas);
      from = this.#row > 0 ? at : at + 1;
      this.#next();
    }
    if (this.#row > 0) pieces.push(chunk.subarray(from));
    return concatenate(pieces);
  }

  #next(): void {
    this.#row++;
    const { width, widths } = this.#rewrite;
    const here = widths.findLast(({ row }) => row <= this.#row)?.width ?? width;
    if (this.#commas.length !== width - here) this.#commas = new Uint8Array(width - here).fill(COMMA);
  }
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
