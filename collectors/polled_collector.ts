import { Unavailable } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import type { Tools } from "../lib/tools.ts";
import { BackgroundCollector } from "./background_collector.ts";
import type { SeriesValues } from "./latest.ts";
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
export class PolledCollector extends BackgroundCollector {
  constructor({ name, metrics, commands, period, read }: PolledSubject) {
    super({
      name,
      metrics,
      sources: commands.map((words) => words.join(" ")),
      start: ({ tools, interval }, update) => {
        const poll = new Poll({
          tools,
          commands: findPrograms(tools, commands),
          period: Math.max(period, interval),
          accept: (texts, at) => update(read(texts), at),
        });
        poll.start();
        return poll;
      },
    });
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
