import type { Environment, TreeProcess } from "../lib/contracts.ts";
import type { FilePool } from "../lib/file_pool.ts";
import {
  parseProcIo,
  parseProcStat,
  parseProcStatus,
  type ProcIo,
  type ProcStat,
  type ProcStatus,
} from "../lib/proc_files.ts";
import { isDenied, isGone } from "../lib/root.ts";
import { maskHas } from "../lib/signals.ts";
import { type Account, type Amounts, FIRST_IO, noAmounts } from "./process_ledger.ts";

// So long a process that has not run may go without being read: only the memory that the kernel takes from it can have changed.
const REST_SECONDS = 0.9;

/** How CPU time is told on this machine. */
export type CpuEnvironment = Pick<Environment, "clockTicks" | "processCpuSeconds">;

/** How a tracked process is found and named. */
export interface Found {
  readonly pid: number;
  readonly id: number;
  readonly stat: ProcStat;
  readonly parent: TrackedProcess | undefined;
}

/** One process of the tree: its kept files in /proc, its last readings, and its account in the ledger. */
export class TrackedProcess implements TreeProcess, Account {
  readonly pid: number;
  readonly startTime: number;
  readonly id: number;
  stat: ProcStat;
  /** Undefined where it could not be read; a zombie's has no memory. */
  status: ProcStatus | undefined;
  /** Undefined where it may not be read. */
  io: ProcIo | undefined;
  parent: TrackedProcess | undefined;
  total: Amounts = noAmounts();
  inherited: Amounts = noAmounts();
  settledTotal: Amounts = noAmounts();
  settledInherited: Amounts = noAmounts();
  ignoresChildren = false;
  reaped: Amounts | undefined;
  gone = false;
  /** Whether it was read anew since somebody took note of that, and cleared it. */
  isNews = true;
  /** Largest resident memory seen, in bytes. */
  peakRssBytes: number | undefined;
  /** Whether the kernel shows us the fields that need ptrace access, the exit status among them. */
  readonly isPermitted: boolean;
  /** I/O that came, or may have come, from children which were waited for. */
  readonly #ioOfChildren = noAmounts();
  readonly #ownIo = noAmounts();
  readonly #files: FilePool;
  readonly #environment: CpuEnvironment;
  readonly #paths: Readonly<Record<"stat" | "io" | "status" | "children", string>>;
  #cpuSeconds = 0;
  // CPU seconds just before the last reading, and when that was; undefined where they are not told.
  #cpuSecondsBefore: number | undefined;
  #readAt = -Infinity;

