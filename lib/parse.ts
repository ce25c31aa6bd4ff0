/**
 * Strict readers of kernel text. `Number(text)` stands nowhere else: a text that is not a number throws SyntaxError and
 * never becomes NaN or 0.
 */

const INTEGER = /^-?\d+$/;
const DECIMAL = /^-?\d+(?:\.\d+)?$/;

/** Reads a decimal integer; `what` names it in the error. */
export function parseInteger(text: string | undefined, what: string): number {
  if (text === undefined || !INTEGER.test(text)) throw malformed(text, what);
  return Number(text);
}

/** Reads a decimal number with or without a fraction; `what` names it in the error. */
export function parseDecimal(text: string | undefined, what: string): number {
  if (text === undefined || !DECIMAL.test(text)) throw malformed(text, what);
  return Number(text);
}

/** Reads `1234 kB`, the kernel's spelling of KiB, into bytes. */
export function parseKibibytes(text: string | undefined, what: string): number {
  const match = /^(\d+) kB$/.exec(text?.trim() ?? "");
  if (match === null) throw malformed(text, what);
  return Number(match[1]) * 1024;
}

/** Reads a hexadecimal mask such as `SigIgn` of proc_pid_status(5). */
export function parseMask(text: string | undefined, what: string): bigint {
  if (text === undefined || !/^[0-9a-f]+$/i.test(text)) throw malformed(text, what);
  return BigInt(`0x${text}`);
}

/** Reads lines of `key: value` (any blanks around the value); a line without a colon is left out. */
export function parseKeyValues(text: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) entries.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  return entries;
}

function malformed(text: string | undefined, what: string): SyntaxError {
  if (text === undefined) return new SyntaxError(`Cannot parse ${what}: missing`);
  return new SyntaxError(`Cannot parse ${what}: ${JSON.stringify(text.slice(0, 80))}`);
}
