import { runLabels } from "../lib/compare.ts";
import { writePieces } from "../lib/output_file.ts";
import type { Summary } from "../lib/summary.ts";
import type { ReportData, RunData } from "../report/data.ts";
import { chartSpecs, comparedSpecs } from "./chart_specs.ts";
import type { PageAssets } from "./html_assets.ts";
import { Blobs, type ChartedRun, chartsOf } from "./html_charts.ts";
import { comparisonPage } from "./html_comparison.ts";
import { renderDocument } from "./html_document.ts";
import { RunHistory } from "./html_history.ts";
import { bandsOf, momentsOf } from "./html_marks.ts";
import { runPage } from "./html_page.ts";

/** A run whose summary is known, so that its numbers can be collected. */
export interface ReportedRun {
  readonly summary: Summary;
  /** Feeds the run's records or frames. Throws Error where they cannot be read. */
  readonly feed: (history: RunHistory) => void;
}

/** Writes the report of one run, or of several that are compared, whole or not at all. Rejects where it cannot be written. */
export async function writeReport(path: string, runs: readonly ReportedRun[], assets: PageAssets): Promise<void> {
  const summaries = runs.map(({ summary }) => summary);
  const labels = runLabels(summaries);
  const isAlone = runs.length === 1;
  const charted = runs.map(({ summary, feed }, index): ChartedRun => {
    const specs = isAlone ? chartSpecs(summary) : comparedSpecs(summary, { label: labels[index] ?? "", index });
    const history = new RunHistory(summary, specs, 1 / runs.length);
    feed(history);
    return { summary, specs, history };
  });
  const blobs = new Blobs();
  const seconds = Math.max(...charted.map(secondsOf));
  const [only] = charted;
  const progress = isAlone ? only?.history.progress.chart(blobs) : undefined;
  const data: ReportData = {
    seconds,
    step: Math.min(...charted.map((run) => secondsOf(run) / Math.max(1, run.summary.monitor.ticks))),
    runs: summaries.map((summary, index) => runDataOf(summary, labels[index] ?? "")),
    charts: [...chartsOf(charted, blobs), ...(progress === undefined ? [] : [progress])],
  };
  const page = isAlone && only !== undefined
    ? runPage(only.summary, { data, blobs, logs: only.history.logs })
    : comparisonPage(summaries, data, blobs);
  await writePieces(path, renderDocument(page, assets));
}

function secondsOf({ summary, history }: ChartedRun): number {
  return Math.max(summary.run.wall_seconds, history.series.times().at(-1) ?? 0);
}

function runDataOf(summary: Summary, label: string): RunData {
  return { label, bands: bandsOf(summary), moments: momentsOf(summary) };
}
