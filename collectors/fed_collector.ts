import { type Environment, Unavailable } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { ToolError } from "../lib/tools.ts";
import { BackgroundCollector, type Update } from "./background_collector.ts";
import { Feed } from "./feed.ts";
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
      start: (environment, update) => startFeed(subject, environment, update),
    });
  }
}

async function startFeed(
  { command, question, createReader }: FedSubject,
  { tools, interval }: Environment,
  update: Update,
): Promise<Feed> {
  const seconds = Math.max(1, Math.round(interval));
  const [words = [], questionWords = []] = findPrograms(tools, [command(seconds), question]);
  const read = await asUnavailable(async () => createReader(await tools.run(questionWords, ANSWER_SECONDS)));
  const feed = new Feed({
    tools,
    words,
    interval: seconds,
    accept: (line, at) => {
      const told = read(line, at);
      if (told !== undefined) update(told.values, told.at);
      return told !== undefined;
    },
  });
  feed.start();
  return feed;
}

async function asUnavailable<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ToolError || error instanceof SyntaxError)) throw error;
    throw new Unavailable("unsupported", error.message);
  }
}
