import type { Summary } from "../lib/summary.ts";
import { loadAssets } from "../sinks/html_assets.ts";
import { writeReport } from "../sinks/report_file.ts";
import { trainingFrames, trainingSummary } from "./sample_run.ts";

/** Writes the report of the sample run, or of several such runs that are compared. */
export async function writeSampleReport(
  path: string,
  summaries: readonly Summary[] = [trainingSummary()],
): Promise<void> {
  const runs = summaries.map((summary) => ({
    summary,
    feed: (history: { frame(frame: ReturnType<typeof trainingFrames>[number]): void }): void => {
      for (const frame of trainingFrames()) history.frame(frame);
    },
  }));
  await writeReport(path, runs, await loadAssets());
}
