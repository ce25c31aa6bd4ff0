import type { FilePool } from "../lib/file_pool.ts";
import { parseCount } from "../lib/parse.ts";
import { parseChildren, parseProcStat, type ProcStat } from "../lib/proc_files.ts";
import { isDenied, isGone, type Root } from "../lib/root.ts";
import { TOOL_MARK } from "../lib/tools.ts";
import { type Amounts, Ledger } from "./process_ledger.ts";
import { type CpuEnvironment, TrackedProcess } from "./tracked_process.ts";

// A pass that is not consistent after as many readings is taken as it is; the sums still never fall.
const MAX_READINGS = 4;

// Beyond as many threads, the children of all but the main one are found by the scan.
const MAX_THREADS_LISTED = 64;

// What the environment is looked at of: a process that was started for a resmon, by way of a shell, and not as a part of the
// program. Reading it of each that starts would cost too much.
const NAMES_OF_TOOLS: ReadonlySet<string> = new Set(["sh", "resmon", "deno"]);

// The scan of the whole of /proc takes at most one part in as many of the time.
const SCAN_SHARE = 200;
const SCAN_SECONDS = 10;
// A tree that begins under resmon's eyes is in the lists: a command of a moment is not kept waiting by a scan.
const FIRST_SCAN_SECONDS = 1;

/** What a tree is made of. */
export interface TreeOptions {
  readonly root: Root;
  readonly files: FilePool;
  readonly cpu: CpuEnvironment;
  /** The process whose orphaned descendants belong to the tree, if any: resmon itself, a subreaper. */
  readonly adopter: number | undefined;
  /** The pids of resmon's own helpers. */
  readonly helpers: ReadonlySet<number>;
}

/** What changed in one pass. */
export interface TreeChange {
  readonly started: readonly TrackedProcess[];
  readonly ended: readonly TrackedProcess[];
}

/**
 * The processes under one root, found by `/proc/<pid>/task/<tid>/children` and re-checked by a scan of parent ids. What they used
 * is summed by a {@linkcode Ledger}.
 */
export class ProcessTree {
  readonly processes = new Map<number, TrackedProcess>();
  readonly ledger = new Ledger();
  readonly #options: TreeOptions;
  readonly #unclear = new Set<number>();
  #nextId = 1;
  #cpuSeconds = 0;
  #rootPid: number | undefined;
  #lastPid = "";
  #quietPasses = 0;
  readonly #childrenListed: boolean;
  #scanAfter: number | undefined;
  #scanNeeded = false;
  // Gone, with parents that may not have been read since.
  #unsettled: TrackedProcess[] = [];
  // Kept until a pass is through: one that fails half way must not swallow them.
  #started: TrackedProcess[] = [];
  #ended: TrackedProcess[] = [];

  constructor(options: TreeOptions) {
    this.#options = options;
    this.#childrenListed = hasChildrenLists(options.root);
  }

  /** Takes the root process in, or nothing where it is gone already. */
  begin(pid: number): void {
    this.#rootPid = pid;
    this.#admit(pid, undefined);
  }

