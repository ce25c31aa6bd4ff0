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

/**
 * The lines of a file that the kernel ends with a newline; `what` names it in the error. Throws SyntaxError where the newline
 * is missing: a number that was cut off must not pass for a smaller one.
 */
export function splitLines(text: string, what: string): string[] {
  if (!text.endsWith("\n")) throw new SyntaxError(`Cannot parse ${what}: ${text === "" ? "empty" : "cut off"}`);
  return text.slice(0, -1).split("\n");
}

/** Reads a file that holds one decimal integer and a newline, as most of sysfs and cgroups do. */
export function parseIntegerFile(text: string, what: string): number {
  const [line, ...rest] = splitLines(text, what);
  return parseInteger(rest.length === 0 ? line : text, what);
}

/** Reads lines of `key value` with an integer as value, such as a cgroup's `cpu.stat`; other lines are left out. */
export function parseCounters(text: string, what: string): Map<string, number> {
  const counters = new Map<string, number>();
  for (const line of splitLines(text, what)) {
    const [key = "", value, ...rest] = line.split(" ");
    if (value !== undefined && rest.length === 0) counters.set(key, parseInteger(value, `${key} of ${what}`));
  }
  return counters;
}

/** Reads a list of CPUs such as `0-3,8`, see cpuset(7); the empty list is of none. */
export function parseCpuList(text: string, what: string): Set<number> {
  const cpus = new Set<number>();
  for (const range of text.split(",").filter((part) => part !== "")) {
    const [first, last = first, ...rest] = range.split("-");
    if (rest.length > 0) throw malformed(text, what);
    for (let cpu = parseInteger(first, what), end = parseInteger(last, what); cpu <= end; cpu++) cpus.add(cpu);
  }
  return cpus;
}

function malformed(text: string | undefined, what: string): SyntaxError {
  if (text === undefined) return new SyntaxError(`Cannot parse ${what}: missing`);
  return new SyntaxError(`Cannot parse ${what}: ${JSON.stringify(text.slice(0, 80))}`);
}
