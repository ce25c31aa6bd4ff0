import type { Mark } from "./mark.ts";
import type { Message } from "./records.ts";

// What a reader keeps; a line beyond 256 KiB it would not even read.
const MAX_NAME = 1000;
const MAX_TEXT = 64 * 1024;
const MAX_LINE_BYTES = 256 * 1024;
const MAX_BYTES_A_CHARACTER = 3;

/** A mark as a line, its end included, with its names and messages cut to what is kept. Throws what JSON cannot tell. */
export function encodeMark(mark: Mark): string {
  const line = `${JSON.stringify(shortened(mark))}\n`;
  const isSmall = line.length * MAX_BYTES_A_CHARACTER <= MAX_LINE_BYTES;
  if (isSmall || new TextEncoder().encode(line).length <= MAX_LINE_BYTES) return line;
  throw new RangeError(`Cannot send a mark of ${line.length} characters: its attributes are too long`);
}

function shortened(mark: Mark): Mark {
  const { name, names, span, messages } = mark;
  return {
    ...mark,
    ...(name === undefined ? {} : { name: cut(name, MAX_NAME) }),
    ...(names === undefined ? {} : { names: names.map((each) => cut(each, MAX_NAME)) }),
    ...(span === undefined ? {} : { span: cut(span, MAX_NAME) }),
    ...(messages === undefined ? {} : { messages: shortenedMessages(messages) }),
  };
}

function shortenedMessages(messages: readonly Message[]): Message[] {
  const kept: Message[] = [];
  let room = MAX_TEXT;
  for (const message of messages) {
    if (room <= 0) break;
    const fitting = typeof message === "string" ? cut(message, room) : fittingValue(message, room);
    kept.push(fitting);
    room -= JSON.stringify(fitting).length;
  }
  return kept;
}

function fittingValue(message: Exclude<Message, string>, room: number): Message {
  const text = JSON.stringify(message);
  if (text.length <= room) return message;
  return "table" in message ? { table: firstRows(message.table, room) } : cut(text, room);
}

function firstRows<T>(
  { columns, rows }: { readonly columns: readonly string[]; readonly rows: readonly T[] },
  room: number,
): { readonly columns: readonly string[]; readonly rows: readonly T[] } {
  let length = JSON.stringify({ table: { columns, rows: [] } }).length;
  const end = rows.findIndex((row) => (length += JSON.stringify(row).length + 1) > room);
  return { columns, rows: end < 0 ? rows : rows.slice(0, end) };
}

/** Cuts a text behind a character, never within one. */
function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = /[\uD800-\uDBFF]/.test(text.charAt(length - 1)) ? length - 1 : length;
  return `${text.slice(0, end)}…`;
}
