import type { Environment } from "../lib/contracts.ts";
import { parseChildren, parseProcStatus } from "../lib/proc_files.ts";
import { isDenied, isGone, type Root } from "../lib/root.ts";

// Helpers are few and live long; finding them costs a read for each.
const SEARCH_SECONDS = 1;

/** What resmon's helpers cost: the tools that it runs and what they start, by /proc/<pid>/task/<tid>/children. */
export class HelperCost {
  readonly #environment: Pick<Environment, "root" | "tools" | "processCpuSeconds">;
  readonly #cpuSeconds = new Map<number, number>();
  #endedCpuSeconds = 0;
  #pids: readonly number[] = [];
  #searchedAt = -Infinity;

  constructor(environment: Pick<Environment, "root" | "tools" | "processCpuSeconds">) {
    this.#environment = environment;
  }

  /** CPU seconds of all of them so far, ended ones included; never falling. `now` is monotonic seconds. */
  cpuSeconds(now: number): number {
    const { processCpuSeconds } = this.#environment;
    if (processCpuSeconds === undefined) return 0;
    this.#search(now);
    let sum = this.#endedCpuSeconds;
    for (const pid of this.#pids) {
      const before = this.#cpuSeconds.get(pid) ?? 0;
      const seconds = Math.max(before, processCpuSeconds(pid) ?? before);
      this.#cpuSeconds.set(pid, seconds);
      sum += seconds;
    }
    return sum;
  }

  /** Resident bytes of those that were found last. */
  rssBytes(): number {
    const { root } = this.#environment;
    return this.#pids.reduce((sum, pid) => sum + (readRss(root, pid) ?? 0), 0);
  }

  #search(now: number): void {
    const { tools, root } = this.#environment;
    if (now - this.#searchedAt < SEARCH_SECONDS) return;
    this.#searchedAt = now;
    this.#pids = [...tools.pids].flatMap((pid) => withDescendants(root, pid));
    for (const [pid, seconds] of this.#cpuSeconds) {
      if (this.#pids.includes(pid)) continue;
      this.#endedCpuSeconds += seconds;
      this.#cpuSeconds.delete(pid);
    }
  }
}

function withDescendants(root: Root, pid: number): number[] {
  const children = orNothing(() => parseChildren(root.read(`/proc/${pid}/task/${pid}/children`))) ?? [];
  return [pid, ...children.flatMap((child) => withDescendants(root, child))];
}

function readRss(root: Root, pid: number): number | undefined {
  return orNothing(() => parseProcStatus(root.read(`/proc/${pid}/status`)).rssBytes);
}

/** The result of a read, undefined for a process that is gone. */
function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isGone(error) || isDenied(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
