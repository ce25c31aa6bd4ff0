import { RE2JS } from "re2js";
import type { Mark } from "./mark.ts";
import { cutName } from "./mark_fields.ts";
import { parseMeasuredValue } from "./plain_value.ts";

// Escape sequences of ECMA-48: CSI, OSC with its text, and those of two characters.
// deno-lint-ignore no-control-regex -- it is control characters that are looked for
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])/g;

/** The text of a line without the escape sequences that colour it or move the cursor. */
export function stripEscapes(line: string): string {
  return line.includes("\x1b") ? line.replace(ESCAPES, "") : line;
}

/** The texts of groups, by their names. */
type Told = Readonly<Record<string, string>>;

interface OpenPhase {
  readonly name: string;
  readonly span: string;
  /** What was told at its start, and since. */
  readonly first: Told;
  readonly last: Told;
}

/**
 * A pattern that turns lines of output into marks. Its syntax is RE2's, whose time grows with the length of a line and no
 * faster, whatever the pattern.
 */
export class MarkPattern {
  readonly #pattern: RE2JS;
  readonly #groups: readonly (readonly [name: string, index: number])[];
  readonly #spans: string;
  #open: OpenPhase | undefined;
  #count = 0;

  /** `id` tells the phases of one pattern from those of others. Throws SyntaxError, which says where the pattern is wrong. */
  constructor(source: string, id: string) {
    this.#pattern = compile(source);
    this.#groups = Object.entries(this.#pattern.namedGroups());
    this.#spans = `pattern-${id}`;
  }

  /**
   * What a line says, whatever its colours: nothing; a tag, whose name is the first group without a name, else the whole match,
   * and whose attributes are the groups with one; or, of a group called `phase`, the end of the last phase and the start of
   * one of that name. What a group called `end` finds ends the last phase.
   */
  match(line: string): Mark[] {
    const matcher = this.#pattern.matcher(stripEscapes(line));
    if (!matcher.find()) return [];
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? undefined);
    const named = this.#groups.flatMap(([name, index]) => {
      const text = groups[index];
      return text === undefined ? [] : [[name, text] as const];
    });
    const { phase = "", end = "", ...told } = Object.fromEntries(named);
    if (end !== "") return this.end(told);
    if (phase !== "") return this.#change(cutName(phase) ?? "", told);
    const taken = new Set(this.#groups.map(([, index]) => index));
    const name = groups.find((text, index) => index > 0 && !taken.has(index) && text !== undefined && text !== "");
    const tag = cutName(name ?? groups[0]) ?? "";
    return tag === "" ? [] : [{ kind: "tag", name: tag, ...attributesOf(told) }];
  }

  /** The end of the phase that goes on, with the last that was told of it: nothing where there is none. */
  end(told: Told = {}): Mark[] {
    const open = this.#open;
    if (open === undefined) return [];
    this.#open = undefined;
    const changed = Object.entries({ ...open.last, ...told }).filter(([group, text]) => open.first[group] !== text);
    const { name, span } = open;
    return [{ kind: "phase_end", name, span, ...attributesOf(Object.fromEntries(changed)) }];
  }

  // A bar that is written again and again tells of the same phase, also where its loss changes.
  #change(name: string, told: Told): Mark[] {
    const open = this.#open;
    if (open?.name === name && !isNext(open.last, told)) {
      this.#open = { ...open, last: { ...open.last, ...told } };
      return [];
    }
    const ended = this.end();
    this.#count += 1;
    const span = `${this.#spans}-${this.#count}`;
    this.#open = { name, span, first: told, last: told };
    return [...ended, { kind: "phase_start", name, span, ...attributesOf(told) }];
  }
}

const WHOLE_NUMBER = /^\d+$/;

/** Whether a whole number among what is told is another one than before, such as that of an epoch. */
function isNext(before: Told, told: Told): boolean {
  return Object.entries(told).some(([group, text]) => {
    const last = before[group];
    return last !== undefined && last !== text && WHOLE_NUMBER.test(text) && WHOLE_NUMBER.test(last);
  });
}

function attributesOf(told: Told): Pick<Mark, "attributes"> {
  const attributes = Object.entries(told).map(([group, text]) => [group, parseMeasuredValue(text)]);
  return attributes.length === 0 ? {} : { attributes: Object.fromEntries(attributes) };
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new SyntaxError(error.message.replace(/^error parsing regexp: /, ""), { cause: error });
  }
}
