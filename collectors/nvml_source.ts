import { type Environment, Unavailable } from "../lib/contracts.ts";
import { Feed } from "./feed.ts";
import type { GpuColumns, GpuReading } from "./nvidia_reading.ts";
import { type NvidiaNumbers, type NvidiaSource, WAKING_SECONDS } from "./nvidia_source.ts";
import { parseNvmlLine } from "./nvml_lines.ts";

// The driver renews its numbers less often than that.
const LEAST_INTERVAL_SECONDS = 0.1;

/**
 * NVML, the library of the driver, read by a helper process: a call that hangs in the kernel holds up that process and nothing
 * else.
 */
export class NvmlSource implements NvidiaSource {
  readonly name = "NVML";
  readonly #feed: Feed;
  readonly #environment: Environment;
  #nextColumns: GpuColumns | undefined;
  #last: Omit<NvidiaNumbers, "at"> | undefined;

  /** @param library The path of the library. */
  constructor(environment: Environment, library: string) {
    this.#environment = environment;
    const { tools, program } = environment;
    const interval = Math.max(LEAST_INTERVAL_SECONDS, environment.interval);
    const words = [...program, "helper", "nvml", `${Math.round(interval * 1000)}`, library];
    this.#feed = new Feed({
      tools,
      words,
      name: "NVML's helper",
      interval,
      patience: WAKING_SECONDS,
      accept: (line) => this.#accept(line),
    });
  }

  start(): void {
    this.#feed.start();
  }

  ready(): Promise<void> {
    return this.#feed.ready();
  }

  read(now: number): NvidiaNumbers | undefined {
    const isThere = this.#feed.check(now);
    const { at } = this.#feed;
    return isThere && this.#last !== undefined && at !== undefined ? { ...this.#last, at } : undefined;
  }

  close(): Promise<void> {
    return this.#feed.close();
  }

  #accept(text: string): boolean {
    const line = parseNvmlLine(text);
    const { introduce, report } = this.#environment;
    switch (line.type) {
      case "device": {
        const { type: _, ...device } = line;
        introduce({ label: "gpu", ...device });
        return false;
      }
      case "status": {
        const { type: _, ...status } = line;
        report(status);
        return false;
      }
      case "columns":
        this.#nextColumns = line;
        return false;
      case "reading":
        this.#take(line);
        return true;
      case "end":
        throw new Unavailable(line.state, line.reason, line.remedy);
    }
  }

  // New columns hold from the first reading that has them.
  #take(reading: GpuReading): void {
    const columns = this.#nextColumns ?? this.#last?.columns;
    if (columns === undefined || columns.series.length !== reading.values.length) {
      throw new SyntaxError("Cannot parse a line of the NVML helper: it has other columns than were told");
    }
    this.#nextColumns = undefined;
    this.#last = { columns, reading };
  }
}
