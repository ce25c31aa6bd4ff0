import { cString, errno, libc } from "./ffi/libc.ts";
import { decodeText, type OpenFile, type Root, SystemError } from "./root.ts";

const O_CLOEXEC = 0o2000000;
const EINTR = 4;

// seq_file(9) fills a read page by page with records far shorter than half a page, so less than that proves the end.
const PROVES_END = 2048;

// struct statx of statx(2): 256 bytes, stx_size at 40.
const AT_FDCWD = -100;
const STATX_SIZE = 0x200;
const STX_SIZE_OFFSET = 40;
const statxBuffer = new Uint8Array(256);
const statxView = new DataView(statxBuffer.buffer);

let buffer = new Uint8Array(65536);
let bufferSize = BigInt(buffer.length);

/** The real machine, by libc: kept descriptors are read with pread(2), without going through the runtime's file system. */
export class DiskRoot implements Root {
  read(path: string): string {
    const file = this.open(path);
    try {
      return file.read();
    } finally {
      file.close();
    }
  }

  list(path: string): string[] {
    // Most folders of sysfs are not there, and the runtime's own error takes a tenth of a millisecond at the start.
    if (libc().statx(AT_FDCWD, cString(path), 0, STATX_SIZE, statxBuffer) < 0) {
      throw new SystemError("list", path, errno());
    }
    return attempt("list", path, () => Array.from(Deno.readDirSync(path), (entry) => entry.name));
  }

  readLink(path: string): string {
    const length = libc().readlink(cString(path), buffer, BigInt(buffer.length));
    if (length < 0) throw new SystemError("read link", path, errno());
    return decodeText(buffer.subarray(0, length));
  }

  size(path: string): number {
    if (libc().statx(AT_FDCWD, cString(path), 0, STATX_SIZE, statxBuffer) < 0) {
      throw new SystemError("stat", path, errno());
    }
    return Number(statxView.getBigUint64(STX_SIZE_OFFSET, true));
  }

  open(path: string): OpenFile {
    return new DiskFile(path, openReadOnly(path));
  }
}

class DiskFile implements OpenFile {
  readonly #path: string;
  #descriptor: number;

  constructor(path: string, descriptor: number) {
    this.#path = path;
    this.#descriptor = descriptor;
  }

  read(): string {
    let length = 0;
    for (;;) {
      if (length === buffer.length) grow();
      const count = preadOnce(this.#descriptor, length, this.#path);
      length += count;
      if (count < PROVES_END) return decodeText(buffer.subarray(0, length));
    }
  }

  close(): void {
    if (this.#descriptor >= 0) libc().close(this.#descriptor);
    this.#descriptor = -1;
  }
}

function openReadOnly(path: string): number {
  for (;;) {
    const descriptor = libc().open(cString(path), O_CLOEXEC, 0);
    if (descriptor >= 0) return descriptor;
    const error = errno();
    // What it is opened for, so that a fixture, which fails in the reading, says the same.
    if (error !== EINTR) throw new SystemError("read", path, error);
  }
}

function preadOnce(descriptor: number, offset: number, path: string): number {
  for (;;) {
    const count = offset === 0
      ? libc().pread(descriptor, buffer, bufferSize, 0n)
      : libc().pread(descriptor, buffer.subarray(offset), BigInt(buffer.length - offset), BigInt(offset));
    if (count >= 0) return count;
    const error = errno();
    if (error !== EINTR) throw new SystemError("read", path, error);
  }
}

function grow(): void {
  const larger = new Uint8Array(buffer.length * 2);
  larger.set(buffer);
  buffer = larger;
  bufferSize = BigInt(buffer.length);
}

// The runtime's own errors carry the symbol of errno in their text or class; SystemError is what every reader expects.
function attempt<T>(verb: string, path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new SystemError(verb, path, 2);
    if (error instanceof Deno.errors.PermissionDenied) throw new SystemError(verb, path, 13);
    if (error instanceof Deno.errors.NotADirectory) throw new SystemError(verb, path, 20);
    const number = /os error (\d+)/.exec(error instanceof Error ? error.message : "")?.[1];
    if (number === undefined) throw error;
    throw new SystemError(verb, path, parseInt(number, 10));
  }
}
