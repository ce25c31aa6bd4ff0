import { LineSplitter } from "./line_splitter.ts";
import { type MarkLine, MAX_LINE_BYTES } from "./mark.ts";
import type { MarkIntake } from "./mark_intake.ts";
import type { MarkSource } from "./records.ts";

const NEWLINE = 10;

/** What lines of marks are read with. */
export interface MarkLinesOptions {
  readonly intake: MarkIntake;
  readonly source: MarkSource;
  /** Reads a line. Throws SyntaxError. */
  readonly parse: (line: string) => MarkLine;
  /** Looks at each line before the intake does, and says whether it is to have it. */
  readonly admit?: (line: MarkLine) => boolean;
}

/** Cuts bytes into lines and hands the marks in them over. What is no mark, or too long, is counted. */
export class MarkLines {
  readonly #options: MarkLinesOptions;
  #splitter = new LineSplitter();
  #isSkipping = false;

  constructor(options: MarkLinesOptions) {
    this.#options = options;
  }

  /** Takes the next bytes. */
  push(bytes: Uint8Array): void {
    const { intake } = this.#options;
    if (intake.room === "none") return this.#skip(bytes);
    for (const line of this.#splitter.push(this.#afterSkipped(bytes))) this.#lineWithin(line);
    if (this.#splitter.pending <= MAX_LINE_BYTES) return;
    this.skipLine();
    intake.drop("were longer than a line may be");
  }

  /** What comes next does not follow what came last: the line between them is not read. */
  skipLine(): void {
    this.#splitter.flush();
    this.#isSkipping = true;
  }

  /** Takes what came last, where its line was not ended. */
  end(): void {
    this.#line(this.#splitter.flush());
  }

  #line(line: string): void {
    const { intake, source, parse, admit } = this.#options;
    if (line === "") return;
    try {
      const mark = parse(line);
      if (admit === undefined || admit(mark)) intake.accept(mark, source, line.length);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      intake.refuse(error, line.length);
    }
  }

  // What there is no room for would be parsed in vain.
  #lineWithin(line: string): void {
    const { intake } = this.#options;
    const { room } = intake;
    if (room === "all" || (room === "phases" && line.includes("phase"))) this.#line(line);
    else intake.dropUnread(1);
  }

  // Lines are counted and not read: to parse them would cost the machine more than the program's own work.
  #skip(bytes: Uint8Array): void {
    let count = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
    if (!this.#isSkipping) this.#splitter.flush();
    this.#isSkipping = bytes.at(-1) !== NEWLINE;
    this.#options.intake.dropUnread(count);
  }

  #afterSkipped(bytes: Uint8Array): Uint8Array {
    if (!this.#isSkipping) return bytes;
    const end = bytes.indexOf(NEWLINE);
    this.#isSkipping = end < 0;
    return end < 0 ? bytes.subarray(bytes.length) : bytes.subarray(end + 1);
  }
}
