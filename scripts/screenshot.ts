/**
 * Takes pictures of the report of a sample run: light, dark, a phone and on paper. Usage: `deno task screenshot FOLDER`.
 */
import { chromium } from "playwright-core";
import { HtmlSink } from "../sinks/html.ts";
import { trainingFrames, trainingSummary } from "../tests/sample_run.ts";

const VIEWS = [
  { name: "light", colorScheme: "light", viewport: { width: 1200, height: 900 } },
  { name: "dark", colorScheme: "dark", viewport: { width: 1200, height: 900 } },
  { name: "phone", colorScheme: "light", viewport: { width: 320, height: 640 } },
] as const;

async function writeReport(path: string): Promise<void> {
  const sink = await HtmlSink.open(path, { force: true, onFailure: console.error });
  for (const frame of trainingFrames()) sink.frame(frame);
  sink.end(trainingSummary());
}

async function takePictures(folder: string): Promise<void> {
  const report = await Deno.realPath(folder).then((path) => `${path}/report.html`);
  await writeReport(report);
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  for (const { name, colorScheme, viewport } of VIEWS) {
    const page = await browser.newPage({ colorScheme, viewport, deviceScaleFactor: 2 });
    await page.goto(`file://${report}`);
    await page.screenshot({ path: `${folder}/report-${name}.png`, fullPage: true });
    if (name === "dark") await page.pdf({ path: `${folder}/report.pdf`, format: "A4", printBackground: true });
    await page.close();
  }
  await browser.close();
}

await takePictures(Deno.args[0] ?? ".");
