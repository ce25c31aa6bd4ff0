import type { FrameSink } from "../lib/contracts.ts";
import type { Frame } from "../lib/frame.ts";
import type { Event } from "../lib/records.ts";
import type { LiveState } from "./live_line.ts";
import { OpenMarks } from "./open_marks.ts";

const GPU = /^gpu_utilization_percent\{/;
const MOST_PROGRESSES = 3;

/** Keeps what is to be shown of a run while it goes on. */
export class LiveSink implements FrameSink {
  readonly name = "live";
  readonly #marks = new OpenMarks();
  #measured: Omit<LiveState, "elapsed" | "phases" | "progresses"> = {};

  /** What there is to show after so many seconds. */
  state(elapsed: number): LiveState {
    const progresses = this.#marks.progresses().slice(-MOST_PROGRESSES);
    return { ...this.#measured, elapsed, phases: this.#marks.phases(), progresses };
  }

  frame({ samples }: Frame): void {
    const cpuPercent = samples.get("cpu_percent");
    const memoryBytes = samples.get("memory_rss_bytes");
    const gpus = samples.list.names.flatMap((series) => GPU.test(series) ? [samples.get(series) ?? -1] : []);
    const gpuPercent = Math.max(-1, ...gpus);
    this.#measured = {
      ...(cpuPercent === undefined ? {} : { cpuPercent }),
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...(gpuPercent < 0 ? {} : { gpuPercent }),
    };
  }

  event(event: Event): void {
    this.#marks.event(event);
  }

  status(): void {}
  end(): void {}
  close(): void {}
}
