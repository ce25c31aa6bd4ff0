import { libc } from "./ffi/libc.ts";
import { signalName } from "./signals.ts";

const P_PID = 1;
const WNOHANG = 1;
const WSTOPPED = 2;
const WEXITED = 4;
const WCONTINUED = 8;
const WNOWAIT = 0x01000000;
const CLD_CONTINUED = 6;
const RUSAGE_BYTES = 144;
const SIGINFO_BYTES = 128;
const SI_CODE = 8;
const SI_PID = 16;
const SI_STATUS = 24;

/** How a process ended: by an exit code, or by the signal with this number of Linux, whatever the system. */
export type ExitStatus = { readonly code: number } | { readonly signal: number };

/** Spells a status for a record: `exit_code` or the name of the signal. */
export function describeStatus(status: ExitStatus): { exit_code: number } | { signal: string } {
  return "code" in status ? { exit_code: status.code } : { signal: signalName(status.signal) };
}

/** What the kernel accounts for a reaped process and the descendants that it waited for, see getrusage(2). */
export interface ResourceUsage {
  readonly userSeconds: number;
  readonly systemSeconds: number;
  /** Largest single process, in bytes; never below resmon's own peak at the spawn, which the command inherits. */
  readonly maxRssBytes: number;
  readonly minorFaults: number;
  readonly majorFaults: number;
  readonly voluntaryContextSwitches: number;
  readonly involuntaryContextSwitches: number;
}

/** How the command ended, and what the system accounts for it where it tells. */
export interface Ended {
  readonly status: ExitStatus;
  readonly usage?: ResourceUsage;
}

/** A process that was reaped. */
export interface Reaped extends Ended {
  readonly usage: ResourceUsage;
}

/** Reaps a child that has ended: wait4(2). Undefined while it has not, or where it is no child of ours. */
export function reap(pid: number): Reaped | undefined {
  const status = new Int32Array(1);
  const usage = new Uint8Array(RUSAGE_BYTES);
  if (libc().wait4(pid, new Uint8Array(status.buffer), WNOHANG, usage) !== pid) return undefined;
  return { status: decodeStatus(status[0] ?? 0), usage: decodeUsage(usage) };
}

/** Reads a raw wait status, as WIFEXITED and its like of wait(2) do. */
export function decodeStatus(raw: number): ExitStatus {
  const signal = raw & 0x7f;
  return signal === 0 ? { code: raw >> 8 & 0xff } : { signal };
}

/** Reads a struct rusage of a 64-bit Linux. */
export function decodeUsage(bytes: Uint8Array<ArrayBuffer>): ResourceUsage {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  function long(offset: number): number {
    return Number(view.getBigInt64(offset, true));
  }
  return {
    userSeconds: long(0) + long(8) / 1e6,
    systemSeconds: long(16) + long(24) / 1e6,
    maxRssBytes: long(32) * 1024,
    minorFaults: long(64),
    majorFaults: long(72),
    voluntaryContextSwitches: long(128),
    involuntaryContextSwitches: long(136),
  };
}

/** Takes the news of a child that stopped or went on since the last call: waitid(2). */
export function takeStopOrContinue(pid: number): { stopped: number } | "continued" | undefined {
  const info = new Uint8Array(SIGINFO_BYTES);
  if (libc().waitid(P_PID, pid, info, WSTOPPED | WCONTINUED | WNOHANG) !== 0) return undefined;
  const view = new DataView(info.buffer);
  if (view.getInt32(SI_PID, true) === 0) return undefined;
  return view.getInt32(SI_CODE, true) === CLD_CONTINUED ? "continued" : { stopped: view.getInt32(SI_STATUS, true) };
}

/** Says whether a child has ended and waits to be reaped; undefined where it is no child of ours. */
export function hasEnded(pid: number): boolean | undefined {
  const info = new Uint8Array(SIGINFO_BYTES);
  if (libc().waitid(P_PID, pid, info, WEXITED | WNOWAIT | WNOHANG) !== 0) return undefined;
  return new DataView(info.buffer).getInt32(SI_PID, true) === pid;
}

/**
 * Resolves when a child has ended, and leaves it a zombie that can still be read. True: it is one. False: the system says
 * that it is no child of ours (any more).
 */
export async function waitForEnd(pid: number): Promise<boolean> {
  for (;;) {
    // A signal may interrupt the call in the thread pool, whose errno cannot be read: ask again what is true. It is given
    // no buffer to fill: nothing would keep that from being collected while the call waits.
    await libc().waitidBlocking(P_PID, pid, null, WEXITED | WNOWAIT);
    const ended = hasEnded(pid);
    if (ended !== false) return ended === true;
  }
}

/**
 * Resolves when a process that is no child of ours has ended: poll(2) on a descriptor of pidfd_open(2). False where the
 * system (before Linux 5.3) cannot tell.
 */
export async function waitForForeignEnd(pid: number): Promise<boolean> {
  const SYS_PIDFD_OPEN = 434n;
  const POLLIN = 1;
  const descriptor = libc().pidfd_open(SYS_PIDFD_OPEN, pid, 0);
  if (descriptor < 0) return false;
  try {
    const poll = new Uint8Array(8);
    const view = new DataView(poll.buffer);
    view.setInt32(0, descriptor, true);
    view.setInt16(4, POLLIN, true);
    while (await libc().pollBlocking(poll, 1n, -1) !== 1);
    return true;
  } finally {
    libc().close(descriptor);
  }
}

/**
 * Starts the runtime's thread for blocking calls. Done before the command starts: one that uses up all processes would make
 * the first such call after it fail, and the runtime with it.
 */
export async function warmUpThreadPool(): Promise<void> {
  await libc().getpidBlocking();
}
