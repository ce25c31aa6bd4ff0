/** What programs send to mark their own timeline: a JSON object a line. `docs/marks.md` describes it for those who send it. */

import { isObject } from "./guards.ts";
import { decodeJson } from "./json.ts";
import {
  cutName,
  type Fields,
  LEVEL_WORDS,
  levelOf,
  readAmount,
  readAttributes,
  readChoice,
  readId,
  readMessages,
  readNames,
  readText,
  readTime,
  shown,
} from "./mark_fields.ts";
import { type Event, MARK_KINDS, type MarkContent, type MarkKind, PROGRESS_STATES } from "./records.ts";

/** A line beyond it is not read: senders cut what they tell. */
export const MAX_LINE_BYTES = 256 * 1024;

/** A mark as its sender tells it. */
export interface Mark extends Partial<Omit<MarkContent, "source">>, Pick<Event, "pid" | "tid" | "attributes"> {
  readonly kind: MarkKind;
  /** Unix seconds of the sender; absent: when it is read. */
  readonly time?: number;
  /** Of a progress: what to add to what is done. */
  readonly advance?: number;
}

/** What a line says: a mark, the token of a sender over TCP, or how many marks the sender had to give up. */
export type MarkLine =
  | Mark
  | { readonly kind: "hello"; readonly token: string }
  | { readonly kind: "dropped"; readonly count: number };

/** The fields of a mark, of which some may be undefined. */
export type Loose = { readonly [Name in keyof Omit<Mark, "kind">]?: Mark[Name] | undefined };

/** Reads a line, without its end. Throws SyntaxError, which says what is wrong. */
export function parseMark(line: string): MarkLine {
  const value = decodeJson(line, "a mark");
  if (!isObject(value)) throw new SyntaxError("it is not a JSON object");
  const kind = value["kind"];
  if (kind === "hello") return { kind, token: readText(value, "token") ?? "" };
  if (kind === "dropped") return { kind, count: readAmount(value, "count") ?? 0 };
  const known = MARK_KINDS.find((each) => each === kind);
  if (known === undefined) throw new SyntaxError(`kind ${shown(kind)} is none of ${MARK_KINDS.join(", ")}`);
  return makeMark(known, {
    time: readTime(value),
    pid: readId(value, "pid"),
    tid: readId(value, "tid"),
    name: cutName(readText(value, "name")),
    names: readNames(value),
    span: cutName(readText(value, "span")),
    attributes: readAttributes(value),
    ...(known === "log" ? readLog(value) : {}),
    ...(known === "progress" ? readProgress(value) : {}),
  });
}

/** A mark of what is there. Throws SyntaxError where something is missing that its kind needs. */
export function makeMark(kind: MarkKind, fields: Loose): Mark {
  const { name = "", span = "", messages = [] } = fields;
  if (NAMED.includes(kind) && name === "") throw new SyntaxError(`a ${kind} has no name`);
  if (kind === "log" && messages.length === 0) throw new SyntaxError("a log has no messages");
  if (kind === "progress" && span === "") throw new SyntaxError("a progress has no span");
  return { kind, ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) };
}

const NAMED: readonly MarkKind[] = ["tag", "phase_start", "checkpoint"];

function readLog(value: Fields): Loose {
  return {
    level: levelOf(readChoice(value, "level", LEVEL_WORDS)) ?? "info",
    messages: readMessages(value),
    path: cutName(readText(value, "path")),
    line: readAmount(value, "line"),
  };
}

function readProgress(value: Fields): Loose {
  return {
    // Of nothing nobody can tell how much is done: its whole is not known.
    total: readAmount(value, "total") || undefined,
    completed: readAmount(value, "completed"),
    advance: readAmount(value, "advance"),
    state: readChoice(value, "state", PROGRESS_STATES),
  };
}
