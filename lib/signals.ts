/** Signals of Linux on x86_64 and arm64, see signal(7). */

const NAMES = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGILL",
  "SIGTRAP",
  "SIGABRT",
  "SIGBUS",
  "SIGFPE",
  "SIGKILL",
  "SIGUSR1",
  "SIGSEGV",
  "SIGUSR2",
  "SIGPIPE",
  "SIGALRM",
  "SIGTERM",
  "SIGSTKFLT",
  "SIGCHLD",
  "SIGCONT",
  "SIGSTOP",
  "SIGTSTP",
  "SIGTTIN",
  "SIGTTOU",
  "SIGURG",
  "SIGXCPU",
  "SIGXFSZ",
  "SIGVTALRM",
  "SIGPROF",
  "SIGWINCH",
  "SIGIO",
  "SIGPWR",
  "SIGSYS",
] as const;

// 32 and 33 belong to glibc's threads, so the first real-time signal that programs see is 34.
const SIGRTMIN = 34;
const SIGRTMAX = 64;

/** A signal by its name in signal(7); real-time signals have none. */
export type SignalName = (typeof NAMES)[number];

/** Says whether a text is the name of a signal of {@linkcode SignalName}. */
export function isSignalName(name: string | null): name is SignalName {
  return NAMES.some((known) => known === name);
}

/** The number of a signal. */
export function signalNumber(name: SignalName): number {
  return NAMES.indexOf(name) + 1;
}

/** The name of a signal by its number: `SIGKILL`, `SIGRTMIN+3`, `SIG32`. */
export function signalName(number: number): string {
  const name = NAMES[number - 1];
  if (name !== undefined) return name;
  if (number < SIGRTMIN || number > SIGRTMAX) return `SIG${number}`;
  return number === SIGRTMIN ? "SIGRTMIN" : `SIGRTMIN+${number - SIGRTMIN}`;
}

/** Says whether a signal mask of proc_pid_status(5) (`SigIgn`, `SigBlk`) holds the signal. */
export function maskHas(mask: bigint, name: SignalName): boolean {
  return (mask >> BigInt(signalNumber(name) - 1) & 1n) === 1n;
}

/** The numbers of all signals in a signal mask of proc_pid_status(5). */
export function signalsOfMask(mask: bigint): number[] {
  const all = Array.from({ length: SIGRTMAX }, (_, index) => index + 1);
  return all.filter((number) => (mask >> BigInt(number - 1) & 1n) === 1n);
}

const SIGSET_BYTES = 128;

/** A sigset_t that holds these signals, see sigsetops(3). */
export function signalSet(numbers: readonly number[]): Uint8Array<ArrayBuffer> {
  const set = new Uint8Array(SIGSET_BYTES);
  for (const bit of numbers.map((number) => number - 1)) set[bit >> 3] = (set[bit >> 3] ?? 0) | 1 << (bit & 7);
  return set;
}
