import { type Environment, Unavailable } from "../lib/contracts.ts";
import { Feed } from "./feed.ts";
import { parsePmonHeader, parsePmonLine, pmonArguments } from "./nvidia_pmon.ts";
import type { GpuColumns, GpuProcess, GpuReading } from "./nvidia_reading.ts";

const METRICS = ["process_gpu_memory_bytes", "process_gpu_utilization_percent"] as const;

// Processes that are printed together come within moments, and the next ones a second later.
const ONE_PASS_SECONDS = 0.5;

/** The processes by GPU, from `nvidia-smi pmon`: one process that prints them again and again, also where there is none. */
export class PmonSource {
  readonly #feed: Feed;
  readonly #report: Environment["report"];
  readonly #processes = new Map<string, { readonly process: GpuProcess; readonly at: number }[]>();
  #names: readonly string[] | undefined;
  #tells = { memory: false, utilization: false };

  constructor(
    { tools, report }: Environment,
    { path, interval }: { readonly path: string; readonly interval: number },
  ) {
    this.#report = report;
    const words = [path, ...pmonArguments(interval)];
    this.#feed = new Feed({ tools, words, interval, accept: (line, at) => this.#accept(line, at) });
  }

  start(): void {
    this.#feed.start();
  }

  /** The processes at `now`, and of which GPUs it tells what; of none while it does not answer. */
  read(now: number): Omit<GpuColumns, "series"> & Pick<GpuReading, "processes"> {
    const gpus = [...this.#processes.keys()].sort();
    const memory = this.#tells.memory ? gpus : [];
    const utilization = this.#tells.utilization ? gpus : [];
    return { memory, utilization, processes: this.#isThere(now) ? Object.fromEntries(this.#lists()) : {} };
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

  *#lists(): Generator<[string, GpuProcess[]]> {
    for (const [gpu, told] of this.#processes) yield [gpu, told.map(({ process }) => process)];
  }

  #accept(line: string, at: number): boolean {
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
    const before = this.#processes.get(gpu) ?? [];
    const others = before.filter((each) => at - each.at < ONE_PASS_SECONDS && each.process.pid !== process?.pid);
    this.#processes.set(gpu, process === undefined ? [] : [...others, { process, at }]);
    this.#tells = { memory: this.#names.includes("fb"), utilization: this.#names.includes("sm") };
    return true;
  }
}
