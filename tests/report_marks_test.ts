import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { Summary } from "../lib/summary.ts";
import { loadAssets } from "../sinks/html_assets.ts";
import { writeReport } from "../sinks/report_file.ts";
import { browserTest, closeBrowserAfterAll, COLORS, launchChromium, openReport, PAINTED } from "./browser.ts";
import { phaseOf, repetition, trainingMarks } from "./sample_marks.ts";
import { sampleEvent } from "./sample_records.ts";
import { bareSummary, trainingFrames, trainingSummary } from "./sample_run.ts";
import { withTemporaryFolder } from "./temporary.ts";

closeBrowserAfterAll();

const marked = trainingSummary(trainingMarks());

/** Where the bars of a row of the phases stand, in percent. */
async function barsOf(page: Page, name: string): Promise<(readonly [x: number, width: number])[]> {
  const bars = await page.locator(`.lanes li:has(.who[title="${name}"]) rect`).all();
  const read = async (bar: (typeof bars)[number], attribute: string): Promise<number> =>
    Math.round(parseFloat(await bar.getAttribute(attribute) ?? ""));
  return await Promise.all(bars.map(async (bar) => [await read(bar, "x"), await read(bar, "width")] as const));
}

browserTest(
  "the bars of phases stand where the charts have their times, and zoom with them",
  { summaries: [marked] },
  async (report) => {
    const { page, evaluate } = report;
    assert.deepEqual(await barsOf(page, "load"), [[0, 12]]);
    assert.deepEqual(await barsOf(page, "epoch"), [[13, 34], [47, 33], [79, 15]]);
    assert.equal(
      await evaluate(`getComputedStyle(document.querySelector(".lanes svg")).backgroundColor`),
      "rgb(247, 247, 245)",
    );
    const [lanes, chart] = await Promise.all([
      evaluate(`document.querySelector(".lanes svg").getBoundingClientRect().left`),
      evaluate(`document.getElementById("cpu").getBoundingClientRect().left`),
    ]);
    assert.equal(lanes, Number(chart) + 74, "the axis of values is as wide as the names");
    await page.getByRole("button", { name: "Zoom in" }).click();
    await evaluate(PAINTED);
    const [, width = 0] = (await barsOf(page, "epoch"))[1] ?? [];
    assert.ok(width > 33, `${width} % of the width`);
  },
);

browserTest(
  "a click on a phase zooms to it, its name leads from one to the next, and the cursor crosses the rows",
  { summaries: [marked] },
  async ({ page, evaluate }) => {
    await page.locator('.lanes li:has(.who[title="epoch"]) rect').nth(1).click();
    await evaluate(PAINTED);
    assert.deepEqual((await barsOf(page, "epoch"))[1], [0, 100]);
    const name = page.getByRole("button", { name: "epoch" });
    for (const at of [0, 1]) {
      await name.press("Enter");
      await evaluate(PAINTED);
      assert.deepEqual((await barsOf(page, "epoch"))[at], [0, 100]);
    }
    const cursor = page.locator(".lanes svg line").first();
    assert.equal(await cursor.getAttribute("visibility"), "hidden");
    await page.locator("#cpu").press("ArrowRight");
    assert.equal(await cursor.getAttribute("visibility"), "visible");
    assert.equal(Math.round(parseFloat(await cursor.getAttribute("x1") ?? "")), 52);
  },
);

browserTest("the report draws progress, and tells it", { summaries: [marked] }, async ({ page, evaluate }) => {
  const colors = await evaluate(COLORS);
  assert.ok(Array.isArray(colors) && colors.length === 11 && colors.every((count) => count >= 10), `${colors}`);
  assert.match(await page.locator("#progress-table").textContent() ?? "", /52,000.*60,000.*87 %.*failed/s);
});

browserTest("logs are chosen by level and by words", { summaries: [marked] }, async ({ page }) => {
  const shown = (): Promise<number> => page.locator("#logs-table > tbody > tr:visible").count();
  const count = page.locator("#logs output");
  assert.equal(await shown(), 43);
  await page.getByRole("combobox", { name: "Least level" }).selectOption({ label: "warning and above" });
  assert.equal(await shown(), 3);
  assert.equal(await count.textContent(), "3 of 43");
  await page.getByRole("searchbox", { name: "Filter logs" }).fill("MEMORY");
  assert.equal(await shown(), 1);
  await page.getByRole("combobox", { name: "Least level" }).selectOption({ label: "all levels" });
  await page.getByRole("searchbox", { name: "Filter logs" }).fill("");
  assert.deepEqual([await shown(), await count.textContent()], [43, ""]);
});

browserTest("the phases are sorted by what they used", { summaries: [marked] }, async ({ page }) => {
  const names = (): Promise<string[]> => page.locator("#phases-table tbody td:first-child").allTextContents();
  assert.deepEqual(await names(), ["load", "train", "epoch", "save", "test"]);
  await page.locator("#phases-table").getByRole("button", { name: "CPU time" }).click();
  assert.deepEqual(await names(), ["train", "epoch", "test", "save", "load"]);
});

/** As many marks as a summary holds, with names as long as they may be. */
function manyMarks(): Summary {
  const name = (at: number): string => `${at} ${"n".repeat(60)}`;
  return bareSummary({
    run: { ...bareSummary().run, wall_seconds: 200 },
    phases: Array.from(
      { length: 200 },
      (_, at) => phaseOf(name(at), Array.from({ length: 5 }, (_, each) => repetition(at + each / 5, 0.2))),
    ),
    events: Array.from({ length: 1000 }, (_, at) => ({ kind: "tag", time: at, elapsed: at / 5, name: name(at) })),
    checkpoints: Array.from(
      { length: 1000 },
      (_, at) => ({ name: name(at), time: at, elapsed: at / 5, seconds: 0.2, metrics: {} }),
    ),
  });
}

Deno.test({
  name: "a report of 10,000 marks is a page of some megabytes that opens",
  // The browser's driver keeps timers and pipes of its own beyond a test.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    withTemporaryFolder(async (folder) => {
      const path = `${folder}/report.html`;
      const logs = Array.from({ length: 10_000 }, (_, at) =>
        sampleEvent("log", at / 50, { level: "info", messages: [`line ${at}`] }));
      await writeReport(path, [{
        summary: manyMarks(),
        feed: (history) => {
          for (const log of logs) {
            history.record(log);
          }
          for (const frame of trainingFrames()) {
            history.frame(frame);
          }
        },
      }], await loadAssets());
      const { size } = await Deno.stat(path);
      assert.ok(size < 4e6, `${size} bytes`);
      const browser = await launchChromium();
      try {
        const { page, errors } = await openReport(browser, path);
        assert.deepEqual(errors, []);
        assert.equal(await page.locator("#logs-table > tbody > tr").count(), 5000);
        assert.equal(await page.locator(".lanes ol > li").count(), 32);
      } finally {
        await browser.close();
      }
    }),
});
