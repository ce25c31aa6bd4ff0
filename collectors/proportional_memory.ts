import type { Environment } from "../lib/contracts.ts";
import { parseProportionalMemory } from "../lib/proc_files.ts";
import { isDenied, isGone, type Root } from "../lib/root.ts";
import type { TrackedProcess } from "./tracked_process.ts";

// Reading walks the page tables and makes the process wait in mmap(2) and munmap(2) meanwhile: 4.4 ms per GiB were measured
// for small pages. One part in 50 of the time may go into it, and no process may wait longer than this at once.
const SHARE = 50;
const MAX_STALL_SECONDS = 0.1;
const TYPICAL_SECONDS_PER_BYTE = 0.005 / 2 ** 30;

/** Proportional memory (PSS) of the tree, from `/proc/<pid>/smaps_rollup` as often as its cost allows. */
export class ProportionalMemory {
  readonly #root: Root;
  readonly #report: Environment["report"];
  readonly #hasNewcomer: () => boolean;
  #dueAt = 0;
  #secondsPerByte = TYPICAL_SECONDS_PER_BYTE;
  #isOff = false;

  /** @param hasNewcomer Says whether a process has come since the processes were listed. */
  constructor({ root, report }: Environment, hasNewcomer: () => boolean) {
    this.#root = root;
    this.#report = report;
    this.#hasNewcomer = hasNewcomer;
  }

  /**
   * The PSS of each process in bytes by its id; undefined in a tick in which not every process was read, or the tree changed
   * meanwhile: shares of different numbers of processes must not be added.
   */
  read(processes: readonly TrackedProcess[], now: number): ReadonlyMap<number, number> | undefined {
    if (now < this.#dueAt || this.#isOff || !this.#isCheap(processes)) return undefined;
    const start = performance.now();
    const sizes = this.#readAll(processes);
    this.#dueAt = now + (performance.now() - start) / 1000 * SHARE;
    return sizes;
  }

  #isCheap(processes: readonly TrackedProcess[]): boolean {
    const large = processes.find(({ status }) => (status?.rssBytes ?? 0) * this.#secondsPerByte > MAX_STALL_SECONDS);
    if (large === undefined) return true;
    const limit = `${MAX_STALL_SECONDS * 1000} ms`;
    this.#report({
      state: "off",
      metrics: ["memory_pss_bytes"],
      reason: `Process ${large.pid} is so large that reading its smaps_rollup would stop it for more than ${limit}`,
    });
    return false;
  }

  #readAll(processes: readonly TrackedProcess[]): ReadonlyMap<number, number> | undefined {
    const sizes = new Map<number, number>();
    for (const process of processes) {
      const size = this.#readOne(process);
      if (size === undefined) return undefined;
      sizes.set(process.id, size);
    }
    return this.#hasNewcomer() ? undefined : sizes;
  }

  #readOne(process: TrackedProcess): number | undefined {
    const start = performance.now();
    try {
      const size = parseProportionalMemory(this.#root.read(process.path("smaps_rollup")));
      this.#learn(process, (performance.now() - start) / 1000);
      return size;
    } catch (error) {
      if (isDenied(error)) this.#deny(process);
      else if (!isGone(error)) throw error;
      return undefined;
    }
  }

  // The cost per byte differs by page size: of large processes the last one seen predicts the next reading.
  #learn(process: TrackedProcess, seconds: number): void {
    const bytes = process.status?.rssBytes ?? 0;
    if (bytes > 2 ** 28) this.#secondsPerByte = seconds / bytes;
  }

  #deny(process: TrackedProcess): void {
    this.#isOff = true;
    this.#report({
      state: "denied",
      metrics: ["memory_pss_bytes"],
      reason: `smaps_rollup of process ${process.pid} (${process.stat.name}) may not be read`,
      remedy: "run resmon as the user of the process, or as root",
    });
  }
}
