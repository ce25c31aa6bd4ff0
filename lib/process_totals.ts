import type { ProcessSample } from "./frame.ts";
import { ProcessLife, Roles } from "./process_life.ts";
import { type Event, OTHERS } from "./records.ts";
import type { ProcessSummary } from "./summary.ts";

/** Rows of processes that a summary keeps at most. */
export const MAX_ROWS = 1000;

// How many ended processes beyond those are kept before the smallest are dropped together.
const SLACK = 200;

interface Process {
  readonly id: number;
  readonly pid: number;
  readonly parent?: number;
  readonly started?: number;
  name: string;
  command?: readonly string[];
  ended?: number;
  exit_code?: number;
  signal?: string;
  readonly life: ProcessLife;
}

/** Follows every process from its start to its end, and keeps the largest. */
export class ProcessTotals {
  readonly #live = new Map<number, Process>();
  readonly #leaving: Process[] = [];
  #ended: Process[] = [];
  readonly #roles = new Roles();
  #seen = 0;
  #endedCpuSeconds = 0;
  #hasRows = false;
  #hasOthers = false;

  /** Takes starts, execs and exits of processes. */
  event(event: Event): void {
    if (event.id === undefined) return;
    if (event.kind === "process_start") return this.#start(event.id, event);
    const process = this.#live.get(event.id);
    if (process === undefined) return;
    if (event.kind === "process_exec") Object.assign(process, imageOf(event));
    if (event.kind === "process_exit") this.#exit(process, event);
  }

  /** Takes the rows of one tick. An exit is told before the tick that brings the last row. */
  rows(samples: readonly ProcessSample[]): void {
    for (const { id, values } of samples) {
      this.#live.get(id)?.life.add(values);
      this.#hasRows ||= values.get("cpu_seconds_total") !== undefined;
      this.#hasOthers ||= id === OTHERS;
    }
    if (this.#leaving.length > 0) this.#settle();
  }

  /** Processes that were seen alive at least once. */
  get seen(): number {
    return this.#seen;
  }

  /** CPU seconds by the last row of each process; `undefined` without rows, or where some processes shared one. */
  get cpuSeconds(): number | undefined {
    if (!this.#hasRows || this.#hasOthers) return undefined;
    return [...this.#live.values()].reduce((sum, { life }) => sum + life.cpuSeconds, this.#endedCpuSeconds);
  }

  /** The largest processes, the largest CPU time first. */
  largest(): ProcessSummary[] {
    const largest = pickLargest([...this.#live.values(), ...this.#ended]);
    return largest.map(({ life, ...process }) => ({ ...process, values: life.result() }));
  }

  #start(id: number, event: Event): void {
    if (event.pid === undefined || id <= OTHERS || this.#live.has(id)) return;
    const started = event.attributes?.["started"];
    this.#seen++;
    this.#live.set(id, {
      id,
      pid: event.pid,
      // A parent was there first. What a damaged log tells otherwise could make a process its own ancestor.
      ...(event.parent === undefined || event.parent >= id ? {} : { parent: event.parent }),
      name: "",
      ...imageOf(event),
      ...(typeof started === "number" ? { started } : {}),
      life: new ProcessLife(this.#roles, typeof started === "number" && started < 0),
    });
  }

  #exit(process: Process, { elapsed, attributes }: Event): void {
    if (process.ended !== undefined) return;
    process.ended = elapsed;
    const { exit_code, signal } = attributes ?? {};
    if (typeof exit_code === "number") process.exit_code = exit_code;
    if (typeof signal === "string") process.signal = signal;
    this.#leaving.push(process);
  }

  #settle(): void {
    for (const process of this.#leaving) {
      this.#live.delete(process.id);
      this.#endedCpuSeconds += process.life.cpuSeconds;
      this.#ended.push(process);
    }
    this.#leaving.length = 0;
    if (this.#ended.length > MAX_ROWS + SLACK) this.#ended = pickLargest(this.#ended);
  }
}

function imageOf({ attributes }: Event): Partial<Pick<Process, "name" | "command">> {
  const { name, command } = attributes ?? {};
  return {
    ...(typeof name === "string" ? { name } : {}),
    ...(Array.isArray(command) ? { command } : {}),
  };
}

/** As many of the largest by CPU time as of the largest by memory, until there are enough; by CPU time. */
function pickLargest(processes: readonly Process[]): Process[] {
  const sized = processes.map((process) => {
    const { cpuSeconds, memoryBytes } = process.life;
    return { process, cpuSeconds, memoryBytes };
  });
  const byCpu = sized.toSorted((a, b) => {
    return b.cpuSeconds - a.cpuSeconds || b.memoryBytes - a.memoryBytes || a.process.id - b.process.id;
  });
  const byMemory = byCpu.toSorted((a, b) => b.memoryBytes - a.memoryBytes);
  const picked = new Set<typeof sized[number] | undefined>();
  const wanted = Math.min(MAX_ROWS, sized.length);
  for (let rank = 0; picked.size < wanted; rank++) picked.add(byCpu[rank]).add(byMemory[rank]);
  return byCpu.filter((each) => picked.has(each)).slice(0, MAX_ROWS).map(({ process }) => process);
}
