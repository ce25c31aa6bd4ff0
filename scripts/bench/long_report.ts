import { chromium } from "playwright-core";
import { atMost, megabytes, type Point, type Row, run, type Workbench } from "./workbench.ts";
import { writeGaugeLog, writeLikeLog } from "./long_log.ts";
import { timed } from "./timed.ts";

/** The report of a million ticks: how long it takes to make, in how much memory, and how soon it is painted. */
export const LONG_REPORT: Point = { name: "report", title: "Report of a long run", run: measureReports };

const MOST_SECONDS = 5;
const MOST_BYTES = 150 * 1024 ** 2;
const MOST_PAINT_SECONDS = 1;
// A second or two of computing: a tick has the row of a process that changes.
const BUSY = "i=0; while [ $i -lt 2000000 ]; do i=$((i+1)); done";
const CHROMIUM = "/usr/bin/chromium";

async function measureReports(bench: Workbench): Promise<Row[]> {
  const ticks = bench.isQuick ? 20_000 : 1_000_000;
  const [gauges, real] = [`${bench.folder}/gauges.jsonl`, `${bench.folder}/real.jsonl`];
  writeGaugeLog(gauges, { ticks, interval: 1 });
  const recorded = `${bench.folder}/pattern`;
  await run([...bench.resmon, "run", "-i", "100ms", "--no-report", "-o", recorded, "--", "sh", "-c", BUSY]);
  writeLikeLog(real, `${recorded}/log.jsonl`, { ticks, interval: 1 });
  return [
    ...await measureReport(bench, gauges, "4 gauges"),
    ...await measureReport(bench, real, "everything that a run records here"),
  ];
}

async function measureReport(bench: Workbench, log: string, what: string): Promise<Row[]> {
  const page = `${log}.html`;
  const ticks = bench.isQuick ? "20,000" : "1,000,000";
  const { seconds, memory_bytes } = await timed(bench, [...bench.resmon, "report", "--force", "-o", page, log]);
  const paint = await paintSeconds(page);
  const command = "resmon report log.jsonl";
  return [
    {
      what: `Making it from ${ticks} ticks of ${what} (${sizeOf(log)})`,
      measured: `${seconds.toFixed(1)} s`,
      target: atMost(MOST_SECONDS, seconds, `under ${MOST_SECONDS} s`),
      command,
    },
    {
      what: "… its memory",
      measured: megabytes(memory_bytes),
      target: atMost(MOST_BYTES, memory_bytes, "at most 150 MiB"),
      command,
    },
    {
      what: `… until the page of ${sizeOf(page)} is painted in Chromium`,
      measured: paint === undefined ? `skipped: there is no ${CHROMIUM}` : `${paint.toFixed(2)} s`,
      ...(paint === undefined ? {} : { target: atMost(MOST_PAINT_SECONDS, paint, "under 1 s") }),
      command: "page.goto, until every canvas has a painted pixel",
    },
  ];
}

function sizeOf(path: string): string {
  return megabytes(Deno.statSync(path).size);
}

/** Seconds from the navigation until each canvas that is in view has painted pixels; undefined where there is no browser. */
async function paintSeconds(path: string): Promise<number | undefined> {
  if (!hasFile(CHROMIUM)) return undefined;
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, bypassCSP: true });
    const page = await context.newPage();
    const start = performance.now();
    await page.goto(`file://${path}`, { waitUntil: "commit" });
    await page.waitForFunction(IS_PAINTED, undefined, { polling: "raf", timeout: 60_000 });
    return (performance.now() - start) / 1000;
  } finally {
    await browser.close();
  }
}

function hasFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

// As text, for it runs in the page.
const IS_PAINTED = `(() => {
  const inView = [...document.querySelectorAll("canvas")].filter((canvas) => {
    const { top, height } = canvas.getBoundingClientRect();
    return height > 0 && top < innerHeight;
  });
  return inView.length > 0 && inView.every((canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value) => value !== 0);
  });
})()`;
