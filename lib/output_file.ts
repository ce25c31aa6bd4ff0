import type { OnFailure } from "./contracts.ts";

/** How an output is opened. */
export interface OutputOptions {
  /** Replaces a file that is there. */
  readonly force?: boolean;
  /** Told once, when nothing more can be written. */
  readonly onFailure: OnFailure;
}

/** Where a text goes, piece by piece: a file, or stdout. */
export interface TextOutput {
  /** Never throws: what fails tells so itself. */
  append(text: string): void;
  close(): void;
}

const encoder = new TextEncoder();

/**
 * A file that grows by whole lines, each in one write: a reader never finds half a line but at the very end. Opened at once, so
 * that a bad path fails before the command starts; afterwards nothing throws.
 */
export class OutputFile implements TextOutput {
  readonly #path: string;
  readonly #onFailure: OnFailure;
  #file: Deno.FsFile | undefined;
  #size = 0;

  constructor(path: string, { force = false, onFailure }: OutputOptions) {
    this.#path = path;
    this.#onFailure = onFailure;
    this.#file = openOutput(path, force);
  }

  /** Appends text that ends with a line end, or bytes; all of it or nothing. */
  append(content: string | Uint8Array): void {
    if (this.#file === undefined || content.length === 0) return;
    const bytes = typeof content === "string" ? encoder.encode(content) : content;
    try {
      writeAll(this.#file, bytes);
      this.#size += bytes.length;
      // A file that was deleted can be written for ever, and nobody will see it.
      if (this.#file.statSync().nlink === 0) throw new Error("it was deleted");
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * Waits until the disk keeps what was written so far, see fdatasync(2). Not in the background: that would need a thread,
   * which a command that uses up all processes leaves none of.
   */
  sync(): void {
    try {
      this.#file?.syncDataSync();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Says whether everything could be written so far. */
  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  /** Closes the file. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  #fail(error: unknown): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    try {
      file.truncateSync(this.#size);
    } catch (truncateError) {
      // The rest of a line stays: readers drop it.
      if (!(truncateError instanceof Error)) throw truncateError;
    }
    file.close();
    this.#onFailure(describeWriteError(this.#path, error));
  }
}

/** Where a file is written before it is moved to its `path`. */
export function temporaryPath(path: string): string {
  return path.replace(/[^/]*$/, ".$&.part");
}

/** Writes a whole file, which readers see complete or not at all. Throws Error. */
export function writeWhole(path: string, text: string): void {
  try {
    Deno.writeTextFileSync(temporaryPath(path), text);
    moveIntoPlace(path);
  } catch (error) {
    throw failedToWrite(path, error);
  }
}

/** Writes a whole file as {@linkcode writeWhole} does, piece by piece as they come. Rejects with Error. */
export async function writePieces(path: string, pieces: AsyncIterable<string>): Promise<void> {
  try {
    using file = createTemporary(path);
    for await (const piece of pieces) writeText(file, piece);
    moveIntoPlace(path);
  } catch (error) {
    throw failedToWrite(path, error);
  }
}

// All of it without threads, see OutputFile.sync().
function createTemporary(path: string): Deno.FsFile {
  return Deno.createSync(temporaryPath(path));
}

function moveIntoPlace(path: string): void {
  Deno.renameSync(temporaryPath(path), path);
}

function failedToWrite(path: string, error: unknown): Error {
  discardTemporary(path);
  return new Error(describeWriteError(path, error), { cause: error });
}

/** Removes what was written so far of a file that cannot be written whole. */
export function discardTemporary(path: string): void {
  try {
    Deno.removeSync(temporaryPath(path));
  } catch (error) {
    // It was not even begun, or its folder is gone.
    if (!(error instanceof Error)) throw error;
  }
}

/** Finds out whether {@linkcode writeWhole} will be able to write, and leaves nothing behind. Throws Error. */
export function checkWritable(path: string, force = false): void {
  const probe = force ? temporaryPath(path) : path;
  openOutput(probe, force).close();
  Deno.removeSync(probe);
}

/** Says why a file could not be written: `Cannot write /data/run.csv: no space left on device`. */
export function describeWriteError(path: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const reason = message.replace(/ \(os error \d+\).*$/s, "");
  return `Cannot write ${path}: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}`;
}

function openOutput(path: string, force: boolean): Deno.FsFile {
  try {
    return Deno.openSync(path, { write: true, create: force, truncate: force, createNew: !force });
  } catch (error) {
    const isThere = error instanceof Deno.errors.AlreadyExists;
    const reason = isThere ? new Error("it exists already; name another, or replace it with --force") : error;
    throw new Error(describeWriteError(path, reason), { cause: error });
  }
}

const buffer = new Uint8Array(64 * 1024);

// Through one buffer: a piece may have megabytes, and there may be hundreds.
function writeText(file: Deno.FsFile, text: string): void {
  for (let at = 0; at < text.length;) {
    const { read, written } = encoder.encodeInto(text.slice(at), buffer);
    writeAll(file, buffer.subarray(0, written));
    at += read;
  }
}

/** Writes all of `bytes`, however little the system takes at once. */
export function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
}
