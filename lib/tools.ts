/**
 * Programs of the platform that resmon reads (`tegrastats`, `nvidia-smi`, …) and helpers of its own, as a part of the machine:
 * real ones (`SystemTools`) or those of a fixture (`ArchiveTools`).
 */
export interface Tools {
  /** The path of a program in PATH or in one of `folders`; undefined where there is none. */
  find(name: string, folders?: readonly string[]): string | undefined;
  /**
   * Starts a program that prints lines for as long as it is wanted, in a session of its own, with `LC_ALL=C` and without
   * input. It ends with resmon, however that ends. Throws {@linkcode ToolError} where it cannot be started.
   */
  start(words: readonly string[], handlers: ToolHandlers): RunningTool;
  /**
   * Runs a program to its end and gives what it printed on stdout. Rejects with {@linkcode ToolError} where it cannot be
   * started, fails, or takes longer than `seconds`.
   */
  run(words: readonly string[], seconds: number): Promise<string>;
  /** The pids of everything that runs: never a part of the command's tree, and a part of resmon's own cost. */
  readonly pids: ReadonlySet<number>;
}

/** Who listens to a tool. */
export interface ToolHandlers {
  /** A whole line of stdout, without its end; bytes that are not UTF-8 are U+FFFD. */
  line(text: string): void;
  /** It has ended by itself, or was ended for flooding: why, as a part of a sentence. Called once, not after `close`. */
  end(reason: string): void;
}

/** A tool that runs. */
export interface RunningTool {
  /** Kills it. Resolves once it is gone, or never where the kernel cannot kill it. */
  close(): Promise<void>;
}

/** A tool that cannot be started, failed or took too long: `Cannot run tegrastats: exit status 1 (permission denied)`. */
export class ToolError extends Error {
  override readonly name = "ToolError";
  /** Why, as a part of a sentence. */
  readonly reason: string;

  constructor(program: string, reason: string) {
    super(`Cannot run ${program}: ${reason}`);
    this.reason = reason;
  }
}

/** In the environment of every tool, and so of all that it starts: how the process tree tells them from the command's. */
export const TOOL_MARK = "RESMON_TOOL";
