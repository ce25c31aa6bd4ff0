/**
 * Takes the pictures of the README: records the bundled example with the real program and photographs its report in
 * Chromium. `deno task screenshot` writes `docs/report-light.png` and `docs/report-dark.png`; `deno task screenshot FOLDER
 * [REPORT]` puts pictures of a whole report into a folder instead: light, dark, a phone and on paper.
 */
import type { Browser, BrowserContextOptions } from "playwright-core";
import { launchChromium, openReport } from "../tests/browser.ts";

const ROOT = new URL("../", import.meta.url).pathname;
const DESKTOP = { width: 1200, height: 1480 };
const VIEWS: readonly (BrowserContextOptions & { readonly name: string })[] = [
  { name: "light", colorScheme: "light", viewport: DESKTOP },
  { name: "dark", colorScheme: "dark", viewport: DESKTOP },
  { name: "phone", colorScheme: "light", viewport: { width: 320, height: 640 } },
];

/** Records the example in a folder of its own and gives the path of its report. */
async function recordExample(folder: string): Promise<string> {
  await Deno.copyFile(`${ROOT}examples/train.py`, `${folder}/train.py`);
  const command = ["python3", "train.py"];
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      `${ROOT}main.ts`,
      "run",
      "-q",
      "-i",
      "100ms",
      "-o",
      "results",
      "--tag",
      "model=tiny",
      "--",
      ...command,
    ],
    cwd: folder,
    env: { PYTHONPATH: `${ROOT}clients/python/src` },
  }).output();
  if (!success) throw new Error("Cannot record the example");
  return `${folder}/results/report.html`;
}

/** What a reader of the README sees first: the head of the report and its main charts. */
async function takeReadmePictures(browser: Browser, report: string): Promise<void> {
  for (const { name, ...options } of VIEWS.slice(0, 2)) {
    const { page } = await openReport(browser, report, { ...options, deviceScaleFactor: 1 });
    await page.screenshot({ path: `${ROOT}docs/report-${name}.png` });
    await page.close();
  }
}

async function takeWholePictures(browser: Browser, report: string, folder: string): Promise<void> {
  for (const { name, ...options } of VIEWS) {
    const { page } = await openReport(browser, report, { ...options, deviceScaleFactor: 2 });
    await page.screenshot({ path: `${folder}/report-${name}.png`, fullPage: true });
    if (name === "light") await page.pdf({ path: `${folder}/report.pdf`, format: "A4", printBackground: true });
    await page.close();
  }
}

const [folder, report] = Deno.args;
const temporary = await Deno.makeTempDir({ prefix: "train-" });
const browser = await launchChromium();
try {
  const path = report ?? await recordExample(temporary);
  await (folder === undefined ? takeReadmePictures(browser, path) : takeWholePictures(browser, path, folder));
} finally {
  await browser.close();
  await Deno.remove(temporary, { recursive: true });
}
