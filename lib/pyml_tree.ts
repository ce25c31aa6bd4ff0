import { CpuSeconds } from "./cpu_seconds.ts";
import type { ImportedEvent, ImportedTick } from "./imported_run.ts";
import type { ProcessRow } from "./records.ts";

/** What one process told of itself and its children at one instant. */
export interface Sample {
  /** The pid of who tells. */
  readonly tracker: number;
  /** Unix seconds. */
  readonly time: number;
  readonly processes: ReadonlyMap<number, Usage>;
}

/** Percent of a core, and bytes of the machine's and of the GPUs' memory. */
export interface Usage {
  readonly cpu?: number;
  readonly memory?: number;
  readonly gpu?: number;
}

/** What a process is. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number | undefined;
  /** Unix seconds. */
  readonly started: number | undefined;
  readonly command: readonly string[];
}

interface Process extends ProcessInfo {
  /** From 1, parents before their children. */
  readonly id: number;
  readonly cpu: CpuSeconds;
  seconds: number;
  memory: number | undefined;
  gpu: number | undefined;
  state: "unseen" | "alive" | "ended";
}

/** The processes of one machine, put together from what several of them told of themselves and of their children. */
export class PymlTree {
  /** Starts and ends of the processes so far. */
  readonly events: ImportedEvent[] = [];
  readonly #processes: Map<number, Process>;
  /** Who tells of a process: itself, or else the first who did. */
  readonly #owners = new Map<number, number>();
  readonly #lastTimes: ReadonlyMap<number, number>;
  readonly #started: number;
  readonly #until: number;

  /** @param samples All of them, in the order of their times. */
  constructor(samples: readonly Sample[], infos: readonly ProcessInfo[]) {
    this.#started = samples[0]?.time ?? 0;
    this.#until = samples.at(-1)?.time ?? 0;
    this.#lastTimes = new Map(samples.map(({ tracker, time }) => [tracker, time]));
    for (const { tracker } of samples) this.#owners.set(tracker, tracker);
    const sorted = infos.toSorted((a, b) => (a.started ?? 0) - (b.started ?? 0));
    this.#processes = new Map(sorted.map((info, at) => [info.pid, createProcess(info, at + 1)]));
  }

  /** The command of the first process, where it is known. */
  get command(): readonly string[] | undefined {
    return [...this.#processes.values()].find(({ command }) => command.length > 0)?.command;
  }

  /** What was known of all processes together when a sample came, and the rows of those that it tells. */
  tick({ tracker, time, processes }: Sample): ImportedTick {
    const rows: ProcessRow[] = [];
    for (const [pid, usage] of processes) {
      if (this.#ownerOf(pid, tracker) === tracker) rows.push(this.#update(this.#of(pid), usage, time));
    }
    // When the recording ends, that says nothing of the processes.
    const isLast = time === this.#lastTimes.get(tracker) && time < this.#until;
    const leaving = [...this.#processes.values()].filter((process) =>
      process.state === "alive" && this.#owners.get(process.pid) === tracker && (isLast || !processes.has(process.pid))
    );
    for (const process of leaving) if (!processes.has(process.pid)) this.#end(process, time);
    const values = this.#totals();
    for (const process of leaving) if (process.state === "alive") this.#end(process, time);
    return { time, values, processes: rows };
  }

  #ownerOf(pid: number, tracker: number): number {
    const owner = this.#owners.get(pid) ?? tracker;
    this.#owners.set(pid, owner);
    return owner;
  }

  #of(pid: number): Process {
    const known = this.#processes.get(pid);
    if (known !== undefined) return known;
    const info = { pid, parent: undefined, started: undefined, command: [] };
    const process = createProcess(info, this.#processes.size + 1);
    this.#processes.set(pid, process);
    return process;
  }

  #update(process: Process, { cpu, memory, gpu }: Usage, time: number): ProcessRow {
    // What it used is counted from when it was first seen.
    const known = process.state === "unseen" ? 0 : cpu;
    if (process.state !== "alive") this.#start(process, time);
    if (known !== undefined) process.seconds = process.cpu.next(time, known);
    process.memory = memory;
    process.gpu = gpu;
    return [process.id, known === undefined ? null : process.seconds, memory ?? null, gpu ?? null];
  }

  #start(process: Process, time: number): void {
    const { id, pid, parent, started, command, state } = process;
    process.state = "alive";
    // It was away for a while.
    if (state === "ended") return;
    const parentId = this.#processes.get(parent ?? NaN)?.id;
    const [program = ""] = command;
    this.events.push({
      kind: "process_start",
      time,
      pid,
      id,
      ...(parentId !== undefined && parentId < id && { parent: parentId }),
      attributes: {
        name: program.slice(program.lastIndexOf("/") + 1),
        ...(command.length > 0 && { command }),
        ...(started !== undefined && { started: started - this.#started }),
      },
    });
  }

  #end(process: Process, time: number): void {
    process.state = "ended";
    this.events.push({ kind: "process_exit", time, pid: process.pid, id: process.id });
  }

  #totals(): (number | null)[] {
    const all = [...this.#processes.values()];
    const alive = all.filter(({ state }) => state === "alive");
    const seconds = all.reduce((sum, process) => sum + process.seconds, 0);
    return [
      seconds,
      sumOf(alive.map(({ memory }) => memory)),
      sumOf(alive.map(({ gpu }) => gpu)),
      alive.length,
    ];
  }
}

function createProcess(info: ProcessInfo, id: number): Process {
  return { ...info, id, cpu: new CpuSeconds(), seconds: 0, memory: undefined, gpu: undefined, state: "unseen" };
}

/** The sum of what is known; null where nothing is. */
function sumOf(values: readonly (number | undefined)[]): number | null {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}
