/** Inputs for fuzzing: valid texts with damage of the kinds that kernels, disks and other programs do. */

import { Buffer } from "node:buffer";
import fc from "fast-check";

/** A change of bytes; positions are shares of the length, so that one plan fits a text of any length. */
export interface Change {
  readonly kind: "drop" | "double" | "swap" | "cut" | "insert" | "replace" | "number" | "flip";
  readonly at: number;
  readonly length: number;
  readonly token: Uint8Array;
}

/** Words that break parsers which are not strict: huge, negative, not a number, of another type, controls, no UTF-8. */
export const KERNEL_WORDS: readonly string[] = [
  ...["-1", "-0", "0", "18446744073709551616", "9".repeat(30), `1${"0".repeat(400)}`, "1e999", "0x10", "1.5", "+1"],
  ...["NaN", "Infinity", "-Infinity", "N/A", "<unknown>", "max", "kB", "cpu", "__proto__", "(", ")", ":", "-", ","],
  ...["", " ", "\t", "\n", "\0", "\r\n", "\ufeff", "\u2028", "\u0663"],
];

/** The same for JSON: any finite double, any other type, texts that are special to JavaScript. */
export const JSON_WORDS: readonly string[] = [
  ...["-1", "-0", "0", "1e308", "-1e308", "1e-320", "1e999", "9007199254740993", "0.1", "null", "true", "NaN", '""'],
  ...["[]", "{}", "[null]", '{"a":1}', '"__proto__"', '"constructor"', "\\", '"', "]", "}", ",", "\0", "\\ud800"],
];

// Not UTF-8: a byte that begins nothing, an overlong slash, half of a character, a surrogate.
const BROKEN = [[0xff], [0xc0, 0xaf], [0xe2, 0x82], [0xed, 0xa0, 0x80]].map((bytes) => Uint8Array.from(bytes));

/** Damages of a text: one to four changes, with `words` put in. Shrinks to fewer changes. */
export function damages(words: readonly string[]): fc.Arbitrary<Change[]> {
  const tokens = [...words.map((word) => new TextEncoder().encode(word)), ...BROKEN];
  const change: fc.Arbitrary<Change> = fc.record({
    kind: fc.constantFrom("drop", "double", "swap", "cut", "insert", "replace", "number", "number", "number", "flip"),
    at: shares(),
    length: fc.integer({ min: 1, max: 12 }),
    token: fc.constantFrom(...tokens),
  });
  return fc.array(change, { minLength: 1, maxLength: 4 });
}

/** Positions as shares of a length. Doubles of fast-check would nearly all be next to 0. */
export function shares(): fc.Arbitrary<number> {
  return fc.integer({ min: 0, max: 9999 }).map((part) => part / 10_000);
}

/** Makes the changes, one after the other. */
export function damage(bytes: Uint8Array, changes: readonly Change[]): Uint8Array {
  return changes.reduce(applyChange, bytes);
}

function applyChange(bytes: Uint8Array, change: Change): Uint8Array {
  const at = Math.floor(change.at * bytes.length);
  const end = at + change.length;
  const [before, here, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)];
  switch (change.kind) {
    case "drop":
      return Buffer.concat([before, after]);
    case "double":
      return Buffer.concat([before, here, here, after]);
    case "swap":
      return Buffer.concat([before, after.subarray(0, change.length), here, after.subarray(change.length)]);
    case "cut":
      return before;
    case "insert":
      return Buffer.concat([before, change.token, here, after]);
    case "replace":
      return Buffer.concat([before, change.token, after]);
    case "number":
      return replaceNumber(bytes, at, change.token);
    case "flip":
      return at < bytes.length ? bytes.with(at, (bytes[at] ?? 0) ^ (1 << (change.length % 8))) : bytes;
  }
}

/** Puts a token in place of the first number at or after a position. */
function replaceNumber(bytes: Uint8Array, from: number, token: Uint8Array): Uint8Array {
  let start = from;
  while (start > 0 && isNumeric(bytes[start - 1])) start--;
  while (start < bytes.length && !isNumeric(bytes[start])) start++;
  let end = start;
  while (end < bytes.length && isNumeric(bytes[end])) end++;
  return Buffer.concat([bytes.subarray(0, start), token, bytes.subarray(end)]);
}

// Digits, and what else belongs to a number: `-` and `.`.
function isNumeric(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 48 && byte <= 57) || byte === 45 || byte === 46);
}
