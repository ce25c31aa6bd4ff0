/** Looks into JSON that another program wrote: nothing in it is sure to be there, or to be what it should be. */

import { isObject } from "./guards.ts";

// No count of bytes, nanoseconds or events reaches it: what does is damage, and its sums might become Infinity.
const LIMIT = 2 ** 64;

/** Reads a JSON text; `what` names it in the error. Throws SyntaxError. */
export function decodeJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(`Cannot parse ${what}: ${JSON.stringify(text.slice(0, 80))} is no JSON`);
  }
}

/** The value at a path of names; undefined where there is none. */
export function memberOf(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (!isObject(found) || !Object.hasOwn(found, name)) return undefined;
    found = found[name];
  }
  return found;
}

/** The names and values of an object; none of anything else. */
export function membersOf(value: unknown): [name: string, value: unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}

/** The items of an array; none of anything else. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A number of 0 or more that can be true; undefined for everything else, such as `"N/A"`. */
export function amountOf(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && value < LIMIT ? value : undefined;
}

/** A text that is not empty; undefined for everything else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
