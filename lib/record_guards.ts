import { isArrayOf, isAttribute, isMessage, isNumber, isObject, isRecordOf } from "./guards.ts";
import type { ResmonRecord } from "./records.ts";

interface Field {
  readonly accepts: (value: unknown) => boolean;
  /** What it has to be, as the error tells it. */
  readonly expected: string;
  readonly isOptional?: boolean;
}

type Fields = Readonly<Record<string, Field>>;

// A Date reaches 8.64e12 s from 1970; beyond it a time cannot be told.
const LAST_TIME = 8.64e12;

const TEXT: Field = { accepts: (value) => typeof value === "string", expected: "a text" };
const NUMBER: Field = { accepts: isNumber, expected: "a number" };
const TIME: Field = { accepts: (value) => isNumber(value) && Math.abs(value) <= LAST_TIME, expected: "a Unix time" };
const ELAPSED: Field = { accepts: isElapsed, expected: "seconds to the microsecond" };
const TEXTS: Field = { accepts: isArrayOf((value) => typeof value === "string"), expected: "an array of texts" };
const NUMBERS: Field = { accepts: isRecordOf(isNumber), expected: "numbers by name" };
const LABELS: Field = { accepts: isRecordOf((value) => typeof value === "string"), expected: "texts by name" };
const ATTRIBUTES: Field = { accepts: isRecordOf(isAttribute), expected: "attributes by name" };
const READINGS: Field = { accepts: isRecordOf(isReading), expected: "arrays of numbers by collector" };
const ROWS: Field = { accepts: isArrayOf(isRow), expected: "an array of process rows" };
const MESSAGES: Field = { accepts: isArrayOf(isMessage), expected: "an array of texts, tables and objects" };
const MACHINE: Field = { accepts: isMachine, expected: "a machine" };
const EXACT: Field = { accepts: isExact, expected: "exact values" };

const FIELDS: Readonly<Record<ResmonRecord["type"], Fields>> = {
  session: {
    schema: NUMBER,
    version: TEXT,
    run: TEXT,
    mode: { accepts: (value) => value === "run" || value === "attach", expected: "run or attach" },
    command: TEXTS,
    cwd: TEXT,
    host: TEXT,
    boot_id: optional(TEXT),
    started: TIME,
    interval: NUMBER,
    machine: MACHINE,
    tags: LABELS,
    message: optional(TEXT),
    attributes: LABELS,
  },
  status: {
    collector: TEXT,
    state: TEXT,
    metrics: optional(TEXTS),
    reason: optional(TEXT),
    remedy: optional(TEXT),
  },
  device: { label: TEXT, id: TEXT, name: TEXT, attributes: optional(LABELS) },
  baseline: { seconds: NUMBER, watts: NUMBERS },
  columns: { collector: TEXT, series: TEXTS, processes: optional(TEXTS) },
  tick: { time: TIME, elapsed: ELAPSED, values: READINGS, at: optional(NUMBERS), processes: optional(ROWS) },
  event: {
    kind: TEXT,
    time: TIME,
    elapsed: ELAPSED,
    pid: optional(NUMBER),
    tid: optional(NUMBER),
    id: optional(NUMBER),
    parent: optional(NUMBER),
    attributes: optional(ATTRIBUTES),
    source: optional(TEXT),
    name: optional(TEXT),
    names: optional(TEXTS),
    span: optional(TEXT),
    level: optional(TEXT),
    messages: optional(MESSAGES),
    path: optional(TEXT),
    line: optional(NUMBER),
    total: optional(NUMBER),
    completed: optional(NUMBER),
    state: optional(TEXT),
  },
  end: {
    time: TIME,
    elapsed: ELAPSED,
    exit_code: optional(NUMBER),
    signal: optional(TEXT),
    reason: optional(TEXT),
    exact: EXACT,
  },
};

const CHECKS = new Map(
  Object.entries(FIELDS).map(([type, fields]) => [type, Object.entries({ seq: NUMBER, ...fields })]),
);

/**
 * Takes a parsed line as a record; `undefined` for a type that only newer versions know. Unknown fields pass. Throws
 * SyntaxError for anything that is not a whole record.
 */
export function toRecord(value: unknown): ResmonRecord | undefined {
  if (!isObject(value) || typeof value["type"] !== "string") throw new SyntaxError("it is not a record");
  return isWhole(value, value["type"]) ? value : undefined;
}

function isWhole(
  value: Readonly<Record<string, unknown>>,
  type: string,
): value is Record<string, unknown> & ResmonRecord {
  const checks = CHECKS.get(type);
  if (checks === undefined) return false;
  for (const [name, { accepts, expected, isOptional }] of checks) {
    const field = value[name];
    if (field === undefined ? !isOptional : !accepts(field)) throw new SyntaxError(`${name} is not ${expected}`);
  }
  return true;
}

function optional(field: Field): Field {
  return { ...field, isOptional: true };
}

// What is nearer to 0 was not written by resmon, and what is divided by it would be beyond all bounds.
function isElapsed(value: unknown): boolean {
  return value === 0 || (isNumber(value) && Math.abs(value) >= 1e-6);
}

// By far the most of a log is numbers: a loop, because a function called for each would take longer.
function isReading(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  for (let at = 0; at < value.length; at++) {
    const each: unknown = value[at];
    if (typeof each === "number" ? !isNumber(each) : each !== null) return false;
  }
  return true;
}

function isExact(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { sources, ...amounts } = value;
  return LABELS.accepts(sources) && NUMBERS.accepts(amounts);
}

function isRow(value: unknown): boolean {
  return isReading(value) && Array.isArray(value) && Number.isInteger(value[0]);
}

function isMachine(value: unknown): boolean {
  if (!isObject(value)) return false;
  const isText = (name: string): boolean => value[name] === undefined || typeof value[name] === "string";
  const isAmount = (name: string): boolean => value[name] === undefined || isNumber(value[name]);
  return ["os", "architecture"].every(isText) &&
    ["cpus", "cpus_usable", "memory_bytes", "memory_usable_bytes"].every(isAmount);
}