  /** Reads every process once more; after it the ledger's sum is of one consistent pass. */
  update(now: number): TreeChange {
    const discover = this.#shouldDiscover();
    for (let reading = 1;; reading++) {
      if (discover) this.#discoverAdopted();
      const vanished = this.#readAll(now, discover);
      this.#ended.push(...vanished);
      this.#unsettled.push(...vanished);
      // Those that vanished in this very reading may have left something to parents that were read before.
      const isConsistent = !vanished.some((process) => this.#parentMoved(process));
      if (isConsistent) this.#settle();
      if (isConsistent || reading === MAX_READINGS) break;
    }
    if (discover) this.#scanIfDue(now);
    // A pid that is free again may have been given away at once: then the last pid given is the same as before.
    if (this.#ended.length > 0) this.#quietPasses = 0;
    const [started, ended] = [this.#started, this.#ended];
    [this.#started, this.#ended] = [[], []];
    return { started, ended };
  }

  /** The conserved counters of the tree. */
  totals(): Amounts {
    return this.ledger.publish(this.processes.values());
  }

  /** CPU seconds of the tree, finer than the clock ticks in {@linkcode totals}; never falling. */
  cpuSeconds(totals: Readonly<Amounts>): number {
    let seconds = (totals[0] ?? 0) + (totals[1] ?? 0);
    for (const process of this.processes.values()) seconds += process.cpuFraction;
    this.#cpuSeconds = Math.max(this.#cpuSeconds, seconds);
    return this.#cpuSeconds;
  }

  /**
   * The children of a process outside the tree, resmon itself, as far as the kernel or the tree tells, without resmon's own
   * helpers, which the runtime waits for.
   */
  childrenOf(pid: number): number[] {
    if (this.#childrenListed) return this.#listChildren(pid, pid).filter((child) => !this.#options.helpers.has(child));
    return [...this.processes.values()].filter(({ stat }) => stat.ppid === pid).map((process) => process.pid);
  }

  /** Whether the tree has a member that the last pass did not find: readings since then are not of one tree. */
  hasNewcomer(): boolean {
    if (this.#readLastPid() === this.#lastPid) return false;
    return [...this.processes.values()].some(({ pid, isZombie }) =>
      !isZombie && this.#listChildren(pid, pid).some((child) => !this.processes.has(child))
    );
  }

  close(): void {
    for (const process of this.processes.values()) process.close();
  }

  // No new pid in this pid namespace since the last pass: nothing to look for. One pass more, because a child may have
  // changed its parent while the lists were read.
  #shouldDiscover(): boolean {
    const lastPid = this.#readLastPid();
    const isNew = lastPid === undefined || lastPid !== this.#lastPid;
    this.#lastPid = lastPid ?? "";
    this.#quietPasses = isNew ? 0 : this.#quietPasses + 1;
    if (isNew) this.#scanNeeded = true;
    return this.#quietPasses <= 1;
  }

  // The fifth field of /proc/loadavg is the pid that was given last, see proc_loadavg(5).
  #readLastPid(): string | undefined {
    try {
      return this.#options.files.read("/proc/loadavg").trim().split(" ")[4];
    } catch (error) {
      if (isGone(error) || isDenied(error)) return undefined;
      throw error;
    }
  }

  // Top down: a parent is read before its children, so that what passes from a child to its parent in between is missed for
  // a moment but never counted twice. Processes that are found on the way come at the end of the same loop.
  #readAll(now: number, discover: boolean): TrackedProcess[] {
    const vanished: TrackedProcess[] = [];
    for (const process of this.processes.values()) {
      const { name } = process.stat;
      // One that was seen between fork and exec turns out to be a tool.
      if (!process.refresh(now) || (process.stat.name !== name && this.#isTool(process.pid, process.stat) === true)) {
        vanished.push(process);
        this.#remove(process);
        continue;
      }
      process.parent = this.processes.get(process.stat.ppid);
      if (discover && !process.isZombie) this.#discoverChildren(process);
    }
    return vanished;
  }

  #remove(process: TrackedProcess): void {
    process.gone = true;
    process.close();
    this.processes.delete(process.pid);
  }

  #parentMoved(process: TrackedProcess): boolean {
    const parent = process.parent;
    if (parent === undefined || parent.gone || process.reaped !== undefined) return false;
    const before = parent.inherited;
    if (!parent.readCounters()) return true;
    return parent.inherited.some((value, index) => value !== before[index]);
  }

  #settle(): void {
    const gone = this.#unsettled.toSorted((a, b) => a.id - b.id);
    this.#unsettled = [];
    for (const process of this.processes.values()) process.settleIo();
    this.ledger.settle(gone, this.processes.values());
  }

  #discoverAdopted(): void {
    const { adopter } = this.#options;
    if (adopter === undefined) return;
    for (const pid of this.#listChildren(adopter, adopter)) this.#admit(pid, undefined);
  }

  #discoverChildren(process: TrackedProcess): void {
    for (const pid of this.#listChildren(process.pid, process.pid)) this.#admit(pid, process);
    if (process.stat.threads === 1) return;
    if (process.stat.threads > MAX_THREADS_LISTED) {
      this.#scanNeeded = true;
      return;
    }
    for (const name of this.#listThreads(process)) {
      const tid = parseCount(name, "thread id");
      if (tid === process.pid) continue;
      for (const pid of this.#listChildren(process.pid, tid)) this.#admit(pid, process);
    }
  }

  #listThreads(process: TrackedProcess): string[] {
    try {
      return this.#options.root.list(process.path("task"));
    } catch (error) {
      if (isGone(error)) return [];
      throw error;
    }
  }

  #listChildren(pid: number, tid: number): number[] {
    if (!this.#childrenListed) return [];
    const path = `/proc/${pid}/task/${tid}/children`;
    try {
      // Only the main threads' lists are read often enough to be kept open.
      return parseChildren(tid === pid ? this.#options.files.read(path) : this.#options.root.read(path));
    } catch (error) {
      if (isGone(error)) return [];
      throw error;
    }
  }

  #admit(pid: number, parent: TrackedProcess | undefined): void {
    if (this.processes.has(pid)) return;
    try {
      const stat = parseProcStat(this.#options.files.read(`/proc/${pid}/stat`));
      if (!this.#belongs(pid, stat.ppid) || this.#mayBeTool(pid, stat)) {
        return this.#options.files.release(`/proc/${pid}/stat`);
      }
      const process = new TrackedProcess(
        { pid, id: this.#nextId++, stat, parent: parent ?? this.processes.get(stat.ppid) },
        this.#options.files,
        this.#options.cpu,
      );
      this.processes.set(pid, process);
      this.#started.push(process);
      if (process.readCounters()) return;
      this.#remove(process);
      this.#ended.push(process);
    } catch (error) {
      this.#options.files.release(`/proc/${pid}/stat`);
      if (!isGone(error)) throw error;
    }
  }

  // Between the list and the reading, the pid may have become another process's.
  // resmon never counts: attached to the shell that started it, it is a child of the process that it watches.
  #belongs(pid: number, ppid: number): boolean {
    if (pid === this.#rootPid) return true;
    if (pid === Deno.pid || this.#options.helpers.has(pid)) return false;
    return ppid === this.#options.adopter || this.processes.has(ppid);
  }

  // What a helper leaves behind becomes resmon's child like an orphan of the command, and a program may have started a
  // resmon to monitor itself; the environment tells.
  #isTool(pid: number, { ppid, name }: ProcStat): boolean | undefined {
    if (pid === this.#rootPid || (ppid !== this.#options.adopter && !NAMES_OF_TOOLS.has(name))) return false;
    try {
      const environment = this.#options.root.read(`/proc/${pid}/environ`);
      return environment === "" ? undefined : environment.split("\0").includes(`${TOOL_MARK}=1`);
    } catch (error) {
      if (isGone(error) || isDenied(error)) return false;
      throw error;
    }
  }

  // In the midst of execve(2) the environment is empty. One that is so a second time has none, as one that has ended.
  #mayBeTool(pid: number, stat: ProcStat): boolean {
    const isTool = this.#isTool(pid, stat);
    if (isTool !== undefined || stat.state === "Z" || this.#unclear.delete(pid)) return isTool ?? false;
    this.#unclear.add(pid);
    return true;
  }

  // Children that the lists missed while they changed, and those of processes with very many threads.
  #scanIfDue(now: number): void {
    this.#scanAfter ??= this.#options.adopter === undefined ? now : now + FIRST_SCAN_SECONDS;
    if (!this.#scanNeeded || (this.#childrenListed && now < this.#scanAfter)) return;
    const start = performance.now();
    this.#scan();
    const seconds = (performance.now() - start) / 1000;
    this.#scanAfter = now + Math.max(SCAN_SECONDS, seconds * SCAN_SHARE);
    this.#scanNeeded = false;
  }

  #scan(): void {
    const parents = new Map<number, number>();
    for (const name of this.#options.root.list("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const pid = parseCount(name, "pid");
      const ppid = this.processes.has(pid) ? undefined : this.#readParent(pid);
      if (ppid !== undefined) parents.set(pid, ppid);
    }
    for (let found = true; found;) {
      const before = this.processes.size;
      for (const [pid, ppid] of parents) {
        if (this.#belongs(pid, ppid)) this.#admit(pid, undefined);
      }
      found = this.processes.size > before;
    }
  }

  #readParent(pid: number): number | undefined {
    try {
      return parseProcStat(this.#options.root.read(`/proc/${pid}/stat`)).ppid;
    } catch (error) {
      if (isGone(error) || isDenied(error)) return undefined;
      throw error;
    }
  }
}

// A kernel without CONFIG_PROC_CHILDREN has no lists of children: the scan finds them all.
function hasChildrenLists(root: Root): boolean {
  try {
    root.read("/proc/thread-self/children");
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}
