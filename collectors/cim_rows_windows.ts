import { amountOf, decodeJson, memberOf } from "../lib/json.ts";
import { parseCount } from "../lib/parse.ts";
import { CIM_PARTS, type CimPart } from "./cim_script_windows.ts";

/** The rows of each part of a line; an empty list where a class told none, or could not be read. */
export type CimSample = Readonly<Record<CimPart, readonly CimRow[]>>;

/** One instance of a CIM class. */
export class CimRow {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  /** A count, which JSON of PowerShell holds as a number or, of 64 bits, as text; null where it is not told. */
  count(property: string): number | null {
    const value = memberOf(this.#value, property) ?? null;
    if (value === null) return null;
    const count = typeof value === "string" ? parseCount(value, property) : amountOf(value);
    if (count === undefined) throw new SyntaxError(`Cannot parse ${property} of CIM: ${JSON.stringify(value)}`);
    return count;
  }

  /** A text; undefined where it is not told. */
  text(property: string): string | undefined {
    const value = memberOf(this.#value, property);
    return typeof value === "string" ? value : undefined;
  }

  /** An instant in Unix seconds: `/Date(1700000000000)/` of Windows PowerShell, ISO 8601 of later ones. */
  instant(property: string): number | undefined {
    const text = this.text(property);
    if (text === undefined) return undefined;
    const milliseconds = /^\/Date\((\d{1,15})\)\/$/.exec(text)?.[1];
    const seconds = (milliseconds === undefined ? Date.parse(text) : parseCount(milliseconds, property)) / 1000;
    if (Number.isNaN(seconds)) throw new SyntaxError(`Cannot parse ${property} of CIM: ${JSON.stringify(text)}`);
    return seconds;
  }
}

/**
 * Parses what ConvertTo-Json made of CIM instances. It prints several as an array, a single one as an object, and none as
 * nothing at all. Throws SyntaxError.
 */
export function parseCimRows(text: string): CimRow[] {
  return rowsOf(text.trim() === "" ? null : decodeJson(withoutMark(text), "CIM instances"));
}

/** Parses a line of the long-lived PowerShell. Throws SyntaxError. */
export function parseCimLine(line: string): CimSample {
  const value = decodeJson(withoutMark(line), "a line of PowerShell");
  const names = Object.keys(CIM_PARTS).filter(isPart);
  if (!names.some((name) => memberOf(value, name) !== undefined)) {
    throw new SyntaxError(`Cannot parse a line of PowerShell: it has none of ${names.join(", ")}`);
  }
  const rows = names.map((name) => [name, rowsOf(memberOf(value, name) ?? null)] as const);
  return Object.assign(noRows(), Object.fromEntries(rows));
}

function rowsOf(value: unknown): CimRow[] {
  if (value === null) return [];
  // What Windows PowerShell may make of an array that went through its pipeline: {"value":[...],"Count":3}.
  const listed = memberOf(value, "value");
  const list = Array.isArray(listed) ? listed : value;
  const rows = Array.isArray(list) ? list : [list];
  if (rows.every((row) => typeof row === "object" && row !== null)) return rows.map((row) => new CimRow(row));
  throw new SyntaxError("Cannot parse CIM instances: they are no objects");
}

function noRows(): CimSample {
  return { processes: [], processors: [], system: [], memory: [], pageFiles: [], disks: [], interfaces: [] };
}

function isPart(name: string): name is CimPart {
  return Object.hasOwn(CIM_PARTS, name);
}

// UTF-8 of .NET begins with a mark of byte order.
function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}
