import type { Ended } from "./wait.ts";

/** An output of the command; `output` where stdout and stderr are the same thing, such as one terminal. */
export type OutputName = "stdout" | "stderr" | "output";

/** Takes what the command writes, which then passes through resmon. */
export interface OutputListener {
  /** Whether only what goes to a terminal passes through resmon. */
  readonly onlyTerminals: boolean;
  /** Called with all bytes, directly before they are passed on. Must not throw. */
  readonly onBytes: (output: OutputName, bytes: Uint8Array<ArrayBuffer>) => void;
  /** Called once where an output takes no more, and not because its reader has gone. */
  readonly onFailure: (output: OutputName, reason: string) => void;
}

/** What a wrapped command tells while it lives. */
export interface CommandListener {
  /** Called directly before the command is started. */
  readonly onSpawn: () => void;
  /** Does the start where the command is to live, such as in a control group. */
  readonly within?: (start: () => number) => number;
  /** Some child of resmon ended, stopped or went on: orphans may wait to be reaped. */
  readonly onChildSignal: () => void;
  readonly onStop: (signal: string) => void;
  readonly onContinue: () => void;
  /** A signal reached resmon; `forwarded` says whether it was passed on. */
  readonly onSignal: (signal: string, forwarded: boolean) => void;
  /** Absent: the command has resmon's own stdout and stderr. */
  readonly output?: OutputListener;
}

/** A command that was started. */
export interface WrappedCommand {
  readonly pid: number;
  /** Resolves when the command has ended; false where its status is lost. */
  readonly ended: Promise<boolean>;
  /** How it ended, after {@linkcode ended}; undefined where its status is lost. */
  reap(): Ended | undefined;
  /**
   * Waits until everything that the command has written is passed on, after {@linkcode ended}. Gives the outputs that something
   * still holds open: what it writes from now on is lost.
   */
  finishOutput(): Promise<readonly OutputName[]>;
  /** Stops listening to signals: from here on they end resmon at once, busy or not. */
  close(): void;
}

/** Starts the command of `run` as the system can. It is made before anything else of the run. */
export interface Launcher {
  /** The program and its arguments as they are told to the user. */
  readonly words: readonly string[];
  /** Descriptors that resmon may keep open beside those that it needs for itself. */
  readonly keptFiles: number;
  /** The outputs that the command has. */
  readonly outputs: readonly OutputName[];
  /** Starts the command. Throws SpawnError. */
  launch(listener: CommandListener): Promise<WrappedCommand>;
}

/** How a command is started. */
export interface LaunchOptions {
  /** Whether orphaned descendants become children of resmon (PR_SET_CHILD_SUBREAPER) and stay in the tree, on Linux. */
  readonly adopt: boolean;
  /** Whether signals sent to resmon are passed on. */
  readonly forward: boolean;
}
