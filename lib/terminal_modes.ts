import { libc } from "./ffi/libc.ts";
import { signalNumber } from "./signals.ts";

/** Modes and size of terminals: termios(3) as glibc has it on x86_64 and arm64, and tty_ioctl(2). */

const TERMIOS_BYTES = 60;
const OUTPUT_FLAGS = 4;
const LOCAL_FLAGS = 12;
const CHARACTERS = { from: 17, to: 49 };
const OPOST = 0o1;
const ONLCR = 0o4;
const ICANON = 0o2;
const EXTPROC = 0o200000;
// Input, output, control and local flags by their offsets. Of the output's, a terminal in front has no others.
const FOLLOWED_FLAGS = [[0, ~0], [OUTPUT_FLAGS, OPOST | ONLCR], [8, ~0], [LOCAL_FLAGS, ~EXTPROC]] as const;
const TCSANOW = 0;
const TIOCGWINSZ = 0x5413n;
const TIOCSWINSZ = 0x5414n;
const SIGSET_BYTES = 128;
const SIG_BLOCK = 0;
const SIG_SETMASK = 2;

/** The modes of a terminal, as tcgetattr(3) gives them. */
export type Modes = Uint8Array<ArrayBuffer>;

/** Reads the modes of a terminal; undefined where the descriptor is none (any more). */
export function readModes(fd: number): Modes | undefined {
  const modes = new Uint8Array(TERMIOS_BYTES);
  return libc().tcgetattr(fd, modes) === 0 ? modes : undefined;
}

/** Sets the modes of a terminal, in the background too: where they are set is not where the program is. */
export function writeModes(fd: number, modes: Modes): void {
  withoutStop(() => libc().tcsetattr(fd, TCSANOW, modes));
}

/** The modes of a terminal after a program has changed those of another one from `before` to `after`. */
export function withChange(modes: Modes, before: Modes, after: Modes): Modes {
  const changed = modes.slice();
  const [target, old, now] = [viewOf(changed), viewOf(before), viewOf(after)];
  for (const [offset, mask] of FOLLOWED_FLAGS) {
    const bits = (old.getUint32(offset, true) ^ now.getUint32(offset, true)) & mask;
    const kept = target.getUint32(offset, true) & ~bits;
    target.setUint32(offset, (kept | (now.getUint32(offset, true) & bits)) >>> 0, true);
  }
  for (let at = CHARACTERS.from; at < CHARACTERS.to; at++) {
    if (before[at] !== after[at]) changed[at] = after[at] ?? 0;
  }
  return changed;
}

/**
 * The modes of a terminal that stands before another one with `modes`: of its output only what programs look at is kept, and
 * whoever holds its other side is told of changes (EXTPROC, see TIOCPKT in ioctl_tty(2)).
 */
export function modesInFront(modes: Modes): Modes {
  const front = modes.slice();
  const view = viewOf(front);
  view.setUint32(OUTPUT_FLAGS, view.getUint32(OUTPUT_FLAGS, true) & (OPOST | ONLCR), true);
  view.setUint32(LOCAL_FLAGS, view.getUint32(LOCAL_FLAGS, true) | EXTPROC, true);
  return front;
}

/** Whether a terminal writes every line feed as carriage return and line feed. */
export function addsReturns(modes: Modes): boolean {
  return (viewOf(modes).getUint32(OUTPUT_FLAGS, true) & (OPOST | ONLCR)) === (OPOST | ONLCR);
}

/** Whether a terminal gives its readers single keys, and not lines. */
export function givesKeys(modes: Modes): boolean {
  return (viewOf(modes).getUint32(LOCAL_FLAGS, true) & ICANON) === 0;
}

/** Gives a terminal the size of another one, and says whether it had a different one. */
export function copySize(from: number, to: number): boolean {
  const wanted = readSize(from);
  const size = readSize(to);
  if (wanted === undefined || size === undefined || wanted.every((byte, at) => byte === size[at])) return false;
  return libc().ioctl(to, TIOCSWINSZ, wanted) === 0;
}

/** Columns of a terminal; undefined where it does not tell them. */
export function columnsOf(fd: number): number | undefined {
  const size = readSize(fd);
  const columns = size === undefined ? 0 : viewOf(size).getUint16(2, true);
  return columns === 0 ? undefined : columns;
}

/** Does something with a terminal that would stop a program in the background (SIGTTOU). */
export function withoutStop<T>(action: () => T): T {
  const signals = new Uint8Array(SIGSET_BYTES);
  const before = new Uint8Array(SIGSET_BYTES);
  libc().sigemptyset(signals);
  libc().sigaddset(signals, signalNumber("SIGTTOU"));
  libc().sigprocmask(SIG_BLOCK, signals, before);
  try {
    return action();
  } finally {
    libc().sigprocmask(SIG_SETMASK, before, null);
  }
}

function readSize(fd: number): Uint8Array<ArrayBuffer> | undefined {
  const size = new Uint8Array(8);
  return libc().ioctl(fd, TIOCGWINSZ, size) === 0 ? size : undefined;
}

function viewOf(bytes: Uint8Array<ArrayBuffer>): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset);
}
