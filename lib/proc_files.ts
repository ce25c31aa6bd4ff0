import { parseCount, parseIntegers, parseKibibytes, parseMask, requireEnd } from "./parse.ts";

/** What resmon uses of `/proc/<pid>/stat`, see proc_pid_stat(5). CPU times are in clock ticks. */
export interface ProcStat {
  readonly name: string;
  /** R running, S sleeping, D disk, T stopped, Z zombie, X dead, … */
  readonly state: string;
  readonly ppid: number;
  readonly minorFaults: number;
  readonly majorFaults: number;
  readonly userTicks: number;
  readonly systemTicks: number;
  /** The same of the children that were waited for, and theirs. */
  readonly childMinorFaults: number;
  readonly childMajorFaults: number;
  readonly childUserTicks: number;
  readonly childSystemTicks: number;
  readonly threads: number;
  /** Ticks since boot: with the pid the identity of the process. */
  readonly startTicks: number;
  readonly rssPages: number;
  /** Address of the bottom of the stack, another one after each exec; 0 where it may not be read. */
  readonly startStack: number;
  /** Wait status as of wait(2); only of a zombie, and only since it became one. Undefined on kernels without the field. */
  readonly exitStatus: number | undefined;
}

// Fields are numbered from 1 in the man page; after the name comes 3, the state, and then numbers.
const FIRST_NUMBER = 4;

/**
 * Parses `/proc/<pid>/stat`. The name may hold blanks, brackets and newlines: it ends at the last bracket. Throws SyntaxError
 * where a field is missing or no number. Only the times of children may be negative: old kernels let them overflow.
 */
export function parseProcStat(text: string): ProcStat {
  requireEnd(text, "stat");
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 0 || close < open || text[close + 1] !== " ") throw new SyntaxError("Cannot parse stat: no (name)");
  const fields = parseIntegers(text, close + "( S ".length);
  function signedField(number: number): number {
    const value = fields[number - FIRST_NUMBER] ?? NaN;
    if (Number.isNaN(value)) throw new SyntaxError(`Cannot parse field ${number} of stat: missing or no number`);
    return value;
  }
  function field(number: number): number {
    const value = signedField(number);
    if (value < 0) throw new SyntaxError(`Cannot parse field ${number} of stat: ${value} is negative`);
    return value;
  }
  return {
    name: text.slice(open + 1, close),
    state: text.charAt(close + 2),
    ppid: field(4),
    minorFaults: field(10),
    childMinorFaults: field(11),
    majorFaults: field(12),
    childMajorFaults: field(13),
    userTicks: field(14),
    systemTicks: field(15),
    childUserTicks: signedField(16),
    childSystemTicks: signedField(17),
    threads: field(20),
    startTicks: field(22),
    rssPages: field(24),
    startStack: field(28),
    exitStatus: fields.length > 52 - FIRST_NUMBER ? field(52) : undefined,
  };
}

/** What resmon uses of `/proc/<pid>/status`, see proc_pid_status(5). Memory is absent in zombies and kernel threads. */
export interface ProcStatus {
  readonly rssBytes: number | undefined;
  /** Largest resident memory so far. */
  readonly peakRssBytes: number | undefined;
  readonly swapBytes: number | undefined;
  /** The thread's own, not the whole process's. */
  readonly voluntarySwitches: number | undefined;
  readonly involuntarySwitches: number | undefined;
  readonly ignoredSignals: bigint;
}

/** Parses `/proc/<pid>/status`. Throws SyntaxError for values of a wrong form; a missing line is undefined. */
export function parseProcStatus(text: string): ProcStatus {
  requireEnd(text, "status");
  return {
    rssBytes: kibibytesLine(text, "VmRSS"),
    peakRssBytes: kibibytesLine(text, "VmHWM"),
    swapBytes: kibibytesLine(text, "VmSwap"),
    voluntarySwitches: integerLine(text, "voluntary_ctxt_switches"),
    involuntarySwitches: integerLine(text, "nonvoluntary_ctxt_switches"),
    ignoredSignals: parseMask(line(text, "SigIgn"), "SigIgn of status"),
  };
}

/** The two counters of context switches of one thread's `status`. Throws SyntaxError where one is missing or no number. */
export function parseThreadSwitches(text: string): { voluntary: number; involuntary: number } {
  requireEnd(text, "status");
  return {
    voluntary: parseCount(line(text, "voluntary_ctxt_switches"), "voluntary_ctxt_switches of status"),
    involuntary: parseCount(line(text, "nonvoluntary_ctxt_switches"), "nonvoluntary_ctxt_switches of status"),
  };
}

// One search a line instead of a map of sixty: such files are read for every process in every tick.
function line(text: string, key: string): string | undefined {
  const isFirst = text.startsWith(`${key}:`);
  const before = isFirst ? 0 : text.indexOf(`\n${key}:`);
  if (before < 0) return undefined;
  const start = before + key.length + (isFirst ? 1 : 2);
  return text.slice(start, text.indexOf("\n", start)).trim();
}

function kibibytesLine(text: string, key: string): number | undefined {
  const value = line(text, key);
  return value === undefined ? undefined : parseKibibytes(value, `${key} of status`);
}

function integerLine(text: string, key: string): number | undefined {
  const value = line(text, key);
  return value === undefined ? undefined : parseCount(value, `${key} of status`);
}

/** What resmon uses of `/proc/<pid>/io`, in bytes, see proc_pid_io(5). Reaped children are part of it. */
export interface ProcIo {
  readonly syscallReadBytes: number;
  readonly syscallWriteBytes: number;
  readonly storageReadBytes: number;
  readonly storageWriteBytes: number;
}

/** Parses `/proc/<pid>/io`. Throws SyntaxError where a line is missing or no number. */
export function parseProcIo(text: string): ProcIo {
  requireEnd(text, "io");
  function value(key: string): number {
    return parseCount(line(text, key), `${key} of io`);
  }
  return {
    syscallReadBytes: value("rchar"),
    syscallWriteBytes: value("wchar"),
    storageReadBytes: value("read_bytes"),
    storageWriteBytes: value("write_bytes"),
  };
}

/** The proportional memory in `/proc/<pid>/smaps_rollup`, in bytes, see proc_pid_smaps(5). */
export function parseProportionalMemory(text: string): number {
  requireEnd(text, "smaps_rollup");
  return parseKibibytes(line(text, "Pss"), "Pss of smaps_rollup");
}

/** The pids in `/proc/<pid>/task/<tid>/children`, each with a blank behind it, see proc_tid_children(5). Throws SyntaxError. */
export function parseChildren(text: string): number[] {
  const words = text.split(" ");
  if (words.pop() !== "") throw new SyntaxError("Cannot parse children: cut off");
  return words.map((word) => parseCount(word, "pid in children"));
}

/** The arguments in `/proc/<pid>/cmdline`, see proc_pid_cmdline(5); empty for zombies and kernel threads. */
export function parseCommandLine(text: string): string[] {
  return text === "" ? [] : text.replace(/\0$/, "").split("\0");
}
