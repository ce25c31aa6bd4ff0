import type { Collector } from "../lib/contracts.ts";
import type { Exact } from "../lib/records.ts";
import type { Ended } from "../lib/wait.ts";

/** How the tree is bounded. */
export interface ProcessOptions {
  /** Whether resmon started the command, and reaps what becomes its child: `run`, and not `attach`. */
  readonly startsCommand: boolean;
  /** Whether orphans stay in the tree: not with `--no-adopt`. */
  readonly adopts: boolean;
  /** Descriptors that may be kept open. */
  readonly maxOpenFiles: number;
}

/** The collector of the command's processes, with what `run` and `attach` ask of it. */
export interface CommandCollector extends Collector {
  /** Processes that are alive, zombies not counted, as of the last reading. */
  readonly living: number;
  /** Whether the watched process itself is alive and no zombie, as of the last reading. */
  readonly isTargetAlive: boolean;
  /** Reaps orphans of the tree that have ended, where resmon is their parent. To be called when a child of resmon ended. */
  reapOrphans(): void;
  /**
   * Takes note that the command has ended and was reaped.
   *
   * @param ended Undefined where its status is lost.
   * @param now Monotonic seconds.
   */
  endCommand(ended: Ended | undefined, now: number): void;
  /** What the system accounts exactly for the tree, after the last reading. */
  exact(): Exact;
}
