import type { Collector, Environment, Reading } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { CimReader } from "./cim_feed_windows.ts";
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
  #reader: CimReader | undefined;

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
    const { read } = this.#subject;
    this.#reader = new CimReader(environment, (sample, at) => this.#latest.update(read(sample), at));
    if (environment.isRequired) await this.#reader.ready();
  }

  collect(now: number): Reading {
    return this.#reader?.check(now) ? this.#latest.reading : { values: [] };
  }

  close(): Promise<void> {
    return this.#reader?.close() ?? Promise.resolve();
  }
}
