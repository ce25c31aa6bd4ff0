import type { Environment } from "../lib/contracts.ts";
import { isDenied, isGone, type Root } from "../lib/root.ts";
import type { TrackedProcess } from "./tracked_process.ts";

/** Counts open descriptors: the size of `/proc/<pid>/fd` since Linux 6.2, its entries before, see proc_pid_fd(5). */
export class OpenFiles {
  readonly #root: Root;
  readonly #report: Environment["report"];
  #isReported = false;

  constructor(root: Root, report: Environment["report"]) {
    this.#root = root;
    this.#report = report;
  }

  /** Open descriptors of a process; null where they may not be read. */
  count(process: TrackedProcess): number | null {
    try {
      const path = process.path("fd");
      return this.#root.size(path) || this.#root.list(path).length;
    } catch (error) {
      if (isDenied(error)) this.#deny(process);
      else if (!isGone(error)) throw error;
      return null;
    }
  }

  #deny(process: TrackedProcess): void {
    if (this.#isReported) return;
    this.#isReported = true;
    this.#report({
      state: "denied",
      metrics: ["open_files"],
      reason: `/proc/${process.pid}/fd of ${process.stat.name} may not be read`,
      remedy: "run resmon as the user of the process, or as root",
    });
  }
}
