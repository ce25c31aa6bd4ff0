import type { Collector, Environment, Reading } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { CimFeed } from "./cim_feed_windows.ts";
import type { CimSample } from "./cim_rows_windows.ts";
import { CIM_PARTS, type CimPart } from "./cim_script_windows.ts";
import { Latest, type SeriesValues } from "./latest.ts";

/** A subject that classes of CIM tell. */
export interface CimSubject {
  readonly name: string;
  readonly metrics: readonly MetricName[];
  readonly parts: readonly CimPart[];
  /** Throws SyntaxError. */
  readonly read: (sample: CimSample) => SeriesValues;
}

/** Records a {@linkcode CimSubject}. */
export class CimCollector implements Collector {
  readonly #subject: CimSubject;
  readonly #latest = new Latest();
  #feed: CimFeed | undefined;
  #trouble: SyntaxError | undefined;

  constructor(subject: CimSubject) {
    this.#subject = subject;
  }

  get name(): string {
    return this.#subject.name;
  }

  get metrics(): readonly MetricName[] {
    return this.#subject.metrics;
  }

  get sources(): readonly string[] {
    return this.#subject.parts.map((part) => CIM_PARTS[part].class);
  }

  get series(): readonly string[] {
    return this.#latest.series;
  }

  async open(environment: Environment): Promise<void> {
    this.#feed = CimFeed.of(environment);
    this.#feed.add(this.#take);
    if (environment.isRequired) await this.#feed.ready();
  }

  collect(now: number): Reading {
    if (!this.#feed?.check(now)) return { values: [] };
    if (this.#trouble !== undefined) throw this.#trouble;
    return this.#latest.reading;
  }

  close(): Promise<void> {
    return this.#feed?.remove(this.#take) ?? Promise.resolve();
  }

  readonly #take = (sample: CimSample, at: number): void => {
    try {
      this.#latest.update(this.#subject.read(sample), at);
      this.#trouble = undefined;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#trouble = error;
    }
  };
}
