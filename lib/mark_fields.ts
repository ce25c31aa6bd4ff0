/** Reads the fields of a mark: what is wrong is told, what is too long is cut. */

import { isArrayOf, isAttribute, isMessage, isNumber, isRecordOf, isText } from "./guards.ts";
import { type Attributes, type Level, LEVELS, type Message } from "./records.ts";

const MAX_NAME = 1000;
const MAX_NAMES = 100;
const MAX_ATTRIBUTES = 100;
const MAX_TEXT = 64 * 1024;
const MAX_DEPTH = 32;
// A Date reaches no further.
const LAST_TIME = 8.64e12;

/** The fields of a mark as they came. */
export type Fields = Readonly<Record<string, unknown>>;

/** A text. Throws SyntaxError for anything else; all readers here give undefined for a field that is not there. */
export function readText(value: Fields, name: string): string | undefined {
  const text = value[name];
  if (text === undefined || isText(text)) return text;
  throw new SyntaxError(`${name} is not a text`);
}

/** A Unix time in seconds. Throws SyntaxError. */
export function readTime(value: Fields): number | undefined {
  const time = value["time"];
  if (time === undefined || (isNumber(time) && Math.abs(time) <= LAST_TIME)) return time;
  throw new SyntaxError(`time ${shown(time)} is no Unix time`);
}

/** A number of 0 or more. Throws SyntaxError. */
export function readAmount(value: Fields, name: string): number | undefined {
  const amount = value[name];
  if (amount === undefined || (isNumber(amount) && amount >= 0)) return amount;
  throw new SyntaxError(`${name} ${shown(amount)} is no number of 0 or more`);
}

/** The number of a process or a thread. Throws SyntaxError. */
export function readId(value: Fields, name: string): number | undefined {
  const id = value[name];
  if (id === undefined || (Number.isSafeInteger(id) && isNumber(id) && id > 0)) return id;
  throw new SyntaxError(`${name} ${shown(id)} is no process or thread`);
}

/** One of some words. Throws SyntaxError. */
export function readChoice<T extends string>(
  value: Fields,
  name: string,
  choices: readonly T[],
): T | undefined {
  const chosen = value[name];
  if (chosen === undefined) return undefined;
  const known = choices.find((each) => each === chosen);
  if (known === undefined) throw new SyntaxError(`${name} ${shown(chosen)} is none of ${choices.join(", ")}`);
  return known;
}

/** What programs call a level besides its own name. */
const LEVEL_ALIASES: Readonly<Record<string, Level>> = { warn: "warning", fatal: "critical" };

/** All words for a level. */
export const LEVEL_WORDS: readonly string[] = [...LEVELS, ...Object.keys(LEVEL_ALIASES)];

/** The level that a word stands for; undefined where it stands for none. */
export function levelOf(word: string | undefined): Level | undefined {
  return word === undefined ? undefined : LEVEL_ALIASES[word] ?? LEVELS.find((level) => level === word);
}

/** The parts of a name, where there are several. Throws SyntaxError. */
export function readNames(value: Fields): readonly string[] | undefined {
  const names = value["names"];
  if (names === undefined) return undefined;
  if (!isTexts(names)) throw new SyntaxError("names is not an array of texts");
  return names.length < 2 ? undefined : names.slice(0, MAX_NAMES).map((name) => cutName(name) ?? "");
}

function isTexts(value: unknown): value is readonly string[] {
  return isArrayOf(isText)(value);
}

/** Attributes, where there are some. Throws SyntaxError. */
export function readAttributes(value: Fields): Attributes | undefined {
  const attributes = value["attributes"];
  if (attributes === undefined) return undefined;
  if (!isAttributes(attributes)) {
    throw new SyntaxError("attributes is not an object of texts, numbers and truth values");
  }
  const entries = Object.entries(attributes).slice(0, MAX_ATTRIBUTES);
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.map(([name, each]) => [cut(name, MAX_NAME), cutAttribute(each)]));
}

function isAttributes(value: unknown): value is Attributes {
  return isRecordOf(isAttribute)(value);
}

function cutAttribute(value: Attributes[string]): Attributes[string] {
  if (typeof value === "string") return cut(value, MAX_NAME);
  if (typeof value === "object") return value.slice(0, MAX_NAMES).map((text) => cut(text, MAX_NAME));
  return value;
}

/** The messages of a log, 64 KiB of them: what is not told whole says so. Throws SyntaxError. */
export function readMessages(fields: Fields): readonly Message[] | undefined {
  const value = fields["messages"];
  if (value === undefined) return undefined;
  if (!isMessages(value)) throw new SyntaxError("messages is not an array of texts, tables and objects");
  let room = MAX_TEXT;
  const kept: Message[] = [];
  for (const message of value) {
    if (typeof message === "string") kept.push(cut(message, room));
    else if (!isShallow(message, MAX_DEPTH)) kept.push(`[an object of more than ${MAX_DEPTH} levels]`);
    else if (JSON.stringify(message).length > room) kept.push("[too large to be kept]");
    else kept.push("table" in message ? { table: message.table } : { json: message.json });
    room -= JSON.stringify(kept.at(-1)).length;
    if (room <= 0) break;
  }
  return kept;
}

function isMessages(value: unknown): value is readonly Message[] {
  return isArrayOf(isMessage)(value);
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((each) => isShallow(each, depth - 1));
}

/** A name, cut to 1,000 characters. */
export function cutName(name: string | undefined): string | undefined {
  return name === undefined ? undefined : cut(name, MAX_NAME);
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length))}…`;
}

/** What a value is, in short, for an error. */
export function shown(value: unknown): string {
  return cut(isShallow(value, 1) ? JSON.stringify(value) ?? "undefined" : "an object", 80);
}
