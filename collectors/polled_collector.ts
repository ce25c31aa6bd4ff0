import { type Collector, type Environment, type Reading, Unavailable } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import type { Tools } from "../lib/tools.ts";
import { Latest, type SeriesValues } from "./latest.ts";
import { Poll } from "./poll.ts";

/** A subject that programs of the system tell, each run again and again. */
export interface PolledSubject {
  readonly name: string;
  readonly metrics: readonly MetricName[];
  /** Programs and their arguments. */
  readonly commands: readonly (readonly string[])[];
  /** Seconds between two runs, at least. */
  readonly period: number;
  /** What the programs printed, in their order, as values. Throws SyntaxError, and Unavailable where nothing will ever be there. */
  readonly read: (texts: readonly string[]) => SeriesValues;
}

// Programs of macOS that are not in everybody's PATH.
const FOLDERS = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

/** Records a {@linkcode PolledSubject}. */
export class PolledCollector implements Collector {
  readonly #subject: PolledSubject;
  readonly #latest = new Latest();
  #poll: Poll | undefined;

  constructor(subject: PolledSubject) {
    this.#subject = subject;
  }

  get name(): string {
    return this.#subject.name;
  }

  get metrics(): readonly MetricName[] {
    return this.#subject.metrics;
  }

  get sources(): readonly string[] {
    return this.#subject.commands.map((words) => words.join(" "));
  }

  get series(): readonly string[] {
    return this.#latest.series;
  }

  async open({ tools, interval, isRequired }: Environment): Promise<void> {
    const { commands, period, read } = this.#subject;
    this.#poll = new Poll({
      tools,
      commands: findPrograms(tools, commands),
      period: Math.max(period, interval),
      accept: (texts, at) => this.#latest.update(read(texts), at),
    });
    this.#poll.start();
    if (isRequired) await this.#poll.ready();
  }

  collect(now: number): Reading {
    return this.#poll?.check(now) ? this.#latest.reading : { values: [] };
  }

  close(): Promise<void> {
    return this.#poll?.close() ?? Promise.resolve();
  }
}

/** Gives the programs of commands by their paths. Throws Unavailable where one is not there. */
export function findPrograms(tools: Tools, commands: readonly (readonly string[])[]): string[][] {
  return commands.map(([name = "", ...args]) => {
    const path = tools.find(name, FOLDERS);
    if (path !== undefined) return [path, ...args];
    throw new Unavailable("absent", `Cannot find ${name}: it is neither in PATH nor in ${FOLDERS[0]}`);
  });
}
