import { type Environment, Unavailable } from "../lib/contracts.ts";
import { Feed } from "./feed.ts";
import { parsePmonHeader, parsePmonLine, pmonArguments } from "./nvidia_pmon.ts";
import type { GpuColumns, GpuProcess, GpuReading } from "./nvidia_reading.ts";

const METRICS = ["process_gpu_memory_bytes", "process_gpu_utilization_percent"] as const;

/** The processes by GPU, from `nvidia-smi pmon`: one process that prints them again and again, also where there is none. */
export class PmonSource {
  readonly #feed: Feed;
  readonly #report: Environment["report"];
  readonly #processes = new Map<string, readonly GpuProcess[]>();
  #names: readonly string[] | undefined;
  #tells = { memory: false, utilization: false };

  constructor(
    { tools, report }: Environment,
    { path, interval }: { readonly path: string; readonly interval: number },
  ) {
    this.#report = report;
    const words = [path, ...pmonArguments(interval)];
    this.#feed = new Feed({ tools, words, interval, accept: (line) => this.#accept(line) });
  }

  start(): void {
    this.#feed.start();
  }

  /** The processes at `now`, and of which GPUs it tells what; of none while it does not answer. */
  read(now: number): Omit<GpuColumns, "series"> & Pick<GpuReading, "processes"> {
    const gpus = [...this.#processes.keys()].sort();
    const memory = this.#tells.memory ? gpus : [];
    const utilization = this.#tells.utilization ? gpus : [];
    return { memory, utilization, processes: this.#isThere(now) ? Object.fromEntries(this.#processes) : {} };
  }

  close(): Promise<void> {
    return this.#feed.close();
  }

  #isThere(now: number): boolean {
    try {
      return this.#feed.check(now);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (error instanceof Unavailable) this.#report({ state: error.state, metrics: METRICS, reason: error.message });
      return false;
    }
  }

  #accept(line: string): boolean {
    const header = parsePmonHeader(line);
    if (header !== undefined) {
      this.#names = header;
      return false;
    }
    if (this.#names === undefined) {
      throw new SyntaxError(`Cannot parse what nvidia-smi pmon prints: ${line.slice(0, 120)}`);
    }
    const told = parsePmonLine(line, this.#names);
    if (told === undefined) return false;
    const { gpu, process } = told;
    this.#processes.set(gpu, process === undefined ? [] : [...this.#ofThisPass(gpu, process), process]);
    this.#tells = { memory: this.#names.includes("fb"), utilization: this.#names.includes("sm") };
    return true;
  }

  // A process that is printed once more begins the next pass.
  #ofThisPass(gpu: string, { pid }: GpuProcess): readonly GpuProcess[] {
    const before = this.#processes.get(gpu) ?? [];
    return before.some((process) => process.pid === pid) ? [] : before;
  }
}
