import type { RunSource } from "../lib/log_reader.ts";
import { checkWritable } from "../lib/output_file.ts";
import { Pipeline } from "../lib/pipeline.ts";
import { replayRun } from "../lib/replay.ts";
import { type ImportOptions, openRuns } from "../lib/run_reader.ts";
import type { ExitStatus } from "../lib/wait.ts";
import { loadAssets } from "../sinks/html_assets.ts";
import { type ReportedRun, writeReport } from "../sinks/report_file.ts";
import { asFailure, CommandError, USAGE } from "./exit_status.ts";
import { folderOf, keepLog, logPath } from "./log_path.ts";
import { tellIncomplete } from "./replaying.ts";
import { tell } from "./stderr.ts";

/** What `resmon report` is told. */
export interface ReportOptions extends ImportOptions {
  readonly output?: string;
  readonly force?: boolean;
}

/** Makes the report of a log, or one report that compares several. */
export async function report(logs: readonly string[], { output, force, interval }: ReportOptions): Promise<ExitStatus> {
  const paths = logs.map(logPath);
  if (output === undefined && paths.length > 1) {
    throw new CommandError("Cannot place the report of several logs: name a file with -o", USAGE);
  }
  const path = output ?? `${folderOf(paths[0] ?? "")}/report.html`;
  for (const log of paths) keepLog(log, [path]);
  await asFailure(async () => {
    checkWritable(path, force);
    const runs: ReportedRun[] = [];
    for (const run of paths.flatMap((log) => openRuns(log, { interval }))) runs.push(await summarized(run));
    await writeReport(path, runs, await loadAssets());
  });
  tell(`wrote ${path}`);
  return { code: 0 };
}

async function summarized(run: RunSource): Promise<ReportedRun> {
  const summary = await replayRun(run, new Pipeline({}));
  tellIncomplete(summary);
  return { summary, feed: (history) => history.read(run) };
}
