import { errnoCode } from "./ffi/errno.ts";

/**
 * A machine as a tree of files: the real one (`DiskRoot`) or a fixture (`ArchiveRoot`). Paths are absolute. Every failing
 * call throws {@linkcode SystemError}, with the code of errno(3).
 */
export interface Root {
  /** The whole content as text: UTF-8, a byte that is not valid UTF-8 becomes `\xNN`. */
  read(path: string): string;
  /** The names in a folder, in no particular order. */
  list(path: string): string[];
  /** The target of a symbolic link. */
  readLink(path: string): string;
  /** The size that stat(2) tells; of `/proc/<pid>/fd` the number of open files since Linux 6.2, 0 before. */
  size(path: string): number;
  /** Opens a file that will be read again and again. A kept `/proc/<pid>/stat` never reads a reused pid. */
  open(path: string): OpenFile;
}

/** A file kept open; each read starts at its beginning. */
export interface OpenFile {
  /** The whole content as text, see {@linkcode Root.read}. Throws SystemError ESRCH once the process is gone. */
  read(): string;
  close(): void;
}

/** A system call that failed: `Cannot read /proc/1/io: permission denied (EACCES)`. */
export class SystemError extends Error {
  override readonly name = "SystemError";
  /** The symbol of errno(3), such as `ENOENT`. */
  readonly code: string;

  constructor(verb: string, path: string, errno: number) {
    const { code, text } = errnoCode(errno);
    super(`Cannot ${verb} ${path}: ${text} (${code})`);
    this.code = code;
  }
}

/** Says whether the error means that the file, or the process behind it, is not there. */
export function isGone(error: unknown): boolean {
  return error instanceof SystemError && (error.code === "ENOENT" || error.code === "ESRCH");
}

/** Says whether the error means that this user may not read it. */
export function isDenied(error: unknown): boolean {
  return error instanceof SystemError && (error.code === "EACCES" || error.code === "EPERM");
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes kernel text: UTF-8 as it is, every other byte as `\xNN`, so that nothing is lost and nothing throws. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return decodeByPieces(bytes);
  }
}

function decodeByPieces(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = [1, 2, 3, 4].find((size) => at + size <= bytes.length && isUtf8(bytes.subarray(at, at + size)));
    text += length === undefined
      ? `\\x${(bytes[at] ?? 0).toString(16).padStart(2, "0")}`
      : strict.decode(bytes.subarray(at, at + length));
    at += length ?? 1;
  }
  return text;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
