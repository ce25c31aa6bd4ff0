import type { Reading } from "../lib/contracts.ts";
import { parseCommandLine } from "../lib/proc_files.ts";
import { isDenied, isGone, type Root } from "../lib/root.ts";
import { decodeStatus, describeStatus, type ExitStatus } from "../lib/wait.ts";
import type { TrackedProcess } from "./tracked_process.ts";

type ProcessEvent = NonNullable<Reading["events"]>[number];

// Longer command lines are cut in the log; every argument is cut at the same length.
const MAX_ARGUMENTS = 100;
const MAX_ARGUMENT_LENGTH = 1000;

interface Image {
  readonly name: string;
  readonly startStack: number;
}

/** Tells starts, execs and exits of processes as events. */
export class ProcessEvents {
  readonly #root: Root;
  readonly #elapsedOf: (startTicks: number) => number | undefined;
  // What each live process runs: another name or stack tells an exec.
  readonly #images = new Map<number, Image>();

  /** @param elapsedOf Elapsed of a start time in clock ticks since boot. */
  constructor(root: Root, elapsedOf: (startTicks: number) => number | undefined) {
    this.#root = root;
    this.#elapsedOf = elapsedOf;
  }

  start(process: TrackedProcess): ProcessEvent {
    this.#images.set(process.id, imageOf(process));
    const started = this.#elapsedOf(process.startTime);
    return {
      kind: "process_start",
      pid: process.pid,
      id: process.id,
      ...(process.parent === undefined ? {} : { parent: process.parent.id }),
      attributes: { ...this.#describe(process), ...(started === undefined ? {} : { started }) },
    };
  }

  /** The exec or the exit that the last reading showed, if any. */
  change(process: TrackedProcess): ProcessEvent | undefined {
    if (!this.#images.has(process.id)) return undefined;
    return process.isZombie ? this.end(process, exitStatusOf(process)) : this.#exec(process);
  }

  /** The exit, unless it was told already. */
  end(process: TrackedProcess, status: ExitStatus | undefined): ProcessEvent | undefined {
    if (!this.#images.delete(process.id)) return undefined;
    return {
      kind: "process_exit",
      pid: process.pid,
      id: process.id,
      ...(status === undefined ? {} : { attributes: describeStatus(status) }),
    };
  }

  #exec(process: TrackedProcess): ProcessEvent | undefined {
    const before = this.#images.get(process.id);
    const now = imageOf(process);
    if (before?.name === now.name && before.startStack === now.startStack) return undefined;
    this.#images.set(process.id, now);
    return { kind: "process_exec", pid: process.pid, id: process.id, attributes: this.#describe(process) };
  }

  #describe(process: TrackedProcess): { name: string; command?: readonly string[] } {
    const command = this.#readCommand(process);
    return { name: process.stat.name, ...(command.length === 0 ? {} : { command }) };
  }

  #readCommand(process: TrackedProcess): string[] {
    try {
      const words = parseCommandLine(this.#root.read(process.path("cmdline")));
      return words.slice(0, MAX_ARGUMENTS).map((word) => word.slice(0, MAX_ARGUMENT_LENGTH));
    } catch (error) {
      if (isGone(error) || isDenied(error)) return [];
      throw error;
    }
  }
}

function imageOf(process: TrackedProcess): Image {
  return { name: process.stat.name, startStack: process.stat.startStack };
}

// The kernel shows 0 instead of the status to those who may not trace the process.
function exitStatusOf(process: TrackedProcess): ExitStatus | undefined {
  const raw = process.stat.exitStatus;
  return raw === undefined || !process.isPermitted ? undefined : decodeStatus(raw);
}
