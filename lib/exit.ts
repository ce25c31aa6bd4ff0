import { libc } from "./ffi/libc.ts";
import { PLATFORM } from "./platform.ts";
import { isSignalName, signalName } from "./signals.ts";
import type { ExitStatus } from "./wait.ts";

const PR_SET_DUMPABLE = 4;
const SIG_DFL = 0n;
const SIG_UNBLOCK = 1;
const SIGSET_BYTES = 128;
const DELIVERY_MICROSECONDS = 200_000;

/**
 * Ends resmon as the command ended: with its exit code, or by the same signal, so that the caller sees what it would have seen
 * without resmon. As PID 1, which no signal of its own can kill, the exit code is 128 + signal.
 */
export function exitLike(status: ExitStatus): never {
  if ("code" in status) Deno.exit(status.code);
  if (PLATFORM === "linux") killOneself(status.signal);
  else killPortably(status.signal);
  Deno.exit(128 + status.signal);
}

function killOneself(signal: number): void {
  // resmon's own core would overwrite the command's.
  libc().prctl(PR_SET_DUMPABLE, 0n, 0n, 0n, 0n);
  libc().signal(signal, SIG_DFL);
  const set = new Uint8Array(SIGSET_BYTES);
  libc().sigemptyset(set);
  libc().sigaddset(set, signal);
  libc().sigprocmask(SIG_UNBLOCK, set, null);
  libc().kill(libc().getpid(), signal);
  // Another thread may be the one that takes the signal.
  libc().usleep(DELIVERY_MICROSECONDS);
}

// The runtime keeps some signals to itself, SIGSEGV and SIGPIPE: then the exit code has to say it.
function killPortably(signal: number): void {
  const name = signalName(signal);
  if (isSignalName(name) && name !== "SIGSTKFLT" && name !== "SIGPWR") Deno.kill(Deno.pid, name);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, DELIVERY_MICROSECONDS / 1000);
}
