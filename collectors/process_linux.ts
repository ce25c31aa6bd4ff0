import { orGap } from "../lib/availability.ts";
import type { Environment, Reading, Target } from "../lib/contracts.ts";
import { FilePool } from "../lib/file_pool.ts";
import type { MetricName } from "../lib/metrics.ts";
import { parseDecimal } from "../lib/parse.ts";
import { parseProcIo, parseProcStatus } from "../lib/proc_files.ts";
import type { Exact } from "../lib/records.ts";
import { isDenied, isGone } from "../lib/root.ts";
import { type Ended, reap, type Reaped } from "../lib/wait.ts";
import type { CommandCollector, ProcessOptions } from "./command_collector.ts";
import type { Switches } from "./context_switches.ts";
import { ProcessEvents } from "./process_events.ts";
import { exactTotals } from "./process_exact.ts";
import { addTo, type Amounts, noAmounts } from "./process_ledger.ts";
import { ProcessTable } from "./process_table.ts";
import { PROCESS_COLUMNS, type ProcessValues, sumOfTree, TREE_COLUMNS, zeroTree } from "./process_values.ts";
import { ProcessTree, type TreeChange } from "./process_tree_linux.ts";
import type { TrackedProcess } from "./tracked_process.ts";

type ProcessEvent = NonNullable<Reading["events"]>[number];

interface Parts {
  readonly environment: Environment;
  readonly files: FilePool;
  readonly tree: ProcessTree;
  readonly table: ProcessTable;
  readonly events: ProcessEvents;
}

const NO_CHANGE: TreeChange = { started: [], ended: [] };

/** The process tree of the command, from /proc/<pid>, see proc(5). */
export class ProcessCollector implements CommandCollector {
  readonly name = "process";
  readonly metrics: readonly MetricName[] = TREE_COLUMNS;
  readonly sources = ["/proc/<pid>: stat, status, statm, io, smaps_rollup, fd", "clock_gettime(2)", "wait4(2)"];
  readonly series: readonly string[] = TREE_COLUMNS;
  readonly processColumns: readonly string[] = PROCESS_COLUMNS;
  readonly #options: ProcessOptions;
  #parts: Parts | undefined;
  #target: Target | undefined;
  // Start of the command, or of the watching, in clock ticks since boot.
  #originTicks: number | undefined;
  #peakBytes: number | undefined;
  #exits: ProcessEvent[] = [];
  #untold = NO_CHANGE;
  readonly #orphanSwitches: Switches = { voluntary: 0, involuntary: 0 };
  #orphanPeakBytes = 0;
  // resmon's own largest memory when it started the command, which the kernel takes over into the command's.
  #spawnPeakBytes = 0;
  #command: Reaped | undefined;
  #isIoKnown = false;
  #reportedDeniedIo = false;

  constructor(options: ProcessOptions) {
    this.#options = options;
  }

  /** The processes, as of the last reading. */
  get tree(): ProcessTree {
    return this.#opened.tree;
  }

