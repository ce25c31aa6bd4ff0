import assert from "node:assert/strict";
import type { ReportData } from "../report/data.ts";
import { prepareAssets } from "../sinks/html_assets.ts";
import type { RunHistory } from "../sinks/html_history.ts";
import { writeReport } from "../sinks/report_file.ts";
import { trainingSummary } from "./sample_run.ts";
import { withTemporaryFolder } from "./temporary.ts";

/** Writes a report of runs of so many seconds each, one tick a second and all of them gaps. */
async function write(path: string, lengths: readonly number[]): Promise<{ histories: RunHistory[]; data: ReportData }> {
  const histories: RunHistory[] = [];
  const runs = lengths.map((seconds) => {
    const { run, monitor, ...rest } = trainingSummary();
    const summary = { ...rest, run: { ...run, wall_seconds: seconds }, monitor: { ...monitor, ticks: seconds } };
    return { summary, feed: (history: RunHistory): number => histories.push(history) };
  });
  await writeReport(path, runs, await prepareAssets("", ""));
  const json = /<script type="application\/json" id="data">([^<]*)</.exec(await Deno.readTextFile(path))?.[1];
  return { histories, data: JSON.parse(json ?? "") };
}

Deno.test("writeReport() lets runs that are compared share the numbers that a page may have", () =>
  withTemporaryFolder(async (folder) => {
    const alone = await write(`${folder}/one.html`, [100_000]);
    assert.equal(alone.histories[0]?.series.ticksPerBucket, 1);
    const many = await write(`${folder}/nine.html`, Array(9).fill(100_000));
    assert.deepEqual(new Set(many.histories.map(({ series }) => series.ticksPerBucket > 1)), new Set([true]));
  }));

Deno.test("writeReport() makes the time axis as long as the longest run", () =>
  withTemporaryFolder(async (folder) => {
    assert.equal((await write(`${folder}/report.html`, [20, 50, 30])).data.seconds, 50);
  }));
