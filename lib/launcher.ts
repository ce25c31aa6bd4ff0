import type { Ended } from "./wait.ts";

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
}

/** A command that was started. */
export interface WrappedCommand {
  readonly pid: number;
  /** Resolves when the command has ended; false where its status is lost. */
  readonly ended: Promise<boolean>;
  /** How it ended, after {@linkcode ended}; undefined where its status is lost. */
  reap(): Ended | undefined;
  /** Stops listening to signals: from here on they end resmon at once, busy or not. */
  close(): void;
}

/** Starts the command of `run` as the system can. It is made before anything else of the run. */
export interface Launcher {
  /** The program and its arguments as they are told to the user. */
  readonly words: readonly string[];
  /** Descriptors that resmon may keep open beside those that it needs for itself. */
  readonly keptFiles: number;
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
