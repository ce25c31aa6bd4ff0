/**
 * Strict readers of kernel text. `Number(text)` stands nowhere else: a text that is not a number throws SyntaxError and
 * never becomes NaN or 0.
 */

// The kernel's largest number, 2^64 - 1, has 20 digits: more of them are damage, and might become Infinity.
const COUNT = /^\d{1,20}$/;
const INTEGER = /^-?\d{1,20}$/;
const DECIMAL = /^\d{1,20}(?:\.\d+)?$/;
const SCIENTIFIC = /^\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;
// No quantity comes near it, and the sums of what is smaller are never Infinity.
const LARGEST = 2 ** 64;
const KIBIBYTES = /^(\d{1,20}) kB$/;

// CONFIG_NR_CPUS of the largest kernels is 8192; a list of more is damage, and might fill the memory.
const MAX_CPUS = 65_536;

/** Reads a decimal integer of 0 or more, as all that counts something is; `what` names it in the error. */
export function parseCount(text: string | undefined, what: string): number {
  if (text === undefined || !COUNT.test(text)) throw malformed(text, what);
  return Number(text);
}

/** Reads a decimal integer of any sign; `what` names it in the error. */
export function parseInteger(text: string | undefined, what: string): number {
  if (text === undefined || !INTEGER.test(text)) throw malformed(text, what);
  return Number(text);
}

/** Reads a decimal number of 0 or more, with or without a fraction; `what` names it in the error. */
export function parseDecimal(text: string | undefined, what: string): number {
  if (text === undefined || !DECIMAL.test(text)) throw malformed(text, what);
  return Number(text);
}

/** Reads a number of 0 or more as programs print floats, such as `1e-05`; `what` names it in the error. */
export function parseScientific(text: string | undefined, what: string): number {
  const value = text !== undefined && SCIENTIFIC.test(text) ? Number(text) : Infinity;
  if (value > LARGEST) throw malformed(text, what);
  return value;
}

/** Reads `1234 kB`, the kernel's spelling of KiB, into bytes. */
export function parseKibibytes(text: string | undefined, what: string): number {
  const match = KIBIBYTES.exec(text?.trim() ?? "");
  if (match === null) throw malformed(text, what);
  return Number(match[1]) * 1024;
}

/** Reads a hexadecimal mask such as `SigIgn` of proc_pid_status(5). */
export function parseMask(text: string | undefined, what: string): bigint {
  if (text === undefined || !/^[0-9a-f]+$/i.test(text)) throw malformed(text, what);
  return BigInt(`0x${text}`);
}

// With so many digits every step of adding them up is exact.
const EXACT_DIGITS = 15;
const [LINE_END, BLANK, MINUS, ZERO, NINE] = [10, 32, 45, 48, 57];

/**
 * Reads integers of any sign with one blank between them, from `at` to the end of the line; `NaN` for a word that is none. For
 * what is read of every process in every tick: to split the line first would take several times as long.
 */
export function parseIntegers(text: string, at: number): number[] {
  const integers: number[] = [];
  let start = at;
  for (let end = at; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code !== BLANK && code !== LINE_END) continue;
    integers.push(integerBetween(text, start, end));
    if (code === LINE_END) break;
    start = end + 1;
  }
  return integers;
}

function integerBetween(text: string, start: number, end: number): number {
  const isNegative = text.charCodeAt(start) === MINUS;
  const first = isNegative ? start + 1 : start;
  if (end === first) return NaN;
  if (end - first > EXACT_DIGITS) return parseWord(text.slice(start, end));
  let value = 0;
  for (let at = first; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code < ZERO || code > NINE) return NaN;
    value = value * 10 + (code - ZERO);
  }
  return isNegative ? -value : value;
}

function parseWord(word: string): number {
  return INTEGER.test(word) ? Number(word) : NaN;
}

/** Reads lines of `key: value` (any blanks around the value); a line without a colon is left out. Throws SyntaxError. */
export function parseKeyValues(text: string, what: string): Map<string, string> {
  const entries = new Map<string, string>();
  for (const line of splitLines(text, what)) {
    const colon = line.indexOf(":");
    if (colon > 0) entries.set(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  return entries;
}

/**
 * Throws SyntaxError where a file that the kernel ends with a newline has none; `what` names it in the error. A number that was
 * cut off must not pass for a smaller one.
 */
export function requireEnd(text: string, what: string): void {
  if (!text.endsWith("\n")) throw new SyntaxError(`Cannot parse ${what}: ${text === "" ? "empty" : "cut off"}`);
}

/** The lines of a file that the kernel ends with a newline, see {@linkcode requireEnd}; `what` names it in the error. */
export function splitLines(text: string, what: string): string[] {
  requireEnd(text, what);
  return text.slice(0, -1).split("\n");
}

/** Reads a file that holds one decimal integer of any sign and a newline, as a temperature does. */
export function parseIntegerFile(text: string, what: string): number {
  return parseInteger(onlyLine(text, what), what);
}

/** Reads a file that holds one decimal integer of 0 or more and a newline, as most of sysfs and cgroups do. */
export function parseCountFile(text: string, what: string): number {
  return parseCount(onlyLine(text, what), what);
}

function onlyLine(text: string, what: string): string | undefined {
  const [line, ...rest] = splitLines(text, what);
  return rest.length === 0 ? line : text;
}

/** Reads lines of `key value` with a count as value, such as a cgroup's `cpu.stat`; other lines are left out. */
export function parseCounters(text: string, what: string): Map<string, number> {
  const counters = new Map<string, number>();
  for (const line of splitLines(text, what)) {
    const [key = "", value, ...rest] = line.split(" ");
    if (value === undefined || rest.length > 0) continue;
    const count = parseInteger(value, `${key} of ${what}`);
    // Levels among the counters of /proc/vmstat may step below 0 for a moment.
    if (count >= 0) counters.set(key, count);
  }
  return counters;
}

/** Reads a list of CPUs such as `0-3,8`, see cpuset(7); the empty list is of none. */
export function parseCpuList(text: string, what: string): Set<number> {
  const cpus = new Set<number>();
  for (const range of text.split(",").filter((part) => part !== "")) {
    const [first, last = first, ...rest] = range.split("-");
    const [start, end] = [parseCount(first, what), parseCount(last, what)];
    if (rest.length > 0 || end < start || end >= MAX_CPUS) throw malformed(text, what);
    for (let cpu = start; cpu <= end; cpu++) cpus.add(cpu);
  }
  return cpus;
}

function malformed(text: string | undefined, what: string): SyntaxError {
  if (text === undefined) return new SyntaxError(`Cannot parse ${what}: missing`);
  return new SyntaxError(`Cannot parse ${what}: ${JSON.stringify(text.slice(0, 80))}`);
}
