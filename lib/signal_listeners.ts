import { libc } from "./ffi/libc.ts";
import { readIgnoredSignals } from "./own_process.ts";
import { IS_DEBUGGER_SIGNAL_BLOCKED } from "./python_launcher.ts";
import type { Root } from "./root.ts";
import { type SignalName, signalNumber, signalSet } from "./signals.ts";

const SIG_DFL = 0n;
const SIG_IGN = 1n;
const SIG_UNBLOCK = 1;
const SIGACTION_BYTES = 152;

// `deno run` starts to listen to SIGUSR1 500 ms after its start, to open a debugger that anyone on the machine can use.
const DEBUGGER_LISTENS_MS = 500;
const AHEAD_MS = 50;

type Listener = () => void;

/**
 * Listens to signals, but never to one that whoever started resmon ignores: `nohup resmon run -- x` must survive the hang-up,
 * and so must x.
 */
export class SignalListeners {
  /** The numbers of the signals that resmon was given ignored, without SIGCHLD. */
  readonly ignored: readonly number[];
  readonly #listeners = new Map<SignalName & Deno.Signal, Listener>();
  #isDebuggerSignalKept = false;

  /** To be made early: half a second after the start, `deno run` takes ignored signals over by itself. */
  constructor(root: Root) {
    const ignored = readIgnoredSignals(root);
    // A parent that ignores SIGCHLD hands that on, and the status of every child of ours would be lost.
    libc().signal(signalNumber("SIGCHLD"), SIG_DFL);
    this.ignored = ignored.filter((signal) => signal !== signalNumber("SIGCHLD"));
    // Begun before the command is started: it needs a thread of its own.
    if (IS_DEBUGGER_SIGNAL_BLOCKED) this.#takeDebuggerSignal();
  }

  /** Calls `listener` when the signal comes, unless it is ignored. */
  listen(signal: SignalName & Deno.Signal, listener: Listener): void {
    if (!this.ignored.includes(signalNumber(signal))) this.#add(signal, listener);
  }

  /** Ignores SIGUSR1 from the moment on from which `deno run` would open a debugger for it. */
  ignoreDebuggerSignal(): void {
    if (Deno.build.standalone || IS_DEBUGGER_SIGNAL_BLOCKED) return;
    // The runtime tells the kernel of a signal only once: where we were first, our ignoring it stays.
    if (!this.#listeners.has("SIGUSR1")) this.#add("SIGUSR1", () => undefined);
    const delay = Math.max(0, DEBUGGER_LISTENS_MS - AHEAD_MS - performance.now());
    // Without addEventListener() the program need not wait for it, see SystemClock.
    AbortSignal.timeout(delay).onabort = () => ignore(signalNumber("SIGUSR1"));
  }

  /** Stops listening: from here on these signals end resmon at once, busy or not. */
  close(): void {
    for (const [signal, listener] of this.#listeners) {
      Deno.removeSignalListener(signal, listener);
      // The runtime leaves its handler in place, which would swallow the signal.
      libc().signal(signalNumber(signal), SIG_DFL);
    }
    if (IS_DEBUGGER_SIGNAL_BLOCKED && this.#listeners.has("SIGUSR1")) {
      libc().sigprocmask(SIG_UNBLOCK, signalSet([signalNumber("SIGUSR1")]), null);
    }
    this.#listeners.clear();
    this.#ignoreAgain();
  }

  // Blocked, it waits in the kernel until somebody takes it, and no handler of the runtime ever runs.
  async #takeDebuggerSignal(): Promise<void> {
    const awaited = signalSet([signalNumber("SIGUSR1")]);
    for (;;) {
      const taken = await libc().sigwaitinfoBlocking(awaited, null);
      if (taken !== signalNumber("SIGUSR1")) continue;
      const listener = this.#listeners.get("SIGUSR1");
      // The command is about to start: the signal is for it.
      this.#isDebuggerSignalKept = listener === undefined;
      listener?.();
    }
  }

  #add(signal: SignalName & Deno.Signal, listener: Listener): void {
    Deno.addSignalListener(signal, listener);
    this.#listeners.set(signal, listener);
    // With its first listener the runtime takes SIGHUP, SIGINT and SIGTERM over as well, ignored or not.
    this.#ignoreAgain();
    if (signal === "SIGUSR1" && this.#isDebuggerSignalKept) queueMicrotask(listener);
  }

  #ignoreAgain(): void {
    for (const signal of this.ignored) ignore(signal);
  }
}

function ignore(signal: number): void {
  libc().signal(signal, SIG_IGN);
}

/** Stops this process as the signal (SIGTSTP, SIGTTIN, SIGTTOU) does by default, until it is continued. */
export function stopBy(signal: number): void {
  const byDefault = new Uint8Array(SIGACTION_BYTES);
  const listening = new Uint8Array(SIGACTION_BYTES);
  libc().sigaction(signal, byDefault, listening);
  libc().raise(signal);
  libc().sigaction(signal, listening, null);
}
