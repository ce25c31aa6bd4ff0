import type { Collector, Environment, Reading } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { Latest, type SeriesValues } from "./latest.ts";

/** What tells numbers in its own time, such as a Feed or a Poll. */
export interface BackgroundSource {
  /** Resolves with the first numbers. Rejects with Unavailable where none come. */
  ready(): Promise<void>;
  /** Whether there are numbers at `now` in monotonic seconds. Throws Unavailable where there will be none, and Error for a gap. */
  check(now: number): boolean;
  /** Resolves once it has ended. */
  close(): Promise<void>;
}

/** Takes numbers that were read at `at` in monotonic seconds. */
export type Update = (values: SeriesValues, at: number) => void;

/** A subject that is read in the background. */
export interface BackgroundSubject {
  readonly name: string;
  readonly metrics: readonly MetricName[];
  readonly sources: readonly string[];
  /** Starts what reads it. Throws Unavailable, also by rejecting. */
  readonly start: (environment: Environment, update: Update) => BackgroundSource | Promise<BackgroundSource>;
}

/** Records what a {@linkcode BackgroundSource} told last. */
export class BackgroundCollector implements Collector {
  readonly name: string;
  readonly metrics: readonly MetricName[];
  readonly sources: readonly string[];
  readonly #start: BackgroundSubject["start"];
  readonly #latest = new Latest();
  #source: BackgroundSource | undefined;

  constructor({ name, metrics, sources, start }: BackgroundSubject) {
    this.name = name;
    this.metrics = metrics;
    this.sources = sources;
    this.#start = start;
  }

  get series(): readonly string[] {
    return this.#latest.series;
  }

  async open(environment: Environment): Promise<void> {
    this.#source = await this.#start(environment, (values, at) => this.#latest.update(values, at));
    if (environment.isRequired) await this.#source.ready();
  }

  collect(now: number): Reading {
    return this.#source?.check(now) ? this.#latest.reading : { values: [] };
  }

  close(): Promise<void> {
    return this.#source?.close() ?? Promise.resolve();
  }
}
