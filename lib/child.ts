import { libc } from "./ffi/libc.ts";
import type { FileLimit } from "./file_limit.ts";
import { isTerminalForeground, readIgnoredSignals } from "./own_process.ts";
import { isGone, type Root } from "./root.ts";
import { type SignalName, signalName, signalNumber } from "./signals.ts";
import { spawn } from "./spawn.ts";
import { reap, type Reaped, takeStopOrContinue, waitForEnd, warmUpThreadPool } from "./wait.ts";

const SIG_DFL = 0n;
const SIG_IGN = 1n;
const PR_SET_CHILD_SUBREAPER = 36;

const ALWAYS_FORWARDED = ["SIGTERM", "SIGUSR1", "SIGUSR2"] as const;
// In the foreground the terminal sends these to the command as well.
const FORWARDED_FROM_BACKGROUND = ["SIGINT", "SIGQUIT", "SIGHUP"] as const;
const JOB_CONTROL: readonly string[] = ["SIGTSTP", "SIGTTIN", "SIGTTOU"];

// `deno run` begins to listen to SIGUSR1 500 ms after its start, to open a debugger that anyone on the machine can use.
const DEBUGGER_LISTENS_MS = 600;

/** What a child tells while it lives, and how it is started. */
export interface ChildOptions {
  /** The program and its arguments, byte for byte. */
  readonly argv: readonly Uint8Array<ArrayBuffer>[];
  readonly root: Root;
  readonly fileLimit: FileLimit;
  /** Whether orphaned descendants become children of resmon (PR_SET_CHILD_SUBREAPER) and stay in the tree. */
  readonly adopt: boolean;
  /** Whether signals sent to resmon are passed on. */
  readonly forward: boolean;
  /** Called directly before the command is started. */
  readonly onSpawn: () => void;
  /** Some child of resmon ended, stopped or went on: orphans may wait to be reaped. */
  readonly onChildSignal: () => void;
  readonly onStop: (signal: string) => void;
  readonly onContinue: () => void;
  /** A signal reached resmon; `forwarded` says whether it was passed on. */
  readonly onSignal: (signal: string, forwarded: boolean) => void;
}

/**
 * The wrapped command: in resmon's process group, with the terminal, descriptors and signals as resmon got them. It does not
 * depend on resmon: when resmon dies, it runs on.
 */
export class Child {
  readonly pid: number;
  /** Resolves when the command has ended and is a zombie that can still be read; false where its status is lost. */
  readonly ended: Promise<boolean>;
  readonly #options: ChildOptions;
  readonly #listeners = new Map<SignalName & Deno.Signal, () => void>();

  /** Starts the command. Throws SpawnError. */
  static async start(options: ChildOptions): Promise<Child> {
    await warmUpThreadPool();
    const ignored = readIgnoredSignals(options.root);
    // A parent that ignores SIGCHLD hands that on, and the status of every child of ours would be lost.
    libc().signal(signalNumber("SIGCHLD"), SIG_DFL);
    if (options.adopt) libc().prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n);
    return new Child(options, ignored);
  }

  private constructor(options: ChildOptions, ignored: (name: SignalName) => boolean) {
    this.#options = options;
    this.#listen("SIGCHLD", () => this.#onChildSignal());
    for (const name of [...ALWAYS_FORWARDED, ...FORWARDED_FROM_BACKGROUND]) {
      // A signal that was ignored stays so: `nohup resmon run -- x` must survive the hang-up, and so must x.
      if (!ignored(name)) this.#listen(name, () => this.#onSignal(name));
    }
    try {
      options.onSpawn();
      this.pid = options.fileLimit.withOriginal(() => spawn(options.argv));
    } catch (error) {
      this.close();
      throw error;
    }
    this.ended = waitForEnd(this.pid);
    if (!Deno.build.standalone) ignoreDebuggerSignal();
  }

  /** Reaps the command after {@linkcode ended}; undefined where its status is lost. */
  reap(): Reaped | undefined {
    return reap(this.pid);
  }

  /** Stops listening to signals: from here on they end resmon at once, busy or not. */
  close(): void {
    for (const [signal, listener] of this.#listeners) {
      Deno.removeSignalListener(signal, listener);
      // The runtime leaves its handler in place, which would swallow the signal.
      libc().signal(signalNumber(signal), SIG_DFL);
    }
    this.#listeners.clear();
  }

  #listen(signal: SignalName & Deno.Signal, listener: () => void): void {
    Deno.addSignalListener(signal, listener);
    this.#listeners.set(signal, listener);
  }

  #onSignal(name: (typeof ALWAYS_FORWARDED | typeof FORWARDED_FROM_BACKGROUND)[number]): void {
    const always = ALWAYS_FORWARDED.some((signal) => signal === name);
    const forwarded = this.#options.forward && (always || !isTerminalForeground(this.#options.root));
    if (forwarded) libc().kill(this.pid, signalNumber(name));
    this.#options.onSignal(name, forwarded);
  }

  #onChildSignal(): void {
    for (;;) {
      const news = takeStopOrContinue(this.pid);
      if (news === undefined) break;
      if (news === "continued") this.#options.onContinue();
      else this.#onStop(signalName(news.stopped));
    }
    this.#options.onChildSignal();
  }

  // A command that suspends itself (an editor) would leave the shell waiting for resmon. After Ctrl-Z the terminal has
  // already stopped both; by then the command goes on, and a second stop would be one too many.
  #onStop(signal: string): void {
    this.#options.onStop(signal);
    if (!JOB_CONTROL.includes(signal) || !this.#isStopped() || !isTerminalForeground(this.#options.root)) return;
    libc().kill(libc().getpid(), signalNumber("SIGSTOP"));
  }

  #isStopped(): boolean {
    try {
      const stat = this.#options.root.read(`/proc/${this.pid}/stat`);
      return stat.startsWith("T", stat.lastIndexOf(")") + 2);
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }
}

function ignoreDebuggerSignal(): void {
  const delay = Math.max(0, DEBUGGER_LISTENS_MS - performance.now());
  const timer = setTimeout(() => libc().signal(signalNumber("SIGUSR1"), SIG_IGN), delay);
  Deno.unrefTimer(timer);
}