  constructor(found: Found, files: FilePool, environment: CpuEnvironment) {
    this.pid = found.pid;
    this.id = found.id;
    this.startTime = found.stat.startTicks;
    this.stat = found.stat;
    this.parent = found.parent;
    this.isPermitted = found.stat.startStack !== 0;
    this.#files = files;
    this.#environment = environment;
    this.#paths = {
      stat: this.path("stat"),
      io: this.path("io"),
      status: this.path("status"),
      children: this.path(`task/${this.pid}/children`),
    };
  }

  get isZombie(): boolean {
    return this.stat.state === "Z" || this.stat.state === "X";
  }

  /** CPU seconds of its own, without its children's; never falling. */
  get cpuSeconds(): number {
    return this.#cpuSeconds;
  }

  /** What of its CPU seconds the clock ticks in `total` leave out, below two ticks. */
  get cpuFraction(): number {
    return Math.max(0, this.#cpuSeconds - this.#tickedCpuSeconds());
  }

  /** The path of one of its files. */
  path(name: string): string {
    return `/proc/${this.pid}/${name}`;
  }

  /** Reads its counters, unless it has not run since. False as of {@linkcode readCounters}. */
  refresh(now: number): boolean {
    const isRested = this.#cpuSecondsBefore !== undefined && now - this.#readAt < REST_SECONDS;
    // Another parent is the one thing that happens to a process which does not run.
    if (isRested && this.parent?.gone !== true && this.#readClock() === this.#cpuSecondsBefore) return true;
    this.#readAt = now;
    return this.readCounters();
  }

  /** Reads its counters. False, with the last readings left as they were, where the process is gone. */
  readCounters(): boolean {
    try {
      // First: what it uses from here on is seen as a change of the clock.
      const cpuSeconds = this.#readClock();
      const stat = parseProcStat(this.#files.read(this.#paths.stat));
      // A file that had to be opened again may belong to another process with the same pid.
      if (stat.startTicks !== this.startTime) return false;
      const io = this.#readIo();
      this.#account(stat, io);
      this.#cpuSecondsBefore = cpuSeconds;
      this.#cpuSeconds = Math.max(this.#cpuSeconds, cpuSeconds ?? this.#tickedCpuSeconds());
      this.isNews = true;
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }

  /** Reads what is not conserved: memory, swap, context switches. */
  readStatus(): void {
    try {
      const status = parseProcStatus(this.#files.read(this.#paths.status));
      this.status = status;
      this.ignoresChildren = maskHas(status.ignoredSignals, "SIGCHLD");
      const peak = status.peakRssBytes;
      if (peak !== undefined) this.peakRssBytes = Math.max(this.peakRssBytes ?? 0, peak);
    } catch (error) {
      if (!isGone(error) && !isDenied(error)) throw error;
      this.status = undefined;
    }
  }

  /**
   * To be called before the ledger is settled. Where the process has waited for children since the last time, nobody can tell
   * what of its new I/O was theirs: none of it is taken for its own.
   */
  settleIo(): void {
    if (!this.inherited.some((value, index) => value !== this.settledInherited[index])) return;
    for (const [index, own] of this.#ownIo.entries()) this.#ioOfChildren[index] = (this.total[index] ?? 0) - own;
  }

  /**
   * Its own I/O, in the order of the ledger: without what its children left it, and never falling. A lower bound, see
   * {@linkcode settleIo}.
   */
  ownIo(): Readonly<Amounts> | undefined {
    if (this.io === undefined) return undefined;
    for (const index of this.#ownIo.keys()) {
      const own = (this.total[index] ?? 0) - (this.#ioOfChildren[index] ?? 0);
      this.#ownIo[index] = Math.max(this.#ownIo[index] ?? 0, own);
    }
    return this.#ownIo;
  }

  /** Closes its files. */
  close(): void {
    for (const path of Object.values(this.#paths)) this.#files.release(path);
  }

  #readClock(): number | undefined {
    return this.#environment.processCpuSeconds?.(this.pid);
  }

  #tickedCpuSeconds(): number {
    return (this.stat.userTicks + this.stat.systemTicks) / this.#environment.clockTicks;
  }

  // A descriptor that was opened while the process lived still reads when it is a zombie; a new one would not.
  #readIo(): ProcIo | undefined {
    try {
      return parseProcIo(this.#files.read(this.#paths.io));
    } catch (error) {
      if (isDenied(error)) return undefined;
      throw error;
    }
  }

  #account(stat: ProcStat, io: ProcIo | undefined): void {
    this.stat = stat;
    this.inherited = Float64Array.of(
      stat.childUserTicks / this.#environment.clockTicks,
      stat.childSystemTicks / this.#environment.clockTicks,
      stat.childMinorFaults,
      stat.childMajorFaults,
      0,
      0,
      0,
      0,
    );
    const last = this.total;
    this.total = Float64Array.of(
      (stat.userTicks + stat.childUserTicks) / this.#environment.clockTicks,
      (stat.systemTicks + stat.childSystemTicks) / this.#environment.clockTicks,
      stat.minorFaults + stat.childMinorFaults,
      stat.majorFaults + stat.childMajorFaults,
      io?.syscallReadBytes ?? last[FIRST_IO] ?? 0,
      io?.syscallWriteBytes ?? last[FIRST_IO + 1] ?? 0,
      io?.storageReadBytes ?? last[FIRST_IO + 2] ?? 0,
      io?.storageWriteBytes ?? last[FIRST_IO + 3] ?? 0,
    );
    this.io = io ?? this.io;
  }
}
