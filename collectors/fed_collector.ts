import { type Environment, Unavailable } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { ToolError, type Tools } from "../lib/tools.ts";
import { BackgroundCollector, type BackgroundSource, type Update } from "./background_collector.ts";
import { Feed, type FeedOptions } from "./feed.ts";
import type { SeriesValues } from "./latest.ts";
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
export class FedCollector extends BackgroundCollector {
  constructor(subject: FedSubject) {
    const { name, metrics, command } = subject;
    super({
      name,
      metrics,
      sources: [command(1).join(" ")],
      start: (environment, update) => new AskingFeed(subject, environment, update),
    });
  }
}

/** A feed that starts once a question is answered. */
class AskingFeed implements BackgroundSource {
  readonly #subject: FedSubject;
  readonly #started: Promise<void>;
  #feed: Feed | undefined;
  #failure: Unavailable | undefined;
  #isClosed = false;

  /** Throws Unavailable where a program is not there. */
  constructor(subject: FedSubject, { tools, interval }: Environment, update: Update) {
    const seconds = Math.max(1, Math.round(interval));
    const [words = [], question = []] = findPrograms(tools, [subject.command(seconds), subject.question]);
    this.#subject = subject;
    this.#started = this.#ask(tools, question).then((read) => {
      if (!this.#isClosed) this.#start({ tools, words, interval: seconds }, read, update);
    });
    this.#started.catch((error) => this.#failure = error);
  }

  async ready(): Promise<void> {
    await this.#started;
    await this.#feed?.ready();
  }

  check(now: number): boolean {
    if (this.#failure !== undefined) throw this.#failure;
    return this.#feed?.check(now) ?? false;
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#feed?.close() ?? Promise.resolve();
  }

  async #ask(tools: Tools, question: readonly string[]): Promise<LineReader> {
    try {
      return this.#subject.createReader(await tools.run(question, ANSWER_SECONDS));
    } catch (error) {
      if (!(error instanceof ToolError || error instanceof SyntaxError)) throw error;
      throw new Unavailable("unsupported", error.message);
    }
  }

  #start(options: Pick<FeedOptions, "tools" | "words" | "interval">, read: LineReader, update: Update): void {
    this.#feed = new Feed({
      ...options,
      accept: (line, at) => {
        const told = read(line, at);
        if (told !== undefined) update(told.values, told.at);
        return told !== undefined;
      },
    });
    this.#feed.start();
  }
}
