import type { Mark } from "./mark.ts";
import type { MarkPattern } from "./mark_pattern.ts";
import type { OutputLine } from "./output_lines.ts";

/** The marks that patterns make of the lines of one output. */
export class LineMarks {
  readonly #patterns: readonly MarkPattern[];
  /** The tag that each pattern has made of the line that is being written over. */
  #tags: (string | undefined)[] = [];

  /** The patterns may look at other outputs too: a phase that one of them tells goes on in the other. */
  constructor(patterns: readonly MarkPattern[]) {
    this.#patterns = patterns;
  }

  /** What a line says. A line that is written over itself makes no tag that it has just made. */
  match({ text, isRedrawn }: OutputLine): Mark[] {
    if (!isRedrawn) this.#tags = [];
    return this.#patterns.flatMap((pattern, number) => {
      const marks = pattern.match(text);
      if (marks[0]?.kind !== "tag") return marks;
      const tag = JSON.stringify(marks);
      if (this.#tags[number] === tag) return [];
      this.#tags[number] = tag;
      return marks;
    });
  }
}
