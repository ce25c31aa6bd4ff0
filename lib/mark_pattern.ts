import { RE2JS } from "re2js";
import type { Mark } from "./mark.ts";
import { cutName } from "./mark_fields.ts";

// Escape sequences of ECMA-48: CSI, OSC with its text, and those of two characters.
// deno-lint-ignore no-control-regex -- it is control characters that are looked for
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])/g;

/** The text of a line without the escape sequences that colour it or move the cursor. */
export function stripEscapes(line: string): string {
  return line.includes("\x1b") ? line.replace(ESCAPES, "") : line;
}

/**
 * A pattern that turns lines of output into marks. Its syntax is RE2's, whose time grows with the length of a line and no
 * faster, whatever the pattern.
 */
export class MarkPattern {
  readonly #pattern: RE2JS;
  readonly #groups: readonly (readonly [name: string, index: number])[];
  readonly #spans: string;
  #open: { readonly name: string; readonly span: string } | undefined;
  #count = 0;

  /** `id` tells the phases of one pattern from those of others. Throws SyntaxError, which says where the pattern is wrong. */
  constructor(source: string, id: string) {
    this.#pattern = compile(source);
    this.#groups = Object.entries(this.#pattern.namedGroups());
    this.#spans = `pattern-${id}`;
  }

  /**
   * What a line says, whatever its colours: nothing; a tag, whose name is the first group without a name, else the whole match, and whose attributes
   * are the groups with one; or, where a group is called `phase`, the end of the last phase and the start of one of that name.
   */
  match(line: string): Mark[] {
    const matcher = this.#pattern.matcher(stripEscapes(line));
    if (!matcher.find()) return [];
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? undefined);
    const named = this.#groups.flatMap(([name, index]) => {
      const text = groups[index];
      return text === undefined ? [] : [[name, text] as const];
    });
    const { phase, ...attributes } = Object.fromEntries(named);
    if (phase !== undefined && phase !== "") return this.#change(cutName(phase) ?? "", attributes);
    const taken = new Set(this.#groups.map(([, index]) => index));
    const name = groups.find((text, index) => index > 0 && !taken.has(index) && text !== undefined && text !== "");
    const told = cutName(name ?? groups[0]) ?? "";
    return told === "" ? [] : [{ kind: "tag", name: told, ...present(attributes) }];
  }

  // A bar that is written again and again tells of the same phase.
  #change(name: string, attributes: Readonly<Record<string, string>>): Mark[] {
    const before = this.#open;
    if (before?.name === name) return [];
    this.#count += 1;
    this.#open = { name, span: `${this.#spans}-${this.#count}` };
    const end: Mark[] = before === undefined ? [] : [{ kind: "phase_end", ...before }];
    return [...end, { kind: "phase_start", ...this.#open, ...present(attributes) }];
  }
}

function present(attributes: Readonly<Record<string, string>>): Pick<Mark, "attributes"> {
  return Object.keys(attributes).length === 0 ? {} : { attributes };
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new SyntaxError(error.message.replace(/^error parsing regexp: /, ""), { cause: error });
  }
}
