/** What holds for every parser: no error but the one it documents, no number that cannot be, no half of an answer. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeText } from "../../lib/root.ts";
import { damage, damages, KERNEL_WORDS } from "./mutations.ts";
import type { Target } from "./target.ts";

/** How a parser is fuzzed. */
export interface Parser {
  readonly name: string;
  readonly texts: readonly string[];
  readonly parse: (text: string) => unknown;
  /** The error that it documents. */
  readonly error?: new (...args: never[]) => Error;
  /** Fields that may be negative; `all` for a parser of numbers of any sign. */
  readonly signed?: readonly string[] | "all";
  /** Why a text that was cut off in a line cannot be told from a whole one, where that is so. */
  readonly open?: string;
}

const encoder = new TextEncoder();

/** A parser as a target. */
export function parserTarget(parser: Parser): Target {
  return { name: parser.name, property: () => parserProperty(parser) };
}

function parserProperty(parser: Parser): fc.IProperty<unknown> {
  const { texts } = parser;
  const wholes = texts.map((text) => ({ text, bytes: encoder.encode(text), answer: parser.parse(text) }));
  const inputs = fc.record({ whole: fc.constantFrom(...wholes), changes: damages(KERNEL_WORDS), cut: fc.nat(5000) });
  return fc.property(inputs, ({ whole, changes, cut }) => {
    assertPossible(tryParse(parser, decodeText(damage(whole.bytes, changes))), parser.signed);
    const text = whole.text.slice(0, cut % (whole.text.length + 1));
    const part = tryParse(parser, text);
    if (parser.open !== undefined || part === undefined || text === whole.text) return;
    assert.ok(text === "" || text.endsWith("\n") || text.endsWith(" "), `a cut text was taken as whole: ${text}`);
    assertAgrees(part, whole.answer);
  });
}

/** The answer; undefined where the parser throws the error that it documents. */
function tryParse({ parse, error: expected = SyntaxError }: Parser, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    assert.ok(error instanceof expected, `${error} for ${JSON.stringify(text.slice(0, 200))}`);
    return undefined;
  }
}

/** Asserts that each number can be told, and is not negative where it counts something. */
function assertPossible(value: unknown, signed: Parser["signed"], key = ""): void {
  if (typeof value === "number") {
    assert.ok(Number.isFinite(value), `${key} is ${value}`);
    assert.ok(value >= 0 || signed === "all" || signed?.includes(key) === true, `${key} is ${value}`);
  } else if (value instanceof Map || value instanceof Set || Array.isArray(value)) {
    for (const each of value) assertPossible(each, signed, key);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, each] of Object.entries(value)) assertPossible(each, signed, name);
  }
}

/** Asserts that whatever a part of a text tells, the whole text tells as well: a line may be missing, never half of it. */
function assertAgrees(part: unknown, whole: unknown): void {
  if (part === undefined) return;
  if (part instanceof Map && whole instanceof Map) {
    for (const [key, value] of part) assertAgrees(value, whole.get(key));
  } else if (part instanceof Set && whole instanceof Set) {
    for (const value of part) assert.ok(whole.has(value));
  } else if (Array.isArray(part) && Array.isArray(whole)) {
    part.forEach((value, at) => assertAgrees(value, whole[at]));
  } else if (typeof part === "object" && part !== null) {
    for (const [key, value] of Object.entries(part)) assertAgrees(value, (whole as Record<string, unknown>)[key]);
  } else {
    assert.deepEqual(part, whole);
  }
}
