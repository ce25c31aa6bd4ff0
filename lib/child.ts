import { libc } from "./ffi/libc.ts";
import type { FileLimit } from "./file_limit.ts";
import { isTerminalForeground } from "./own_process.ts";
import { isGone, type Root } from "./root.ts";
import type { SignalListeners } from "./signal_listeners.ts";
import { signalName, signalNumber } from "./signals.ts";
import { spawn } from "./spawn.ts";
import { reap, type Reaped, takeStopOrContinue, waitForEnd, warmUpThreadPool } from "./wait.ts";

const PR_SET_CHILD_SUBREAPER = 36;

const ALWAYS_FORWARDED = ["SIGTERM", "SIGUSR1", "SIGUSR2"] as const;
// In the foreground the terminal sends these to the command as well.
const FORWARDED_FROM_BACKGROUND = ["SIGINT", "SIGQUIT", "SIGHUP"] as const;
const JOB_CONTROL: readonly string[] = ["SIGTSTP", "SIGTTIN", "SIGTTOU"];

/** What a child tells while it lives, and how it is started. */
export interface ChildOptions {
  /** The program and its arguments, byte for byte. */
  readonly argv: readonly Uint8Array<ArrayBuffer>[];
  readonly root: Root;
  readonly fileLimit: FileLimit;
  readonly signals: SignalListeners;
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

  /** Starts the command. Throws SpawnError. */
  static async start(options: ChildOptions): Promise<Child> {
    await warmUpThreadPool();
    if (options.adopt) libc().prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n);
    return new Child(options);
  }

  private constructor(options: ChildOptions) {
    this.#options = options;
    options.signals.listen("SIGCHLD", () => this.#onChildSignal());
    for (const name of [...ALWAYS_FORWARDED, ...FORWARDED_FROM_BACKGROUND]) {
      options.signals.listen(name, () => this.#onSignal(name));
    }
    try {
      options.onSpawn();
      this.pid = options.fileLimit.withOriginal(() => spawn(options.argv, options.signals.ignored));
    } catch (error) {
      this.close();
      throw error;
    }
    this.ended = waitForEnd(this.pid);
    options.signals.ignoreDebuggerSignal();
  }

  /** Reaps the command after {@linkcode ended}; undefined where its status is lost. */
  reap(): Reaped | undefined {
    return reap(this.pid);
  }

  /** Stops listening to signals: from here on they end resmon at once, busy or not. */
  close(): void {
    this.#options.signals.close();
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
