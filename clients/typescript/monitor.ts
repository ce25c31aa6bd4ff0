import { MarkSender } from "../../lib/mark_sender.ts";
import { findAttachment } from "../../lib/mark_targets.ts";
import type { Attributes } from "./marks.ts";
import { ask, type Recorder, startRecorder } from "./program.ts";
import { runtime, sender } from "./sender.ts";
import { attributesOf } from "./told.ts";

/** What a monitor records, and where to. */
export interface MonitorOptions {
  /** The process (default: this one). */
  readonly pid?: number;
  /** Seconds between two samples, at least 0.01 (default: 1). */
  readonly interval?: number;
  /** A new folder for log.jsonl, summary.json, samples.csv and report.html (default: one in resmon-runs). */
  readonly output?: string;
  /** What to record, as `resmon attach --metrics`: `cpu,memory`. */
  readonly metrics?: string;
  /** More words for `resmon attach`. */
  readonly options?: readonly string[];
}

/**
 * Records this program and all that it starts, by a resmon process of its own. Several do not disturb each other.
 *
 * ```js
 * import { Monitor } from "resmon";
 *
 * const monitor = new Monitor({ interval: 0.05 });
 * await monitor.start();
 * monitor.tag("begun");
 * await new Promise((resolve) => setTimeout(resolve, 200));
 * await monitor.stop();
 * console.log(await monitor.summary());
 * ```
 */
export class Monitor {
  readonly #options: MonitorOptions;
  #recorder: Recorder | undefined;
  #sender: MarkSender | undefined;
  #folder: string | undefined;

  constructor(options: MonitorOptions = {}) {
    this.#options = options;
  }

  /** The folder of the recording. Throws before the start. */
  get folder(): string {
    if (this.#folder === undefined) throw new Error("Cannot read the recording: the monitor was not started");
    return this.#folder;
  }

  /** Begins to record, and resolves once the first sample is taken. Rejects where resmon cannot record. */
  async start(): Promise<void> {
    if (this.#recorder !== undefined) return;
    if (this.#folder !== undefined) throw new Error("Cannot start a monitor twice: make a new one for a new recording");
    const { pid = runtime().pid } = this.#options;
    const recorder = await startRecorder(pid, this.#options);
    this.#recorder = recorder;
    this.#folder = recorder.folder;
    this.#sender = new MarkSender(runtime(), () => findAttachment(runtime(), { pid, recorder: recorder.pid }));
    sender().lookSoon();
  }

  /** Ends the recording with a last sample. Does nothing where it does not record. */
  async stop(): Promise<void> {
    await this.#sender?.flush(1000);
    this.#sender?.close();
    this.#sender = undefined;
    const recorder = this.#recorder;
    this.#recorder = undefined;
    await recorder?.stop();
  }

  /** Marks this instant in this monitor's recording, and in no other. */
  tag(label: string, attributes?: Attributes): void {
    this.#sender?.send(() => ({ kind: "tag", name: `${label}`, ...attributesOf(attributes) }));
  }

  /** What was used so far, as in summary.json, which docs/summary.schema.json describes. */
  async summary(): Promise<Record<string, unknown>> {
    return JSON.parse(await ask(["summary", this.folder, "--json"]));
  }

  /** Every series so far as a list, by its name in `resmon stats`; null is a gap. */
  async stats(): Promise<Record<string, readonly (number | null)[]>> {
    return JSON.parse(await ask(["stats", this.folder]));
  }

  /** Ends the recording. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
