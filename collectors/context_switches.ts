import { parseThreadSwitches } from "../lib/proc_files.ts";
import { isGone, type Root } from "../lib/root.ts";
import type { TrackedProcess } from "./tracked_process.ts";

// Of the time, one part in as many may go into reading the threads of one process.
const SHARE = 100;

/** Context switches of one process or tree so far: a lower bound, since threads come and go between two readings. */
export interface Switches {
  voluntary: number;
  involuntary: number;
}

interface Threads {
  /** Of threads that have ended. */
  readonly ended: Switches;
  readonly live: Map<string, Switches>;
  dueAt: number;
}

/**
 * Counts context switches: `/proc/<pid>/status` tells those of the main thread only, so the `status` files of all threads
 * are read. The kernel does not hand the counts to the parent, so what was seen of ended processes is kept here.
 */
export class ContextSwitches {
  readonly #root: Root;
  readonly #ended: Switches = { voluntary: 0, involuntary: 0 };
  readonly #processes = new Map<number, Threads>();

  constructor(root: Root) {
    this.#root = root;
  }

  /** The switches of a process, whose `status` was just read. */
  read(process: TrackedProcess, now: number): Switches {
    const threads = this.#processes.get(process.id) ??
      { ended: { voluntary: 0, involuntary: 0 }, live: new Map<string, Switches>(), dueAt: 0 };
    this.#processes.set(process.id, threads);
    if (process.stat.threads > 1 || threads.live.size > 1) this.#readThreads(process, threads, now);
    else keepMainThread(process, threads);
    return sum(threads);
  }

  /** Keeps the last count of a process that ended. */
  retire(process: TrackedProcess): void {
    const threads = this.#processes.get(process.id);
    if (threads === undefined) return;
    add(this.#ended, sum(threads));
    this.#processes.delete(process.id);
  }

  /** The switches of the whole tree. */
  total(): Switches {
    const total = { ...this.#ended };
    for (const threads of this.#processes.values()) add(total, sum(threads));
    return total;
  }

  #readThreads(process: TrackedProcess, threads: Threads, now: number): void {
    if (now < threads.dueAt) return;
    const start = performance.now();
    const before = new Map(threads.live);
    threads.live.clear();
    for (const tid of this.#list(process)) {
      const switches = this.#readThread(process, tid) ?? before.get(tid);
      if (switches !== undefined) threads.live.set(tid, switches);
      before.delete(tid);
    }
    for (const switches of before.values()) add(threads.ended, switches);
    threads.dueAt = now + (performance.now() - start) / 1000 * SHARE;
  }

  #list(process: TrackedProcess): string[] {
    try {
      return this.#root.list(process.path("task"));
    } catch (error) {
      if (isGone(error)) return [];
      throw error;
    }
  }

  #readThread(process: TrackedProcess, tid: string): Switches | undefined {
    try {
      return parseThreadSwitches(this.#root.read(process.path(`task/${tid}/status`)));
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }
}

function keepMainThread(process: TrackedProcess, threads: Threads): void {
  const voluntary = process.status?.voluntarySwitches;
  const involuntary = process.status?.involuntarySwitches;
  if (voluntary !== undefined && involuntary !== undefined) {
    threads.live.set(String(process.pid), { voluntary, involuntary });
  }
}

function sum(threads: Threads): Switches {
  const total = { ...threads.ended };
  for (const switches of threads.live.values()) add(total, switches);
  return total;
}

function add(total: Switches, switches: Switches): void {
  total.voluntary += switches.voluntary;
  total.involuntary += switches.involuntary;
}
