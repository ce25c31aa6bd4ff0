import { Pipeline } from "../lib/pipeline.ts";
import { replayRun } from "../lib/replay.ts";
import { type ImportOptions, openRun } from "../lib/run_reader.ts";
import type { ExitStatus } from "../lib/wait.ts";
import { SeriesListsSink } from "../sinks/series_lists.ts";
import { asFailure, CommandError, FAILURE } from "./exit_status.ts";
import { logPath } from "./log_path.ts";
import { tellIncomplete } from "./replaying.ts";
import { writeStdout } from "./stdout.ts";

/** What `resmon stats` is told. */
export interface StatsOptions extends ImportOptions {
  /** Series, or metrics with all their series; absent: all. */
  readonly series?: readonly string[];
}

/** Prints the series of a log as JSON: an object of lists of the same length. The log may still be written. */
export async function stats(log: string, { series: wanted, interval }: StatsOptions): Promise<ExitStatus> {
  const sink = new SeriesListsSink((series) => wanted === undefined || wanted.some((name) => isOf(series, name)));
  const path = logPath(log);
  tellIncomplete(await asFailure(() => replayRun(openRun(path, { interval }), new Pipeline({ frameSinks: [sink] }))));
  const missing = wanted?.find((name) => !sink.names.some((series) => isOf(series, name)));
  if (missing !== undefined) {
    throw new CommandError(
      `Cannot tell ${missing}: ${path} has no such series; resmon stats ${log} tells all`,
      FAILURE,
    );
  }
  print(sink.lists());
  return { code: 0 };
}

/** Whether a series is the wanted one, or one of the wanted metric. */
function isOf(series: string, wanted: string): boolean {
  return series === wanted || series.startsWith(`${wanted}{`);
}

// One list at a time: all of a long run together might be more than a text can hold.
function print(lists: ReadonlyMap<string, readonly (number | null)[]>): void {
  let before = "{";
  for (const [name, values] of lists) {
    writeStdout(`${before}\n  ${JSON.stringify(name)}: ${JSON.stringify(values)}`);
    before = ",";
  }
  writeStdout("\n}\n");
}
