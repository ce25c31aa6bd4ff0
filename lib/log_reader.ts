import { Buffer } from "node:buffer";
import { toRecord } from "./record_guards.ts";
import { type ResmonRecord, SCHEMA_VERSION } from "./records.ts";
import { VERSION } from "./version.ts";

/** A line that is not a record and was left out. */
export interface DamagedLine {
  /** From 1. */
  readonly line: number;
  readonly reason: string;
}

/** How a log is read. */
export interface ReadOptions {
  /** Called for each damaged line. */
  readonly onDamage?: (damage: DamagedLine) => void;
}

/** A run that can be read, several times over. */
export interface RunSource {
  /** Throws Error for what is not a log that this version can read. */
  read(options?: ReadOptions): Iterable<ResmonRecord>;
}

/** The run in a log of resmon's own. */
export function logSource(path: string): RunSource {
  return { read: (options) => readLog(path, options) };
}

const NEWLINE = 10;
// The lines of a chunk are in memory together: larger ones need more of it, and are no faster.
const CHUNK_BYTES = 32 * 1024;

// No record comes near; a file without line ends must not be held in memory.
const MAX_LINE_BYTES = 16 * 1024 * 1024;

/**
 * Reads `log.jsonl` record by record in bounded memory. An unterminated last line is dropped, damaged lines and record types
 * of newer versions are left out. Throws Error, with what to do, for what is not a log that this version can read.
 */
export function* readLog(path: string, options: ReadOptions = {}): Generator<ResmonRecord> {
  yield* readRecords(readChunks(path), { ...options, name: path });
}

/** Reads a log given as bytes, see {@linkcode readLog}; `name` tells it in errors. */
export function* readRecords(
  chunks: Iterable<Uint8Array>,
  { name, onDamage }: ReadOptions & { readonly name: string },
): Generator<ResmonRecord> {
  let line = 0;
  for (const text of readLines(chunks)) {
    line++;
    const record = line === 1 ? readFirst(text, name) : readNext(text, (reason) => onDamage?.({ line, reason }));
    if (record !== undefined) yield record;
  }
  if (line === 0) {
    throw new Error(`Cannot read ${name}: it has not one whole line; the run ended before anything was recorded`);
  }
}

function readFirst(text: string | undefined, name: string): ResmonRecord {
  try {
    const value = parseLine(text);
    // Another version's session may have other fields: its version is the better answer.
    const newer = newerFormat(value);
    if (newer !== undefined) throw new Error(`Cannot read ${name}: ${newer}`);
    const record = toRecord(value);
    if (record?.type === "session") return record;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Error(
    `Cannot read ${name}: it is no log of resmon; name a log.jsonl or the folder of a run, or a file of reseng, heflwr or pyml`,
  );
}

function readNext(text: string | undefined, tell: (reason: string) => void): ResmonRecord | undefined {
  try {
    const value = parseLine(text);
    const newer = newerFormat(value);
    if (newer !== undefined) throw new SyntaxError(newer);
    return toRecord(value);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    tell(error.message);
    return undefined;
  }
}

function parseLine(text: string | undefined): unknown {
  if (text === undefined) throw new SyntaxError(`it is longer than ${MAX_LINE_BYTES} bytes`);
  return JSON.parse(text);
}

/** Says so where a session is of a format that this version does not know. */
function newerFormat(value: unknown): string | undefined {
  if (!isSession(value) || value.schema <= SCHEMA_VERSION) return undefined;
  const known = `this is resmon ${VERSION}, which knows up to format ${SCHEMA_VERSION}`;
  return `it has format ${value.schema}, and ${known}; use a newer resmon`;
}

function isSession(value: unknown): value is { readonly schema: number } {
  if (typeof value !== "object" || value === null) return false;
  return "type" in value && value.type === "session" && "schema" in value && typeof value.schema === "number";
}

/** The whole lines; `undefined` for one that is too long, as soon as that is known: it may have no end (/dev/zero). */
function* readLines(chunks: Iterable<Uint8Array>): Generator<string | undefined> {
  const decoder = new TextDecoder();
  let pieces: Uint8Array[] = [];
  let held = 0;
  for (const chunk of chunks) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      const isTooLong = held > MAX_LINE_BYTES;
      const whole = Buffer.concat([...(isTooLong ? [] : pieces), chunk.subarray(0, end - 1)]);
      const lines = decoder.decode(whole).split("\n");
      yield* isTooLong ? lines.slice(1) : lines;
      pieces = [];
      held = 0;
    }
    const isNews = held <= MAX_LINE_BYTES;
    held += chunk.length - end;
    // The buffer of the chunk is used again for the next one.
    if (held <= MAX_LINE_BYTES) pieces.push(chunk.slice(end));
    else if (isNews) yield undefined;
  }
}

function* readChunks(path: string): Generator<Uint8Array> {
  using file = openLog(path);
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (;;) {
    const length = attempt(path, () => file.readSync(buffer));
    if (length === null) return;
    yield buffer.subarray(0, length);
  }
}

function openLog(path: string): Deno.FsFile {
  return attempt(path, () => {
    const { isDirectory, isFile } = Deno.statSync(path);
    if (isDirectory) throw new Error(`Cannot read ${path}: it is a folder; name the log.jsonl in it`);
    // A pipe could be read only once, and would be waited for.
    if (!isFile) {
      throw new Error(`Cannot read ${path}: it is no regular file; name a log.jsonl that resmon has written`);
    }
    return Deno.openSync(path);
  });
}

// The runtime tells neither what could not be done nor to which file.
function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new Error(`Cannot read ${path}: there is no such file`);
    const [, reason] = /^(.*) \(os error \d+\)/s.exec(error instanceof Error ? error.message : "") ?? [];
    if (reason === undefined) throw error;
    throw new Error(`Cannot read ${path}: ${reason.toLowerCase()}`, { cause: error });
  }
}
