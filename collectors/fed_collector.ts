import { type Collector, type Environment, type Reading, Unavailable } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { ToolError, type Tools } from "../lib/tools.ts";
import { Feed } from "./feed.ts";
import { Latest, type SeriesValues } from "./latest.ts";
import { findPrograms } from "./polled_collector.ts";

/** Values and the monotonic seconds that they are of. */
export interface Told {
  readonly values: SeriesValues;
  readonly at: number;
}

/** Reads lines that came at `at` in monotonic seconds: values where a line completes a reading. Throws SyntaxError. */
export type LineReader = (line: string, at: number) => Told | undefined;

/** A subject that a program tells which prints lines for as long as it runs. */
export interface FedSubject {
  readonly name: string;
  readonly metrics: readonly MetricName[];
  /** The program and its arguments, for readings every so many seconds. */
  readonly command: (seconds: number) => readonly string[];
  /** A program that is run once before, because its answer is needed. */
  readonly question: readonly string[];
  /** Makes the reader with the answer. Throws SyntaxError and Unavailable. */
  readonly createReader: (answer: string) => LineReader;
}

const ANSWER_SECONDS = 5;

/** Records a {@linkcode FedSubject}, which is told once a second at most. */
export class FedCollector implements Collector {
  readonly #subject: FedSubject;
  readonly #latest = new Latest();
  #feed: Feed | undefined;

  constructor(subject: FedSubject) {
    this.#subject = subject;
  }

  get name(): string {
    return this.#subject.name;
  }

  get metrics(): readonly MetricName[] {
    return this.#subject.metrics;
  }

  get sources(): readonly string[] {
    return [this.#subject.command(1).join(" ")];
  }

  get series(): readonly string[] {
    return this.#latest.series;
  }

  async open({ tools, interval, isRequired }: Environment): Promise<void> {
    const seconds = Math.max(1, Math.round(interval));
    const [words = [], question = []] = findPrograms(tools, [this.#subject.command(seconds), this.#subject.question]);
    const read = await this.#createReader(tools, question);
    this.#feed = new Feed({
      tools,
      words,
      interval: seconds,
      accept: (line, at) => {
        const told = read(line, at);
        if (told !== undefined) this.#latest.update(told.values, told.at);
        return told !== undefined;
      },
    });
    this.#feed.start();
    if (isRequired) await this.#feed.ready();
  }

  collect(now: number): Reading {
    return this.#feed?.check(now) ? this.#latest.reading : { values: [] };
  }

  close(): Promise<void> {
    return this.#feed?.close() ?? Promise.resolve();
  }

  async #createReader(tools: Tools, question: readonly string[]): Promise<LineReader> {
    try {
      return this.#subject.createReader(await tools.run(question, ANSWER_SECONDS));
    } catch (error) {
      if (!(error instanceof ToolError || error instanceof SyntaxError)) throw error;
      throw new Unavailable("unsupported", error.message);
    }
  }
}
