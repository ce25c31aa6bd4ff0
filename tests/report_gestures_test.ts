import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import type { Page } from "playwright-core";
import { browserTest, closeBrowserAfterAll, type OpenReport, PAINTED } from "./browser.ts";

closeBrowserAfterAll();

// In pixels, the same for all charts.
const VALUE_AXIS = 74;
const WHOLE = "all 3 min 20 s";

/** What the toolbar says of the range, once everything is painted. */
async function rangeOf({ page, evaluate }: OpenReport): Promise<string | null> {
  await evaluate(PAINTED);
  return await page.locator(".toolbar output").textContent();
}

/** The seconds at which the range begins and ends. */
async function secondsOf(report: OpenReport): Promise<[number, number]> {
  const text = await rangeOf(report) ?? "";
  const [from, to] = text.replace(/ of .*/, "").split(" to ").map(secondsIn);
  return [from ?? NaN, to ?? NaN];
}

function secondsIn(text: string): number {
  const [, minutes = "0", seconds = "0"] = /^(?:(\d+) min ?)?(?:([\d.]+) s)?$/.exec(text) ?? [];
  return 60 * parseFloat(minutes) + parseFloat(seconds);
}

/** Where the CPU chart has its plot on the screen. */
async function plotOf(page: Page): Promise<{ readonly at: (share: number) => number; readonly y: number }> {
  const chart = page.locator("#cpu");
  await chart.evaluate((canvas) => canvas.scrollIntoView({ block: "center" }));
  const box = await chart.boundingBox();
  assert.ok(box !== null);
  return { at: (share) => box.x + VALUE_AXIS + share * (box.width - VALUE_AXIS), y: box.y + box.height / 2 };
}

/** Presses the mouse in a chart at a share of its width and moves it to another. */
async function drag(page: Page, from: number, to: number): Promise<void> {
  const { at, y } = await plotOf(page);
  await page.mouse.move(at(from), y);
  await page.mouse.down();
  await page.mouse.move(at((from + to) / 2), y);
  await page.mouse.move(at(to), y);
  await page.mouse.up();
}

function pictureOf(id: string): string {
  return `document.getElementById("${id}").toDataURL()`;
}

/** Whether something of the colour of the command stands at both sides of the CPU chart. */
const SPREAD = `(() => { const canvas = document.getElementById("cpu"); const scale = canvas.width / canvas.clientWidth;
  const isInked = (x) => { const { data } = canvas.getContext("2d").getImageData(x * scale, 0, 4, canvas.height);
    return data.some((blue, at) => at % 4 === 2 && blue > data[at - 2] + 100); };
  return isInked(${VALUE_AXIS} + 4) && isInked(canvas.clientWidth - 60); })()`;

browserTest("dragging zooms every chart and the process tree, a double click shows all", {}, async (report) => {
  const { page, evaluate } = report;
  const ids = ["cpu", "cores", "memory", "memory-processes", "disk"];
  const before = await Promise.all(ids.map((id) => evaluate(pictureOf(id))));
  const bar = page.locator(".timeline rect").first();
  assert.equal(await rangeOf(report), WHOLE);
  await drag(page, 0.25, 0.5);
  const [from, to] = await secondsOf(report);
  assert.ok(Math.abs(from - 50) < 3 && Math.abs(to - 100) < 3, `${from} to ${to}`);
  const zoomed = await Promise.all(ids.map((id) => evaluate(pictureOf(id))));
  zoomed.forEach((picture, at) => assert.ok(picture !== before[at], `${ids[at]} is as it was`));
  assert.deepEqual([await bar.getAttribute("x"), await bar.getAttribute("width")], ["0%", "100%"]);
  const ends = await page.locator(".timeline .scale span").allTextContents();
  assert.deepEqual(ends.map(secondsIn), [from, to]);
  assert.equal(await evaluate(SPREAD), true, "the line does not reach from side to side");
  await page.locator("#memory").dblclick();
  assert.equal(await rangeOf(report), WHOLE);
});

browserTest("Shift and dragging moves the range, and not beyond the run", {}, async (report) => {
  const { page } = report;
  await drag(page, 0.25, 0.5);
  const [before] = await secondsOf(report);
  await page.keyboard.down("Shift");
  await drag(page, 0.5, 0.25);
  await page.keyboard.up("Shift");
  const [after] = await secondsOf(report);
  assert.ok(Math.abs(after - before - 12.5) < 2, `${before} became ${after}`);
  await page.keyboard.down("Shift");
  for (let times = 0; times < 12; times++) await drag(page, 0.95, 0.05);
  await page.keyboard.up("Shift");
  assert.equal((await secondsOf(report))[1], 200);
});

browserTest("a range that is being chosen is shaded in every chart", {}, async ({ page, evaluate }) => {
  const { at, y } = await plotOf(page);
  await page.mouse.move(at(0.3), y);
  await page.mouse.down();
  await page.mouse.move(at(0.6), y);
  await evaluate(PAINTED);
  // The shade is black with little alpha: where nothing else is drawn, it is all there is.
  const isShaded = (share: number): Promise<unknown> =>
    evaluate(`(() => { const canvas = document.getElementById("disk"); const scale = canvas.width / canvas.clientWidth;
      const x = ${VALUE_AXIS} + ${share} * (canvas.clientWidth - ${VALUE_AXIS});
      const { data } = canvas.getContext("2d").getImageData(x * scale, 0, 1, canvas.height * 0.8);
      return data.some((alpha, at) => at % 4 === 3 && alpha > 30 && alpha < 60 && data[at - 3] < 40 && data[at - 1] < 40); })()`);
  assert.deepEqual([await isShaded(0.2), await isShaded(0.45), await isShaded(0.8)], [false, true, false]);
  await page.mouse.up();
});

