import type { FrameSink } from "../lib/contracts.ts";
import type { Frame } from "../lib/frame.ts";
import { OpenPhases } from "../lib/open_phases.ts";
import type { Event } from "../lib/records.ts";
import type { LiveProgress, LiveState } from "./live_line.ts";

const GPU = /^gpu_utilization_percent\{/;
const MOST_PROGRESSES = 3;
const MOST_OPEN = 1000;

interface Moving extends LiveProgress {
  readonly since: number;
  readonly from: number;
}

/** Keeps what is to be shown of a run while it goes on. */
export class LiveSink implements FrameSink {
  readonly name = "live";
  readonly #phases = new OpenPhases<string>();
  readonly #progresses = new Map<string, Moving>();
  #measured: Omit<LiveState, "elapsed" | "phases" | "progresses"> = {};

  /** What there is to show after so many seconds. */
  state(elapsed: number): LiveState {
    const progresses = [...this.#progresses.values()].slice(-MOST_PROGRESSES);
    return { ...this.#measured, elapsed, phases: this.#phases.all(), progresses };
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
    const { kind, name = "", span } = event;
    if (kind === "phase_start" && this.#phases.size < MOST_OPEN) this.#phases.add(event, name);
    if (kind === "phase_end") this.#phases.take(event);
    if (kind === "process_exit") this.#phases.takeOf(event);
    if (kind === "progress" && span !== undefined) this.#move(span, event);
  }

  #move(span: string, { name = "", completed = 0, total, state, elapsed }: Event): void {
    const before = this.#progresses.get(span);
    if (state === "done" || state === "failed") return void this.#progresses.delete(span);
    const { since, from } = before ?? { since: elapsed, from: completed };
    const rate = elapsed > since ? { rate: (completed - from) / (elapsed - since) } : {};
    this.#progresses.set(span, { name, completed, since, from, ...(total === undefined ? {} : { total }), ...rate });
  }

  status(): void {}
  end(): void {}
  close(): void {}
}
