import type { ProcessSample } from "./frame.ts";
import { describeMetric, isMetricName, type Metric } from "./metrics.ts";
import { type Event, OTHERS } from "./records.ts";
import type { Samples } from "./samples.ts";
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
  /** Its counters at its first row, where it is older than the run; else empty. */
  before: Record<string, number>;
  readonly values: Record<string, number>;
}

/** Follows every process from its start to its end, and keeps the largest. */
export class ProcessTotals {
  readonly #live = new Map<number, Process>();
  readonly #leaving: Process[] = [];
  #ended: Process[] = [];
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
      const process = this.#live.get(id);
      if (process !== undefined) addRow(process, values);
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
    return [...this.#live.values()].reduce((sum, process) => sum + cpuOf(process), this.#endedCpuSeconds);
  }

  /** The largest processes, the largest CPU time first. */
  largest(): ProcessSummary[] {
    const largest = pickLargest([...this.#live.values(), ...this.#ended]);
    return largest.map(({ before: _, values, ...process }) => ({ ...process, values }));
  }

  #start(id: number, event: Event): void {
    if (event.pid === undefined || this.#live.has(id)) return;
    const started = event.attributes?.["started"];
    this.#seen++;
    this.#live.set(id, {
      id,
      pid: event.pid,
      ...(event.parent === undefined ? {} : { parent: event.parent }),
      name: "",
      ...imageOf(event),
      ...(typeof started === "number" ? { started } : {}),
      before: {},
      values: {},
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
      this.#endedCpuSeconds += cpuOf(process);
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

/** Keeps the increase of a counter and the largest of a gauge; rates say nothing about a whole life. */
function addRow(process: Process, values: Samples): void {
  for (const [name, value] of values) {
    const { kind, rateOf }: Partial<Metric> = isMetricName(name) ? describeMetric(name) : {};
    if (rateOf !== undefined) continue;
    if (kind === "gauge") {
      process.values[name] = Math.max(process.values[name] ?? value, value);
      continue;
    }
    if (process.values[name] === undefined && (process.started ?? 0) < 0) process.before[name] = value;
    process.values[name] = Math.round((value - (process.before[name] ?? 0)) * 1e6) / 1e6;
  }
}

function cpuOf(process: Process): number {
  return process.values["cpu_seconds_total"] ?? 0;
}

function memoryOf({ values }: Process): number {
  return values["memory_rss_bytes"] ?? 0;
}

/** As many of the largest by CPU time as of the largest by memory, until there are enough; by CPU time. */
function pickLargest(processes: readonly Process[]): Process[] {
  const byCpu = processes.toSorted((a, b) => cpuOf(b) - cpuOf(a) || memoryOf(b) - memoryOf(a) || a.id - b.id);
  if (processes.length <= MAX_ROWS) return byCpu;
  const byMemory = byCpu.toSorted((a, b) => memoryOf(b) - memoryOf(a));
  const picked = new Set<Process | undefined>();
  for (let rank = 0; picked.size < MAX_ROWS; rank++) picked.add(byCpu[rank]).add(byMemory[rank]);
  return byCpu.filter((process) => picked.has(process)).slice(0, MAX_ROWS);
}