browserTest("the wheel zooms with Ctrl only, so that the page can be scrolled", {}, async (report) => {
  const { page } = report;
  await page.locator("#cpu").hover();
  await page.mouse.wheel(0, -500);
  assert.equal(await rangeOf(report), WHOLE);
  await page.locator("#cpu").hover();
  await page.keyboard.down("Control");
  await page.mouse.wheel(0, -500);
  await page.keyboard.up("Control");
  const [from, to] = await secondsOf(report);
  assert.ok(to - from < 100, `${from} to ${to}`);
});

browserTest("the buttons zoom and move by the keyboard alone", {}, async (report) => {
  const { page } = report;
  const press = async (name: string): Promise<void> => {
    await page.getByRole("button", { name }).focus();
    await page.keyboard.press("Enter");
  };
  await press("Zoom in");
  assert.deepEqual(await secondsOf(report), [50, 150]);
  await press("Later");
  assert.deepEqual(await secondsOf(report), [75, 175]);
  await press("Earlier");
  assert.deepEqual(await secondsOf(report), [50, 150]);
  await press("Zoom out");
  assert.equal(await rangeOf(report), WHOLE);
  await press("Zoom in");
  await press("Show all");
  assert.equal(await rangeOf(report), WHOLE);
  assert.equal(await page.getByRole("button", { name: "Earlier" }).getAttribute("aria-disabled"), "true");
});

browserTest("a chart that has the focus obeys arrows, plus, minus and Escape", {}, async (report) => {
  const { page } = report;
  await page.locator("#storage").focus();
  await page.keyboard.press("+");
  assert.deepEqual(await secondsOf(report), [50, 150]);
  await page.keyboard.press("Shift+ArrowRight");
  assert.deepEqual(await secondsOf(report), [60, 160]);
  await page.keyboard.press("ArrowRight");
  await report.evaluate(PAINTED);
  assert.equal(await page.locator(".toolbar .time").textContent(), "at 1 min 52 s");
  await page.keyboard.press("-");
  await page.keyboard.press("Escape");
  assert.equal(await rangeOf(report), WHOLE);
  await page.keyboard.press("Control++");
  assert.equal(await rangeOf(report), WHOLE, "with Ctrl the keys belong to the browser");
});

browserTest("the cursor of one chart is told in all of them, and to screen readers", {}, async (report) => {
  const { page, evaluate } = report;
  const { at, y } = await plotOf(page);
  await page.mouse.move(at(0.5), y);
  await evaluate(PAINTED);
  assert.equal(await page.locator(".toolbar .time").textContent(), "at 1 min 40 s");
  const values = page.locator("figure:has(#memory) .value");
  assert.match((await values.allTextContents()).join(), /^6\.8 GiB,8\.8 GiB,9\.1 GiB$/);
  assert.match(await page.locator("figure:has(#cores) .value").textContent() ?? "", /^CPU \d 100 %$/);
  const slider = page.getByRole("slider", { name: "Cursor" });
  await slider.focus();
  await page.keyboard.press("Home");
  await evaluate(PAINTED);
  assert.match(await slider.getAttribute("aria-valuetext") ?? "", /^at 0 s, .*, RSS of the command 410 MiB/);
  await page.mouse.move(at(0.5), y);
  await page.mouse.move(0, 0);
  await evaluate(PAINTED);
  assert.equal((await values.allTextContents()).join(""), "", "the cursor goes with the mouse");
});

browserTest("the slider of the cursor follows when the range changes", {}, async ({ page, evaluate }) => {
  const slider = page.getByRole("slider", { name: "Cursor" });
  await slider.fill("250");
  await page.locator("#cpu").focus();
  await page.keyboard.press("+");
  await page.keyboard.press("Shift+ArrowRight");
  await evaluate(PAINTED);
  // 50 s in what begins at 35 s and is 100 s long.
  assert.equal(await slider.inputValue(), "150");
});

browserTest("one finger pans a zoomed chart, two fingers zoom", { options: { hasTouch: true } }, async (report) => {
  const { page } = report;
  const { at, y } = await plotOf(page);
  const session = await page.context().newCDPSession(page);
  const touch = async (type: "touchStart" | "touchMove" | "touchEnd", ...shares: number[]): Promise<void> => {
    await session.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: shares.map((share, id) => ({ x: at(share), y, id })),
    });
  };
  await touch("touchStart", 0.4, 0.6);
  await touch("touchMove", 0.2, 0.8);
  await touch("touchEnd");
  const [from, to] = await secondsOf(report);
  assert.ok(to - from < 100 && from > 40 && to < 160, `${from} to ${to}`);
  await touch("touchStart", 0.6);
  for (const share of [0.55, 0.45, 0.35]) await touch("touchMove", share);
  await touch("touchEnd");
  const [later] = await secondsOf(report);
  assert.ok(later > from + 10, `${from} became ${later}`);
});

browserTest("what is in sight can be saved as CSV", {}, async ({ page }) => {
  await drag(page, 0.25, 0.5);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as CSV" }).click();
  const file = await download;
  assert.equal(file.suggestedFilename(), "resmon.csv");
  const rows: Record<string, string>[] = parse(await Deno.readTextFile(await file.path()), { columns: true });
  const times = rows.map((row) => parseFloat(row["elapsed_seconds"] ?? ""));
  assert.ok(times.length > 40 && times.every((time) => time > 45 && time < 105));
  assert.ok(rows.every((row) => /^\d/.test(row["cpu_percent"] ?? "") && row["memory_rss_bytes"] !== undefined));
  assert.ok("CPU by process: python (4711)" in (rows[0] ?? {}));
});
