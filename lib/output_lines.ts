const RETURN = 13;
const LINE_FEED = 10;
// Longer lines are cut: neither a log nor a pattern gains by more.
const MAX_CHARACTERS = 4096;
const ENDS = /\r*\n|\r+/g;

/** What stood on a line, at its end or before it was written over. */
export interface OutputLine {
  /** Without its end; never empty. */
  readonly text: string;
  /** Whether it stays: a line feed has ended it, or the output. A carriage return lets the next one be written over it. */
  readonly isWhole: boolean;
  /** Whether it is written over another one, as progress bars are. */
  readonly isRedrawn: boolean;
}

/** Cuts what a program writes into lines that are not empty. */
export class OutputLines {
  readonly #decoder = new TextDecoder();
  #rest = "";
  /** What stands on the line and is about to be written over. */
  #below: string | undefined;
  #isSkipping = false;

  /** The lines that have ended now; what is beyond 4,096 characters of one is left out. */
  push(bytes: Uint8Array): OutputLine[] {
    const text = this.#rest + this.#decoder.decode(bytes, { stream: true });
    const lines: OutputLine[] = [];
    let from = 0;
    for (const { 0: end, index } of text.matchAll(ENDS)) {
      const line = this.#end(text.slice(from, index), end.endsWith("\n"));
      if (line !== undefined) lines.push(line);
      from = index + end.length;
    }
    this.#rest = cut(text.slice(from));
    return lines;
  }

  /** Passes bytes over: of the lines at their two ends nothing is told, for they are not whole. */
  skip(bytes: Uint8Array): void {
    this.#decoder.decode();
    this.#rest = "";
    this.#below = undefined;
    const last = bytes.at(-1);
    this.#isSkipping = last !== RETURN && last !== LINE_FEED;
  }

  /** The line that the output ends in, where nothing follows; undefined where there is none. */
  flush(): OutputLine | undefined {
    const rest = this.#rest;
    this.#rest = "";
    return this.#end(rest, true);
  }

  // The line feed after a return may come alone: then what was about to be written over stays.
  #end(piece: string, isWhole: boolean): OutputLine | undefined {
    const below = this.#below;
    const own = this.#isSkipping ? "" : cut(piece);
    this.#isSkipping = false;
    const text = own !== "" || !isWhole ? own : below ?? "";
    if (isWhole) this.#below = undefined;
    else if (text !== "") this.#below = text;
    return text === "" ? undefined : { text, isWhole, isRedrawn: below !== undefined };
  }
}

function cut(line: string): string {
  return line.slice(0, MAX_CHARACTERS);
}
