import { Child } from "../lib/child.ts";
import { DiskRoot } from "../lib/disk_root.ts";
import { FEWEST_FILES, FileLimit } from "../lib/file_limit.ts";
import type {
  CommandListener,
  Launcher,
  LaunchOptions,
  OutputListener,
  OutputName,
  WrappedCommand,
} from "../lib/launcher.ts";
import { OutputTee, ownOutputs } from "../lib/output_tee.ts";
import { FOREIGN_PROC, hasOwnProc, readArgumentBytes } from "../lib/own_process.ts";
import { decodeText, type Root } from "../lib/root.ts";
import { SignalListeners } from "../lib/signal_listeners.ts";
import { CommandError, OWN_FAILURE } from "./exit_status.ts";

/** Starts a command with everything as resmon got it, byte for byte. */
export class LinuxLauncher implements Launcher {
  readonly words: readonly string[];
  readonly #root = new DiskRoot();
  // The words that the runtime gives have lost the bytes that are not UTF-8.
  readonly #argv: readonly Uint8Array<ArrayBuffer>[];
  readonly #options: LaunchOptions;
  readonly #fileLimit = openFileLimit();
  readonly #signals = new SignalListeners(this.#root);

  /** Throws {@linkcode CommandError} where too few files may be open, or /proc tells of other processes. */
  constructor(command: readonly string[], options: LaunchOptions) {
    checkProc(this.#root, OWN_FAILURE);
    this.#argv = readArgumentBytes().slice(-command.length);
    this.words = this.#argv.map(decodeText);
    this.#options = options;
  }

  get keptFiles(): number {
    return this.#fileLimit.kept;
  }

  get outputs(): readonly OutputName[] {
    return ownOutputs().map(({ name }) => name);
  }

  launch(listener: CommandListener): Promise<WrappedCommand> {
    const { output } = listener;
    return Child.start({
      ...listener,
      ...this.#options,
      argv: this.#argv,
      root: this.#root,
      fileLimit: this.#fileLimit,
      signals: this.#signals,
      tee: output === undefined ? undefined : openTee(output),
    });
  }
}

/** Throws {@linkcode CommandError} where a pid in /proc is another process than the one that resmon means. */
export function checkProc(root: Root, exitCode: number): void {
  if (hasOwnProc(root)) return;
  throw new CommandError(`Cannot record processes: ${FOREIGN_PROC.reason}; ${FOREIGN_PROC.remedy}`, exitCode);
}

function openTee(listener: OutputListener): OutputTee {
  try {
    return new OutputTee(listener);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new CommandError(`${error.message}; run without --capture, --mark-pattern and --live`, OWN_FAILURE);
  }
}

function openFileLimit(): FileLimit {
  const limit = new FileLimit();
  if (limit.most >= FEWEST_FILES) return limit;
  const remedy = `resmon needs ${FEWEST_FILES}; raise the hard limit (ulimit -Hn)`;
  throw new CommandError(`Cannot run with at most ${limit.most} open files: ${remedy}`, OWN_FAILURE);
}
