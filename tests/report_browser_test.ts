import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { Summary } from "../lib/summary.ts";
import { browserTest, closeBrowserAfterAll, COLORS, PAINTED } from "./browser.ts";
import { trainingSummary } from "./sample_run.ts";

closeBrowserAfterAll();

function cellsIn(page: Page, column: number): Promise<string[]> {
  return page.locator(`table.sortable tbody tr td:nth-child(${column})`).allTextContents();
}

browserTest("report opens from a file, asks for nothing else and complains of nothing", {}, async (report) => {
  assert.deepEqual(report.requests.map((url) => url.slice(0, 8)), ["file:///"]);
  assert.deepEqual(report.errors, []);
  assert.equal(await report.page.title(), "python train.py --data '/data/images of cats' --epochs 12 -… · resmon");
});

browserTest("report paints every chart", {}, async ({ evaluate }) => {
  const colors = await evaluate(COLORS);
  assert.ok(Array.isArray(colors) && colors.length === 10);
  assert.deepEqual(colors.filter((count) => count < 10), []);
});

browserTest(
  "report paints its charts in the colours of a dark page",
  { options: { colorScheme: "dark" } },
  async (report) => {
    assert.equal(
      await report.evaluate("getComputedStyle(document.documentElement).backgroundColor"),
      "rgb(22, 22, 24)",
    );
    const colors = await report.evaluate(COLORS);
    assert.ok(Array.isArray(colors) && colors.every((count) => count >= 10));
  },
);

browserTest("report follows a change between light and dark", {}, async ({ page, evaluate }) => {
  const picture = `document.getElementById("cpu").toDataURL()`;
  const light = await evaluate(picture);
  await page.emulateMedia({ colorScheme: "dark" });
  await evaluate(PAINTED);
  assert.ok(await evaluate(picture) !== light, "the chart is as it was");
});

browserTest(
  "report is painted light on paper, whatever the screen is",
  { options: { colorScheme: "dark" } },
  async (report) => {
    const { page, evaluate } = report;
    const corner = `[...document.getElementById("cores").getContext("2d").getImageData(0, 0, 1, 1).data].join()`;
    const text = `getComputedStyle(document.querySelector("h1")).color`;
    assert.equal(await evaluate(text), "rgb(236, 236, 234)");
    await evaluate(`dispatchEvent(new Event("beforeprint"))`);
    assert.equal(await evaluate(text), "rgb(29, 29, 27)");
    assert.equal(await evaluate(corner), "0,0,0,0");
    const widths = await evaluate(`["cpu", "cores"].map((id) => document.getElementById(id).clientWidth)`);
    assert.deepEqual(widths, [705, 334], "charts are drawn at the size that they have on paper");
    await evaluate(`dispatchEvent(new Event("afterprint"))`);
    assert.equal(await evaluate(text), "rgb(236, 236, 234)");
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator(".toolbar").isVisible(), false);
    const pdf = await page.pdf({ format: "A4", printBackground: true });
    assert.ok(pdf.length > 50_000, `a page of ${pdf.length} bytes has no charts`);
  },
);

browserTest("report filters the processes and the metrics by words", {}, async ({ page }) => {
  const field = page.getByRole("searchbox", { name: "Filter processes" });
  await field.fill("PYTHON main");
  assert.equal(await page.locator("#processes-table tbody tr:visible").count(), 4);
  assert.equal(await page.locator(".filtering output").first().textContent(), "4 of 6");
  await field.fill("");
  assert.equal(await page.locator("#processes-table tbody tr:visible").count(), 6);
  await page.getByText("All metrics").click();
  await page.getByRole("searchbox", { name: "Filter metrics" }).fill("throttled seconds");
  assert.deepEqual(await page.locator("#metrics-table tbody tr:visible code").allTextContents(), [
    "cgroup_cpu_throttled_seconds_total",
  ]);
});

browserTest("report sorts the processes on a click, unknown values last", {}, async ({ page }) => {
  const pss = page.getByRole("button", { name: "Max PSS" });
  await pss.click();
  assert.deepEqual((await cellsIn(page, 6)).at(0), "5.1 GiB");
  assert.deepEqual((await cellsIn(page, 6)).at(-1), "");
  await pss.click();
  assert.deepEqual((await cellsIn(page, 6)).at(0), "625 MiB");
  assert.deepEqual((await cellsIn(page, 6)).at(-1), "");
  assert.equal(await page.locator("th[aria-sort]").getAttribute("aria-sort"), "ascending");
});

browserTest("report sorts the processes by the keyboard", {}, async ({ page }) => {
  await page.getByRole("button", { name: "PID" }).focus();
  await page.keyboard.press("Enter");
  assert.deepEqual((await cellsIn(page, 3)).slice(0, 2), ["4731", "4723"]);
  await page.keyboard.press("Space");
  assert.deepEqual((await cellsIn(page, 3)).slice(0, 2), ["4711", "4720"]);
});

browserTest("report tells the point under the mouse", {}, async ({ page, evaluate }) => {
  const picture = `document.getElementById("cpu").toDataURL()`;
  const before = await evaluate(picture);
  await page.locator("#cpu").hover();
  await evaluate(PAINTED);
  assert.ok(await evaluate(picture) !== before, "the chart is as it was");
});

const phone = { viewport: { width: 320, height: 640 } };

browserTest("report does not scroll sideways on a phone", { options: phone }, async ({ evaluate }) => {
  await evaluate(`document.querySelector("details").open = true`);
  assert.equal(await evaluate("document.documentElement.scrollWidth"), 320);
});

const HOSTILE = `</script><img src=x onerror="document.title='owned'">`;

function hostileSummary(): Summary {
  const summary = trainingSummary();
  const rows = [{ id: 1, pid: 1, name: HOSTILE, command: ["sh", "-c", HOSTILE], values: {} }];
  return { ...summary, run: { ...summary.run, command: [HOSTILE], host: HOSTILE }, processes: { seen: 1, rows } };
}

browserTest(
  "report shows hostile names as text",
  { summaries: [hostileSummary()] },
  async ({ page, errors, requests }) => {
    assert.equal(await page.locator("table.sortable td").first().textContent(), HOSTILE);
    assert.equal(await page.locator("img").count(), 0);
    assert.notEqual(await page.title(), "owned");
    assert.deepEqual(errors, []);
    assert.equal(requests.length, 1);
  },
);

const STOPPED = [{ kind: "stop", elapsed: 100 }, { kind: "continue", elapsed: 150 }] as const;

function stoppedSummary(): Summary {
  return trainingSummary({ events: STOPPED.map((event) => ({ ...event, time: 1_795_252_353 + event.elapsed })) });
}

browserTest(
  "report shades the time that the command was stopped",
  { summaries: [stoppedSummary()] },
  async ({ evaluate }) => {
    const shade = `(() => {
    const canvas = document.getElementById("cpu");
    const pixel = (share) => canvas.getContext("2d").getImageData(canvas.width * share, canvas.height * 0.2, 1, 1).data[3];
    return [pixel(0.4), pixel(0.6), pixel(0.9)].map((alpha) => alpha > 0);
  })()`;
    assert.deepEqual(await evaluate(shade), [false, true, false]);
  },
);
