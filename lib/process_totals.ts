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
  started?: number;
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
  #ended: Sized[] = [];
  #smallest: Smallest | undefined;
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
    const { largest } = pickLargest([...Array.from(this.#live.values(), sizeOf), ...this.#ended]);
    return largest.map(({ process: { life, ...process } }) => ({ ...process, values: life.result() }));
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
    // It is told in clock ticks of 10 ms, which may put it behind the end.
    if (process.started !== undefined) process.started = Math.min(process.started, elapsed);
    const { exit_code, signal } = attributes ?? {};
    if (typeof exit_code === "number") process.exit_code = exit_code;
    if (typeof signal === "string") process.signal = signal;
    this.#leaving.push(process);
  }

  #settle(): void {
    for (const process of this.#leaving) {
      this.#live.delete(process.id);
      this.#endedCpuSeconds += process.life.cpuSeconds;
      const sized = sizeOf(process);
      if (this.#smallest === undefined || !isSmaller(sized, this.#smallest)) this.#ended.push(sized);
    }
    this.#leaving.length = 0;
    if (this.#ended.length > MAX_ROWS + SLACK) this.#pickEnded();
  }

  // From then on most processes of a long build are too small to be kept even for a moment.
  #pickEnded(): void {
    const { largest, smallest } = pickLargest(this.#ended);
    this.#ended = largest;
    this.#smallest = smallest;
  }
}

function imageOf({ attributes }: Event): Partial<Pick<Process, "name" | "command">> {
  const { name, command } = attributes ?? {};
  return {
    ...(typeof name === "string" ? { name } : {}),
    ...(Array.isArray(command) ? { command } : {}),
  };
}

/** A process and what makes it large. */
interface Sized {
  readonly process: Process;
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

/** The last ones that were large enough, by CPU time and by memory. */
interface Smallest {
  readonly byCpu: Sized;
  readonly byMemory: Sized;
}

function sizeOf(process: Process): Sized {
  const { cpuSeconds, memoryBytes } = process.life;
  return { process, cpuSeconds, memoryBytes };
}

function compareCpu(a: Sized, b: Sized): number {
  return b.cpuSeconds - a.cpuSeconds || b.memoryBytes - a.memoryBytes || a.process.id - b.process.id;
}

function isSmaller(process: Sized, { byCpu, byMemory }: Smallest): boolean {
  return compareCpu(process, byCpu) > 0 && process.memoryBytes <= byMemory.memoryBytes;
}

/** As many of the largest by CPU time as of the largest by memory, until there are enough; by CPU time. */
function pickLargest(
  processes: readonly Sized[],
): { readonly largest: Sized[]; readonly smallest: Smallest | undefined } {
  const byCpu = processes.toSorted(compareCpu);
  const byMemory = byCpu.toSorted((a, b) => b.memoryBytes - a.memoryBytes);
  const picked = new Set<Sized | undefined>();
  const wanted = Math.min(MAX_ROWS, processes.length);
  let rank = 0;
  for (; picked.size < wanted; rank++) picked.add(byCpu[rank]).add(byMemory[rank]);
  const [lastByCpu, lastByMemory] = [byCpu[rank - 1], byMemory[rank - 1]];
  const smallest = lastByCpu && lastByMemory && { byCpu: lastByCpu, byMemory: lastByMemory };
  return { largest: byCpu.filter((each) => picked.has(each)).slice(0, MAX_ROWS), smallest };
}
