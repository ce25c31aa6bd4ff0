import { type Environment, type Reading, type Target, Unavailable } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import type { Exact } from "../lib/records.ts";
import { describeStatus, type Ended, type ExitStatus } from "../lib/wait.ts";
import type { CommandCollector } from "./command_collector.ts";
import { PROCESS_COLUMNS } from "./process_values.ts";
import { type ProcessFacts, type SampledProcess, SampledTree, type Snapshot } from "./sampled_tree.ts";
import { SampledTotals } from "./sampled_totals.ts";

/** Where tables of all processes come from, in the background. */
export interface ProcessSource {
  readonly sources: readonly string[];
  /** The columns of a process's values. */
  readonly columns: readonly MetricName[];
  /** Why the other columns of processes are not there. */
  readonly lack: string;
  /** Starts reading. `onSnapshot` gets each table. Throws Unavailable, also by rejecting. */
  open(environment: Environment, onSnapshot: (snapshot: Snapshot) => void): void | Promise<void>;
  /** Reads a table as soon as possible. */
  hurry(): void;
  /** Whether there is a table that is not stale. Throws Unavailable once there will be none, and Error where it is too old. */
  check(now: number): boolean;
  close(): void | Promise<void>;
}

type ProcessEvent = NonNullable<Reading["events"]>[number];

/**
 * The process tree of the command where the system shows it by tables of all processes only. What happens between two tables
 * is not seen: short processes are missing, and CPU time after the last table as well.
 */
export class SampledProcessCollector implements CommandCollector {
  readonly name = "process";
  readonly metrics: readonly MetricName[];
  readonly series: readonly MetricName[];
  readonly processColumns: readonly MetricName[];
  readonly tree: SampledTree;
  readonly #source: ProcessSource;
  readonly #startsCommand: boolean;
  readonly #totals: SampledTotals;
  #environment: Environment | undefined;
  #target: Target | undefined;
  // The last table before there was a target: what is attached to is in it.
  #early: Snapshot | undefined;
  #reading: Reading | undefined;
  #events: ProcessEvent[] = [];
  #ownCpuSeconds: number | undefined;
  // Monotonic seconds; a table of before says nothing of who is alive.
  #beganAt = Infinity;
  #endedAt = -Infinity;
  #isLost = false;

  constructor(source: ProcessSource, { startsCommand }: { readonly startsCommand: boolean }) {
    this.#source = source;
    this.#startsCommand = startsCommand;
    this.processColumns = source.columns;
    this.metrics = this.series = [...source.columns, "processes"];
    this.#totals = new SampledTotals(source.columns);
    this.tree = new SampledTree((facts) => this.#isTarget(facts));
  }

  get sources(): readonly string[] {
    return this.#source.sources;
  }

  /** CPU seconds of resmon and the tools that it runs, as of the last table. */
  get ownCpuSeconds(): number | undefined {
    return this.#ownCpuSeconds;
  }

  get living(): number {
    if (this.#isLost) return 0;
    const isKnown = (this.#reading?.at ?? -Infinity) > Math.max(this.#beganAt, this.#endedAt);
    return isKnown ? this.#livingProcesses().length : 1;
  }

  get isTargetAlive(): boolean {
    if (this.#isLost) return false;
    const isKnown = (this.#reading?.at ?? -Infinity) > this.#beganAt;
    return !isKnown || this.#livingProcesses().some(({ pid }) => pid === this.#target?.pid);
  }

  async open(environment: Environment): Promise<void> {
    this.#environment = environment;
    await this.#source.open(environment, (snapshot) => this.#take(snapshot));
    environment.report({
      state: "unsupported",
      metrics: PROCESS_COLUMNS.filter((name) => !this.#source.columns.includes(name)),
      reason: this.#source.lack,
    });
  }

  begin(target: Target): void {
    this.#target = target;
    if (!this.#startsCommand && this.#early !== undefined) this.#update(this.#early);
    this.#early = undefined;
    this.#beganAt = performance.now() / 1000;
    this.#source.hurry();
  }

  collect(now: number): Reading {
    if (this.#target === undefined) {
      return { values: this.#startsCommand ? this.#totals.zero() : this.#totals.unknown() };
    }
    const isFresh = this.#check(now);
    const events = this.#events;
    this.#events = [];
    if (this.#reading === undefined || !isFresh) return { values: this.#totals.unknown(), events };
    return { ...this.#reading, events };
  }

  /** Nothing becomes a child of resmon. */
  reapOrphans(): void {}

  endCommand(ended: Ended | undefined, now: number): void {
    this.#endedAt = now;
    this.#source.hurry();
    const process = this.#target === undefined ? undefined : this.tree.processes.get(this.#target.pid);
    if (process !== undefined) this.#events.push(exitEvent(process, ended?.status));
  }

  /** Nothing: neither system hands out accounts of children to who waits for them by the runtime. */
  exact(): Exact {
    return { sources: {} };
  }

  close(): void | Promise<void> {
    return this.#source.close();
  }

  #check(now: number): boolean {
    try {
      return this.#source.check(now);
    } catch (error) {
      this.#isLost = error instanceof Unavailable;
      throw error;
    }
  }

  #isTarget({ pid, ppid }: ProcessFacts): boolean {
    return pid === this.#target?.pid && (!this.#startsCommand || ppid === Deno.pid);
  }

  #livingProcesses(): SampledProcess[] {
    return [...this.tree.processes.values()].filter(({ facts }) => !facts.isZombie);
  }

  #take(snapshot: Snapshot): void {
    this.#ownCpuSeconds = this.#sumOwn(snapshot);
    if (this.#target === undefined) this.#early = snapshot;
    else if (snapshot.at >= this.#beganAt) this.#update(snapshot);
  }

  #update(snapshot: Snapshot): void {
    const { started, ended, changed } = this.tree.update(snapshot);
    for (const { facts } of ended) this.#totals.retire(facts.values);
    this.#events.push(
      ...started.map(startEvent),
      ...changed.map(execEvent),
      ...ended.filter(({ pid }) => !this.#isEndTold(pid)).map((process) => exitEvent(process, undefined)),
    );
    const processes = [...this.tree.processes.values()];
    this.#reading = {
      values: this.#totals.sum(processes.map(({ facts }) => facts)),
      processes: new Map(processes.map(({ id, facts }) => [id, facts.values])),
      at: snapshot.at,
    };
  }

  #isEndTold(pid: number): boolean {
    return pid === this.#target?.pid && this.#endedAt > -Infinity;
  }

  #sumOwn({ processes }: Snapshot): number {
    const column = this.#source.columns.indexOf("cpu_seconds_total");
    const tools = this.#environment?.tools.pids ?? new Set();
    const own = processes.filter(({ pid }) => pid === Deno.pid || tools.has(pid));
    return own.reduce((sum, { values }) => sum + (values[column] ?? 0), 0);
  }
}

function startEvent({ pid, id, parent, facts }: SampledProcess): ProcessEvent {
  return {
    kind: "process_start",
    pid,
    id,
    ...(parent === undefined ? {} : { parent: parent.id }),
    attributes: { name: facts.name },
  };
}

function execEvent({ pid, id, facts }: SampledProcess): ProcessEvent {
  return { kind: "process_exec", pid, id, attributes: { name: facts.name } };
}

function exitEvent({ pid, id }: SampledProcess, status: ExitStatus | undefined): ProcessEvent {
  return {
    kind: "process_exit",
    pid,
    id,
    ...(status === undefined ? {} : { attributes: describeStatus(status) }),
  };
}
