import type { FrameSink, RecordSink } from "./contracts.ts";
import { Derive } from "./derive.ts";
import type { ResmonRecord, Unnumbered } from "./records.ts";
import { Summarizer } from "./summarize.ts";
import type { Summary } from "./summary.ts";

/** What records flow into. */
export interface Sinks {
  readonly recordSinks?: readonly RecordSink[];
  readonly frameSinks?: readonly FrameSink[];
}

/** Where every record goes, live or read back: to the record sinks, and derived to frame sinks and the summary. */
export class Pipeline {
  readonly #recordSinks: readonly RecordSink[];
  readonly #frameSinks: readonly FrameSink[];
  readonly #derive = new Derive();
  readonly #summarizer = new Summarizer();
  readonly #lost = new Set<RecordSink | FrameSink>();
  readonly #queue: ResmonRecord[] = [];
  #isPassing = false;
  #seq = 0;

  constructor({ recordSinks = [], frameSinks = [] }: Sinks) {
    this.#recordSinks = recordSinks;
    this.#frameSinks = frameSinks;
  }

  /** Numbers a record and passes it on. Never throws. */
  write(record: Unnumbered<ResmonRecord>): void {
    const { type, ...content } = record;
    this.accept({ type, seq: this.#seq + 1, ...content } as ResmonRecord);
  }

  /** Passes a record on that has its number. Never throws. */
  accept(record: ResmonRecord): void {
    this.#seq = Math.max(this.#seq, record.seq);
    this.#queue.push(record);
    // A sink that fails tells so in the middle of a record: its status comes after that record, for all sinks alike.
    if (this.#isPassing) return;
    this.#isPassing = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#pass(next);
    } finally {
      this.#isPassing = false;
    }
  }

  /** Records that a sink can write no more: what `onFailure` of the sink called `name` is to call. */
  fail(name: string, reason: string): void {
    this.write({ type: "status", collector: `sink:${name}`, state: "lost", reason });
  }

  /** Tells the frame sinks what the run came to. Throws RangeError where there was no session. */
  end(): Summary {
    const summary = this.#summarizer.result();
    this.#passPhases();
    for (const sink of this.#frameSinks) this.#guard(sink, () => sink.end(summary));
    return summary;
  }

  /** Finishes all sinks, each within `deadline` seconds; the log last, for it tells which of the others failed. */
  async close(deadline: number): Promise<void> {
    for (const sinks of [this.#frameSinks, this.#recordSinks]) {
      await Promise.all(sinks.map((sink) => this.#close(sink, deadline)));
    }
  }

  #pass(record: ResmonRecord): void {
    for (const sink of this.#recordSinks) this.#guard(sink, () => sink.write(record));
    const frame = this.#derive.accept(record);
    this.#summarizer.record(record);
    if (frame !== undefined) this.#summarizer.frame(frame);
    for (const sink of this.#frameSinks) {
      this.#guard(sink, () => {
        sink.record?.(record);
        if (frame !== undefined) sink.frame(frame);
        if (record.type === "event") sink.event(record);
        if (record.type === "status") sink.status(record);
      });
    }
    if (frame !== undefined) this.#passPhases();
  }

  #passPhases(): void {
    for (;;) {
      const phases = this.#summarizer.takePhases();
      if (phases.length === 0) return;
      for (const sink of this.#frameSinks) this.#guard(sink, () => sink.phases?.(phases));
    }
  }

  #guard(sink: RecordSink | FrameSink, action: () => void): void {
    if (this.#lost.has(sink)) return;
    try {
      action();
    } catch (error) {
      this.#lose(sink, error);
    }
  }

  async #close(sink: RecordSink | FrameSink, deadline: number): Promise<void> {
    try {
      await sink.close(deadline);
    } catch (error) {
      this.#lose(sink, error);
    }
  }

  #lose(sink: RecordSink | FrameSink, error: unknown): void {
    if (this.#lost.has(sink)) return;
    this.#lost.add(sink);
    this.fail(sink.name, error instanceof Error ? error.message : String(error));
  }
}
