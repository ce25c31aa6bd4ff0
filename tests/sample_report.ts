import type { Frame } from "../lib/frame.ts";
import type { EventRecord } from "../lib/records.ts";
import type { Summary } from "../lib/summary.ts";
import { loadAssets } from "../sinks/html_assets.ts";
import { writeReport } from "../sinks/report_file.ts";
import { trainingMarkRecords } from "./sample_marks.ts";
import { trainingFrames, trainingSummary } from "./sample_run.ts";

interface History {
  frame(frame: Frame): void;
  record(record: EventRecord): void;
}

/** Writes the report of the sample run, or of several such runs that are compared. */
export async function writeSampleReport(
  path: string,
  summaries: readonly Summary[] = [trainingSummary()],
): Promise<void> {
  const runs = summaries.map((summary) => ({
    summary,
    feed: (history: History) => feed(history, summary.logs === undefined ? [] : trainingMarkRecords()),
  }));
  await writeReport(path, runs, await loadAssets());
}

function feed(history: History, marks: readonly EventRecord[]): void {
  let next = 0;
  for (const frame of trainingFrames()) {
    for (let mark = marks[next]; mark !== undefined && mark.elapsed <= frame.elapsed; mark = marks[++next]) {
      history.record(mark);
    }
    history.frame(frame);
  }
}
