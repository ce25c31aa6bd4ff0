import { errnoCode } from "./ffi/errno.ts";
import { cString, errno, libc } from "./ffi/libc.ts";

/** Calls on descriptors that the runtime does not know, none of which waits but {@linkcode waitFor}. */

const O_WRONLY = 0o1;
const O_NOCTTY = 0o400;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const EINTR = 4;
const EIO = 5;
const EAGAIN = 11;
const REVENTS = 6;
const POLLIN = 0x1;
const POLLPRI = 0x2;
const POLLOUT = 0x4;
const POLLERR = 0x8;
const POLLHUP = 0x10;

/** What a call did: so many bytes, or that it would have to wait, or that the other side is gone or cannot take more. */
export type Moved = number | "wait" | { readonly failed: string };

/** Makes a pipe, see pipe2(2): reading from it never waits, and no command inherits it. Throws Error. */
export function openPipe(): { readonly reading: number; readonly writing: number } {
  const ends = new Int32Array(2);
  check(libc().pipe2(new Uint8Array(ends.buffer), O_CLOEXEC), "make a pipe");
  const [end = -1, writing = -1] = ends;
  const reading = openPath(`/proc/self/fd/${end}`, O_NONBLOCK);
  libc().close(end);
  return { reading: check(reading, "open a pipe"), writing };
}

/** Opens a file; -1 where that fails. It never becomes the controlling terminal, and no command inherits it. */
export function openPath(path: string, flags: number): number {
  return libc().open(cString(path), flags | O_NOCTTY | O_CLOEXEC, 0);
}

/** Opens what a descriptor writes to once more, so that writing never waits; -1 where the system does not allow it. */
export function reopenForWriting(fd: number): number {
  return openPath(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK);
}

/** Reads what is there, see read(2). 0: the end. */
export function readSome(fd: number, buffer: Uint8Array<ArrayBuffer>): Moved {
  for (;;) {
    const length = libc().read(fd, buffer, BigInt(buffer.length));
    if (length >= 0) return length;
    const number = errno();
    // What a pseudo-terminal gives when nobody has its other side open any more.
    if (number === EIO) return 0;
    if (number !== EINTR) return failure(number);
  }
}

/** Writes as much as there is room for, see write(2). */
export function writeSome(fd: number, bytes: Uint8Array<ArrayBuffer>): Moved {
  for (;;) {
    const length = libc().write(fd, bytes, BigInt(bytes.length));
    if (length >= 0) return length;
    const number = errno();
    if (number !== EINTR) return failure(number);
  }
}

/** Whether something can be written at once. */
export function isWritable(fd: number): boolean {
  const request = pollRequest([{ fd, events: POLLOUT }]);
  return libc().poll(request, 1n, 0) === 1;
}

/** What {@linkcode waitFor} waits for. */
export interface Awaited {
  /** To be read, unless `isFull`. */
  readonly source: number;
  /** To be written to, where `isFull`; that its reader has gone is told in any case. */
  readonly target: number;
  readonly isFull: boolean;
  /** A pipe that ends the waiting when something is written to it. */
  readonly wake: number;
}

/** Waits on a thread of the runtime until there is something to do, see poll(2), and says whether the reader has gone. */
export async function waitFor({ source, target, isFull, wake }: Awaited): Promise<{ readonly targetIsGone: boolean }> {
  const request = pollRequest([
    { fd: target, events: isFull ? POLLOUT : 0 },
    // poll(2) passes over negative descriptors.
    { fd: isFull ? -1 : source, events: POLLIN | POLLPRI },
    { fd: wake, events: POLLIN },
  ]);
  await libc().pollBlocking(request, 3n, -1);
  const happened = new DataView(request.buffer).getInt16(REVENTS, true);
  return { targetIsGone: (happened & (POLLERR | POLLHUP)) !== 0 };
}

/** The file, pipe or terminal that a descriptor stands for: equal texts are the same one. Throws Error. */
export function identityOf(fd: number): string {
  const { dev, ino } = Deno.statSync(`/proc/self/fd/${fd}`);
  return `${dev}:${ino}`;
}

function pollRequest(entries: readonly { readonly fd: number; readonly events: number }[]): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(entries.length * 8);
  const view = new DataView(request.buffer);
  for (const [index, { fd, events }] of entries.entries()) {
    view.setInt32(index * 8, fd, true);
    view.setInt16(index * 8 + 4, events, true);
  }
  return request;
}

function failure(number: number): Moved {
  return number === EAGAIN ? "wait" : { failed: errnoCode(number).text };
}

/** Gives the result of a call back, or throws Error for -1. */
export function check(result: number, what: string): number {
  if (result >= 0) return result;
  throw new Error(`Cannot ${what}: ${errnoCode(errno()).text}`);
}
