import type { TreeProcess } from "../lib/contracts.ts";

/** One row of a process table. */
export interface ProcessFacts {
  readonly pid: number;
  readonly ppid: number;
  /** Start time in Unix seconds, as fine as the system tells it: with the pid the identity. Undefined where it is secret. */
  readonly started: number | undefined;
  /** The name of the program's file. */
  readonly name: string;
  /** Whether it has ended and waits for its parent. */
  readonly isZombie: boolean;
  /** In the order of the source's columns; `null` is unknown. */
  readonly values: readonly (number | null)[];
}

/** Every process of the machine at one instant, in monotonic seconds. */
export interface Snapshot {
  readonly at: number;
  readonly processes: readonly ProcessFacts[];
}

/** A process of the tree with its last reading. */
export interface SampledProcess extends TreeProcess {
  facts: ProcessFacts;
  readonly parent: SampledProcess | undefined;
}

/** What changed between two snapshots. */
export interface SampledChange {
  readonly started: readonly SampledProcess[];
  readonly ended: readonly SampledProcess[];
  /** Those that run another program than before. */
  readonly changed: readonly SampledProcess[];
}

/**
 * The processes under one root as snapshots of the whole machine tell them. Who was once in the tree stays in it, whoever
 * becomes its parent; a child that both began and lost its parent between two snapshots is missed.
 */
export class SampledTree {
  readonly processes = new Map<number, SampledProcess>();
  readonly #isRoot: (facts: ProcessFacts) => boolean;
  #nextId = 1;

  /** @param isRoot Says which process is the root; nothing below other processes is looked at. */
  constructor(isRoot: (facts: ProcessFacts) => boolean) {
    this.#isRoot = isRoot;
  }

  /** Takes a snapshot. resmon and what it started never belong to the tree. */
  update({ processes }: Snapshot): SampledChange {
    const ended: SampledProcess[] = [];
    const changed: SampledProcess[] = [];
    const byPid = new Map(processes.map((facts) => [facts.pid, facts]));
    for (const process of this.processes.values()) {
      const facts = byPid.get(process.pid);
      if (facts === undefined || facts.started !== process.facts.started) {
        this.processes.delete(process.pid);
        ended.push(process);
        continue;
      }
      if (facts.name !== process.facts.name) changed.push(process);
      process.facts = facts;
    }
    return { started: this.#admitAll(processes), ended, changed };
  }

  #admitAll(processes: readonly ProcessFacts[]): SampledProcess[] {
    const started: SampledProcess[] = [];
    const children = Map.groupBy(processes, ({ ppid }) => ppid);
    const root = this.#nextId === 1 ? processes.find((facts) => this.#isRoot(facts)) : undefined;
    if (root !== undefined) started.push(this.#admit(root, undefined));
    // Newcomers are appended while the loop goes on, so that their children are looked for as well.
    for (const parent of this.processes.values()) {
      for (const facts of children.get(parent.pid) ?? []) {
        if (this.#belongs(facts, parent)) started.push(this.#admit(facts, parent));
      }
    }
    return started;
  }

  // Windows keeps telling the pid of a parent that has ended, and may have given it to somebody else since.
  #belongs(facts: ProcessFacts, parent: SampledProcess): boolean {
    return facts.pid !== Deno.pid && !this.processes.has(facts.pid) &&
      (facts.started ?? Infinity) >= (parent.facts.started ?? 0);
  }

  #admit(facts: ProcessFacts, parent: SampledProcess | undefined): SampledProcess {
    const process = { pid: facts.pid, startTime: facts.started ?? 0, id: this.#nextId++, facts, parent };
    this.processes.set(facts.pid, process);
    return process;
  }
}
