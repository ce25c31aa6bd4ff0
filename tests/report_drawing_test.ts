import assert from "node:assert/strict";
import type { Frame } from "../lib/frame.ts";
import { Samples } from "../lib/samples.ts";
import { loadAssets } from "../sinks/html_assets.ts";
import { writeReport } from "../sinks/report_file.ts";
import { launchChromium, type OpenReport, openReport } from "./browser.ts";
import { trainingFrames, trainingSummary } from "./sample_run.ts";
import { withTemporaryFolder } from "./temporary.ts";

/** Whether something is drawn in a chart at some seconds of the sample run, in blue: the colour of the first line. */
function isDrawnAt(id: string, seconds: number): string {
  return `(() => { const canvas = document.getElementById("${id}"); const scale = canvas.width / canvas.clientWidth;
    const x = 74 + ${seconds} / 200 * (canvas.clientWidth - 74);
    const { data } = canvas.getContext("2d").getImageData(Math.round(x * scale), 0, 1, canvas.height);
    return data.some((blue, at) => at % 4 === 2 && blue > data[at - 2] + 100 && data[at + 1] > 0); })()`;
}

Deno.test({
  name: "a report draws nothing where nothing was read, neither lines nor stacks",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    withTemporaryFolder(async (folder) => {
      const path = `${folder}/report.html`;
      const frames = trainingFrames().filter(({ elapsed }) => elapsed < 60 || elapsed > 120);
      const feed = (history: { frame(frame: Frame): void }): void => frames.forEach((frame) => history.frame(frame));
      await writeReport(path, [{ summary: trainingSummary(), feed }], await loadAssets());
      const browser = await launchChromium();
      try {
        const { evaluate } = await openReport(browser, path);
        for (const id of ["cpu", "memory", "cpu-processes"]) {
          const drawn = await Promise.all([30, 90, 150].map((seconds) => evaluate(isDrawnAt(id, seconds))));
          assert.deepEqual(drawn, [true, false, true], id);
        }
      } finally {
        await browser.close();
      }
    }),
});

const DAY = 86_400;

/** A day at one tick a second, every value of it noisy: the largest page that such a run can have. */
function feedDay(history: { frame(frame: Frame): void }): void {
  const [sample] = trainingFrames().slice(100);
  assert.ok(sample !== undefined);
  const { list, values } = sample.samples;
  for (let second = 0; second < DAY; second++) {
    const noisy = values.map((value) => value * (0.5 + Math.random()));
    // One tick of the day has a peak: it must not get lost.
    const peak = second === 54_321 ? 799 : Math.min(700, noisy[0] ?? 0);
    history.frame({ ...sample, elapsed: second, samples: new Samples(list, [peak, ...noisy.slice(1)]) });
  }
}

Deno.test({
  name: "a day at one tick a second is a page of at most 5 MB that shows every peak and zooms to single ticks",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    withTemporaryFolder(async (folder) => {
      const bare = trainingSummary();
      const summary = trainingSummary({
        run: { ...bare.run, wall_seconds: DAY },
        monitor: { ...bare.monitor, ticks: DAY },
      });
      const path = `${folder}/report.html`;
      await writeReport(path, [{ summary, feed: feedDay }], await loadAssets());
      const { size } = await Deno.stat(path);
      assert.ok(size <= 5e6, `${size} bytes`);
      const browser = await launchChromium();
      try {
        await checkDay(await openReport(browser, path));
      } finally {
        await browser.close();
      }
    }),
});

async function checkDay({ page, errors, evaluate }: OpenReport): Promise<void> {
  assert.deepEqual(errors, []);
  // The axis ends above the peak; without it the highest value would be 700 %. The limit is drawn there too, but not in blue.
  const top = `(() => { const canvas = document.getElementById("cpu"); const scale = canvas.width / canvas.clientWidth;
    const x = 74 + 54321 / 86400 * (canvas.clientWidth - 74);
    const { data } = canvas.getContext("2d").getImageData(Math.round((x - 20) * scale), 0, 24 * scale, canvas.height * 0.15);
    return data.some((blue, at) => at % 4 === 2 && blue > data[at - 2] + 50 && data[at + 1] > 0); })()`;
  assert.equal(await evaluate(top), true, "the peak of one tick is not to be seen");
  await page.locator("#cpu").focus();
  for (let times = 0; times < 14; times++) await page.keyboard.press("+");
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as CSV" }).click();
  const rows = (await Deno.readTextFile(await (await download).path())).trim().split("\r\n").slice(1);
  assert.ok(rows.length >= 5 && rows.length <= 7, `${rows.length} ticks in sight`);
}
