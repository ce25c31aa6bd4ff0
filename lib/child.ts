import { libc } from "./ffi/libc.ts";
import type { FileLimit } from "./file_limit.ts";
import type { CommandListener, LaunchOptions, OutputName } from "./launcher.ts";
import type { OutputTee } from "./output_tee.ts";
import { readTerminalPlace, type TerminalPlace } from "./own_process.ts";
import { isGone, type Root } from "./root.ts";
import { type SignalListeners, stopBy } from "./signal_listeners.ts";
import { type SignalName, signalName, signalNumber } from "./signals.ts";
import { spawn } from "./spawn.ts";
import { reap, type Reaped, takeStopOrContinue, waitForEnd, warmUpThreadPool } from "./wait.ts";

const PR_SET_CHILD_SUBREAPER = 36;

const ALWAYS_FORWARDED = ["SIGTERM", "SIGUSR1", "SIGUSR2"] as const;
// In the foreground the terminal sends these to the command as well.
const FORWARDED_FROM_BACKGROUND = ["SIGINT", "SIGQUIT", "SIGHUP"] as const;
const JOB_CONTROL: readonly string[] = ["SIGTSTP", "SIGTTIN", "SIGTTOU"];

/** What a child tells while it lives, and how it is started. */
export interface ChildOptions extends CommandListener, LaunchOptions {
  /** The program and its arguments, byte for byte. */
  readonly argv: readonly Uint8Array<ArrayBuffer>[];
  readonly root: Root;
  readonly fileLimit: FileLimit;
  readonly signals: SignalListeners;
  /** What the command's output passes through, where that is asked for. */
  readonly tee: OutputTee | undefined;
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
  readonly #placeAtStart: TerminalPlace;
  #isAskedToStop = false;

  /** Starts the command. Throws SpawnError. */
  static async start(options: ChildOptions): Promise<Child> {
    // The threads that wait for the command's output are busy by now: this is one more.
    await warmUpThreadPool();
    if (options.adopt) libc().prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n);
    return new Child(options);
  }

  private constructor(options: ChildOptions) {
    this.#options = options;
    this.#placeAtStart = this.#place();
    options.signals.listen("SIGCHLD", () => this.#onChildSignal());
    for (const name of [...ALWAYS_FORWARDED, ...FORWARDED_FROM_BACKGROUND]) {
      options.signals.listen(name, () => this.#onSignal(name));
    }
    options.signals.listen("SIGTSTP", () => this.#onTerminalStop("SIGTSTP"));
    if (options.tee !== undefined) this.#listenForTee(options.tee);
    try {
      const { within = (start) => start(), tee } = options;
      const how = { ignored: options.signals.ignored, redirects: tee?.redirects ?? [] };
      this.pid = within(() => {
        options.onSpawn();
        return options.fileLimit.withOriginal(() => spawn(options.argv, how));
      });
    } catch (error) {
      this.close();
      throw error;
    }
    options.tee?.closeCommandEnds();
    this.ended = waitForEnd(this.pid);
    options.signals.ignoreDebuggerSignal();
  }

  /** Reaps the command after {@linkcode ended}; undefined where its status is lost. */
  reap(): Reaped | undefined {
    return reap(this.pid);
  }

  /** See {@linkcode WrappedCommand.finishOutput}. */
  async finishOutput(): Promise<readonly OutputName[]> {
    return await this.#options.tee?.finish() ?? [];
  }

  /** Stops listening to signals: from here on they end resmon at once, busy or not. */
  close(): void {
    this.#options.signals.close();
  }

  #onSignal(name: (typeof ALWAYS_FORWARDED | typeof FORWARDED_FROM_BACKGROUND)[number]): void {
    const always = ALWAYS_FORWARDED.some((signal) => signal === name);
    const forwarded = this.#options.forward && (always || !this.#hasTerminalSentToBoth(name));
    if (forwarded) libc().kill(this.pid, signalNumber(name));
    this.#options.onSignal(name, forwarded);
  }

  // Who reads from the terminal in the background is stopped with its whole group at once: resmon, which would be stopped as well,
  // first passes on what was written before, such as the question that is to be answered.
  #listenForTee(tee: OutputTee): void {
    const { signals } = this.#options;
    signals.listen("SIGWINCH", () => tee.followSize());
    for (const name of ["SIGTTIN", "SIGTTOU"] as const) signals.listen(name, () => this.#onTerminalStop(name));
  }

  #place(): TerminalPlace {
    return readTerminalPlace(this.#options.root);
  }

  // A hang-up takes the terminal away before it is told; shells then tell whole groups, those in the background too.
  #hasTerminalSentToBoth(name: string): boolean {
    const place = this.#place();
    return place === "foreground" || (name === "SIGHUP" && place === "none" && this.#placeAtStart !== "none");
  }

  // Ctrl-Z reaches the command too, and whether it stops is its own affair: an editor first puts the terminal in order.
  #onTerminalStop(name: SignalName): void {
    this.#isAskedToStop = true;
    // It may have stopped before this signal was told: then that is news already.
    this.#onChildSignal();
    // Or it was told and not followed, because in the background nobody had asked for it.
    if (!this.#isAskedToStop || !this.#isStopped()) return;
    this.#isAskedToStop = false;
    this.#stopBy(signalNumber(name));
  }

  #onChildSignal(): void {
    for (;;) {
      const news = takeStopOrContinue(this.pid);
      if (news === undefined) break;
      if (news === "continued") this.#options.onContinue();
      else this.#onStop(news.stopped);
    }
    this.#options.onChildSignal();
  }

  // A command that stops would leave the shell waiting for resmon: it follows, by the same signal. Where the command goes on by
  // now, it would be one stop too many; in the background, unless resmon was asked too, nobody would continue it.
  #onStop(signal: number): void {
    const name = signalName(signal);
    this.#options.onStop(name);
    if (!JOB_CONTROL.includes(name) || !this.#isStopped()) return;
    if (!this.#isAskedToStop && this.#place() !== "foreground") return;
    this.#isAskedToStop = false;
    this.#stopBy(signal);
  }

  // An editor that is suspended has put the terminal in order before it stopped.
  #stopBy(signal: number): void {
    this.#options.tee?.pump();
    stopBy(signal);
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
