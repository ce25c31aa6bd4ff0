import { HEFLWR_INTERVAL, parseHeflwrLog } from "./import_heflwr.ts";
import { parsePymlUsage } from "./import_pyml.ts";
import { parseResengCsv, parseResengDump } from "./import_reseng.ts";
import { importedRecords, type ImportedRun } from "./imported_run.ts";
import { logSource, type RunSource } from "./log_reader.ts";

/** How files of other systems are read. */
export interface ImportOptions {
  /** Seconds between two samples of heflwr, whose files have no times. */
  readonly interval?: number | undefined;
}

const HEAD_BYTES = 200;

/**
 * The runs in a file: one in a log, several in what pyml wrote of several machines. Other systems are recognised by what is in
 * their files. Throws Error where that is damaged, saying what is wrong with it.
 */
export function openRuns(path: string, options: ImportOptions = {}): RunSource[] {
  const head = readHead(path);
  const format = FORMATS.find(({ pattern }) => pattern.test(head));
  if (format === undefined) return [logSource(path)];
  try {
    return format.parse(Deno.readTextFileSync(path), options).map((run) => ({
      read: () => importedRecords(run, path),
    }));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Error(`Cannot read ${path} as ${format.what}: ${error.message}`, { cause: error });
  }
}

/** Throws Error where a run cannot be read: to be asked before outputs are made of it. */
export function checkRun(run: RunSource): void {
  for (const _first of run.read()) return;
}

/** The run in a file that has one only. Throws Error. */
export function openRun(path: string, options?: ImportOptions): RunSource {
  const [run, ...others] = openRuns(path, options);
  if (run !== undefined && others.length === 0) return run;
  throw new Error(
    `Cannot read ${path} as one run: it holds ${others.length + 1} machines; resmon report lays them over each other`,
  );
}

interface Format {
  readonly what: string;
  /** How such a file begins. */
  readonly pattern: RegExp;
  readonly parse: (text: string, options: ImportOptions) => ImportedRun[];
}

const FORMATS: readonly Format[] = [
  { what: "reseng's CSV", pattern: /^(?:elapsed,)?time,cpu,memory,/, parse: (text) => [parseResengCsv(text)] },
  { what: "reseng's dump", pattern: /^\s*\{\s*"(?:tags|data)"\s*:/, parse: (text) => [parseResengDump(text)] },
  { what: "pyml's usage.json", pattern: /^\s*\{\s*"(?:usage|process)"\s*:/, parse: parsePymlUsage },
  {
    what: "heflwr's log",
    pattern: /^(?:[A-Z]+ HeFlwr )?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[,\r\n]/,
    parse: (text, { interval = HEFLWR_INTERVAL }) => [parseHeflwrLog(text, interval)],
  },
];

/** How a file begins; nothing where it cannot be read, which the reader of logs tells. */
function readHead(path: string): string {
  try {
    if (!Deno.statSync(path).isFile) return "";
    using file = Deno.openSync(path);
    const buffer = new Uint8Array(HEAD_BYTES);
    return new TextDecoder().decode(buffer.subarray(0, file.readSync(buffer) ?? 0));
  } catch (error) {
    if (error instanceof Error) return "";
    throw error;
  }
}