  get living(): number {
    return livingOf(this.#opened.tree).length;
  }

  get isTargetAlive(): boolean {
    const process = this.#target === undefined ? undefined : this.#opened.tree.processes.get(this.#target.pid);
    return process !== undefined && !process.isZombie;
  }

  open(environment: Environment): void {
    const { root } = environment;
    const files = new FilePool(root, this.#options.maxOpenFiles);
    const adopter = this.#options.adopts ? Deno.pid : undefined;
    const tree = new ProcessTree({ root, files, cpu: environment, adopter, helpers: environment.tools.pids });
    this.#parts = {
      environment,
      files,
      tree,
      table: new ProcessTable(environment, tree),
      events: new ProcessEvents(root, (startTicks) => this.#elapsedOf(startTicks)),
    };
  }

  begin(target: Target): void {
    const { tree } = this.#opened;
    this.#target = target;
    if (this.#options.startsCommand) this.#spawnPeakBytes = this.#readOwnPeak();
    tree.begin(target.pid);
    const process = tree.processes.get(target.pid);
    // A command of a few milliseconds is never seen alive again.
    process?.readStatus();
    this.#peakBytes = process?.peakRssBytes;
    this.#originTicks = this.#options.startsCommand ? process?.startTime : this.#ticksSinceBoot();
  }

  collect(now: number): Reading {
    if (this.#target === undefined) return { values: zeroTree() };
    const { tree, table, events } = this.#opened;
    if (this.#options.startsCommand) this.reapOrphans();
    const { started, ended } = this.#update(now);
    const news = [...tree.processes.values()].filter(({ isNews }) => isNews);
    for (const process of news) this.#reportDeniedIo(process);
    const rows = table.read(now);
    for (const process of ended) table.retire(process);
    for (const process of news) this.#takeNote(process);
    return {
      values: this.#treeValues(rows),
      processes: new Map(Array.from(rows, ([{ id }, values]) => [id, values])),
      events: [...started.map((process) => events.start(process)), ...this.#changes(news, ended)],
    };
  }

  /**
   * Reaps orphans of the tree that have ended, so that they neither pile up as zombies nor take what they used with them.
   * The command itself is left alone. To be called when SIGCHLD comes; also where resmon did not ask for orphans, since as
   * the first process of a container it gets them anyway.
   */
  reapOrphans(): void {
    // Without a target the command would look like an orphan, and its status would be lost.
    if (this.#target === undefined) return;
    const { tree } = this.#opened;
    for (const pid of tree.childrenOf(Deno.pid)) {
      if (pid === this.#target.pid) continue;
      const process = tree.processes.get(pid);
      process?.readCounters();
      const io = process?.total ?? this.#readIo(pid);
      const reaped = reap(pid);
      if (reaped !== undefined) this.#accountOrphan(process, reaped, io);
    }
  }

  /** What the command used is from here on what the kernel says. */
  endCommand(ended: Ended | undefined, now: number): void {
    const command = ended?.usage === undefined ? undefined : { ...ended, usage: ended.usage };
    const { tree } = this.#opened;
    const process = this.#target === undefined ? undefined : tree.processes.get(this.#target.pid);
    this.#command = command;
    this.#isIoKnown = process?.io !== undefined;
    if (process !== undefined && command !== undefined) process.reaped = reapedAmounts(command, process.total);
    this.#untold = this.#update(now);
  }

  /** What has changed since the last reading, with what no reading has told yet. */
  #update(now: number): TreeChange {
    const { started, ended } = this.#opened.tree.update(now);
    const change = { started: [...this.#untold.started, ...started], ended: [...this.#untold.ended, ...ended] };
    this.#untold = NO_CHANGE;
    return change;
  }

  exact(): Exact {
    const { tree } = this.#opened;
    const running = noAmounts();
    for (const process of tree.processes.values()) addTo(running, process.total);
    const exact = exactTotals({
      command: this.#command,
      spawnPeakBytes: this.#spawnPeakBytes,
      reaped: tree.ledger.reaped,
      orphanSwitches: this.#orphanSwitches,
      orphanPeakBytes: this.#orphanPeakBytes,
      running,
      dropped: tree.ledger.dropped,
      io: this.#isIoKnown ? tree.totals() : undefined,
      sampledPeakBytes: this.#peakBytes,
    });
    if (exact.memory_peak_bytes === undefined) this.#reportUnknownPeak();
    return exact;
  }

  close(): void {
    this.#parts?.files.close();
  }

  get #opened(): Parts {
    if (this.#parts === undefined) throw new Error("Cannot read processes: the collector is not open");
    return this.#parts;
  }

  #takeNote(process: TrackedProcess): void {
    process.isNews = false;
    const peak = process.peakRssBytes;
    if (peak !== undefined) this.#peakBytes = Math.max(this.#peakBytes ?? 0, peak);
  }

  #treeValues(rows: ReadonlyMap<TrackedProcess, ProcessValues>): (number | null)[] {
    const { tree, table } = this.#opened;
    const totals = tree.totals();
    return sumOfTree({
      rows,
      totals,
      cpuSeconds: tree.cpuSeconds(totals),
      switches: table.switches(),
      peakBytes: this.#peakBytes ?? null,
    });
  }

  #changes(news: readonly TrackedProcess[], ended: readonly TrackedProcess[]): ProcessEvent[] {
    const { events } = this.#opened;
    const changes = [
      ...this.#exits,
      ...news.map((process) => events.change(process)),
      ...ended.map((process) => events.end(process, undefined)),
    ];
    this.#exits = [];
    return changes.filter((event) => event !== undefined);
  }

  #accountOrphan(process: TrackedProcess | undefined, reaped: Reaped, io: Amounts): void {
    const { tree, events } = this.#opened;
    const { usage, status } = reaped;
    const amounts = reapedAmounts(reaped, io);
    this.#orphanSwitches.voluntary += usage.voluntaryContextSwitches;
    this.#orphanSwitches.involuntary += usage.involuntaryContextSwitches;
    this.#orphanPeakBytes = Math.max(this.#orphanPeakBytes, usage.maxRssBytes);
    if (process === undefined) return tree.ledger.addReaped(amounts);
    process.reaped = amounts;
    const exit = events.end(process, status);
    if (exit !== undefined) this.#exits.push(exit);
  }

  // I/O of an orphan that ended before it was ever seen: readable as root only.
  #readIo(pid: number): Amounts {
    const amounts = noAmounts();
    try {
      const io = parseProcIo(this.#opened.environment.root.read(`/proc/${pid}/io`));
      amounts.set([0, 0, 0, 0, io.syscallReadBytes, io.syscallWriteBytes, io.storageReadBytes, io.storageWriteBytes]);
    } catch (error) {
      if (!isDenied(error) && !isGone(error)) throw error;
    }
    return amounts;
  }

  #reportDeniedIo(process: TrackedProcess): void {
    if (process.io !== undefined || process.isZombie || this.#reportedDeniedIo) return;
    this.#reportedDeniedIo = true;
    this.#opened.environment.report({
      state: "denied",
      metrics: PROCESS_COLUMNS.filter((name) => name.startsWith("storage_") || name.startsWith("syscall_")),
      reason: `/proc/${process.pid}/io of ${process.stat.name} may not be read: totals leave it out until it ends`,
      remedy: "run resmon as the user of the process, or as root",
    });
  }

  #reportUnknownPeak(): void {
    const mebibytes = Math.ceil(this.#spawnPeakBytes / 2 ** 20);
    this.#opened.environment.report({
      state: "unsupported",
      metrics: ["memory_peak_bytes"],
      reason:
        `The command ended before its memory could be read; the kernel tells only that it was below ${mebibytes} MiB`,
    });
  }

  // To be read after the start, so that it is no less than what the kernel took over.
  #readOwnPeak(): number {
    const { root } = this.#opened.environment;
    return orGap(() => parseProcStatus(root.read("/proc/self/status")).peakRssBytes) ?? 0;
  }

  #elapsedOf(startTicks: number): number | undefined {
    if (this.#originTicks === undefined) return undefined;
    return (startTicks - this.#originTicks) / this.#opened.environment.clockTicks;
  }

  #ticksSinceBoot(): number {
    const { root, clockTicks } = this.#opened.environment;
    return Math.round(parseDecimal(root.read("/proc/uptime").split(" ")[0], "uptime") * clockTicks);
  }
}

function livingOf(tree: ProcessTree): TrackedProcess[] {
  return [...tree.processes.values()].filter((process) => !process.isZombie);
}

// The kernel tells CPU time and faults of a reaped process, but its I/O only while it could still be read.
function reapedAmounts({ usage }: Reaped, io: Readonly<Amounts>): Amounts {
  const amounts = Float64Array.from(io);
  amounts.set([usage.userSeconds, usage.systemSeconds, usage.minorFaults, usage.majorFaults]);
  return amounts;
}
