import assert from "node:assert/strict";
import axe from "axe-core";
import { browserTest, closeBrowserAfterAll, COLORS, launchChromium, type OpenReport, openReport } from "./browser.ts";
import type { Frame } from "../lib/frame.ts";
import { Samples } from "../lib/samples.ts";
import type { Summary } from "../lib/summary.ts";
import { loadAssets } from "../sinks/html_assets.ts";
import { writeReport } from "../sinks/report_file.ts";
import { trainingFrames, trainingSummary } from "./sample_run.ts";
import { withTemporaryFolder } from "./temporary.ts";

closeBrowserAfterAll();

/** What hinders people who use a keyboard, a screen reader or strong contrast, by the rules of WCAG 2.2 AA. */
async function violationsOf({ evaluate }: OpenReport): Promise<unknown> {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  return await evaluate(`${axe.source};
    document.querySelectorAll("details").forEach((each) => each.open = true);
    axe.run({ runOnly: ${JSON.stringify(tags)} }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ": " + nodes.map(({ target }) => target.join(" ")).join(", ")))`);
}

const VIEWS = [
  ["light", {}],
  ["dark", { colorScheme: "dark" }],
  ["on a phone", { viewport: { width: 320, height: 640 } }],
] as const;

const MARKED = [
  { kind: "phase_start", elapsed: 25, attributes: { name: "train" } },
  { kind: "tag", elapsed: 100, attributes: { name: "epoch 6" } },
  { kind: "phase_end", elapsed: 180, attributes: { name: "train" } },
  { kind: "stop", elapsed: 110 },
  { kind: "continue", elapsed: 120 },
] as const;
const marked = trainingSummary({ events: MARKED.map((event) => ({ ...event, time: 1_795_252_353 + event.elapsed })) });

function folds(): Summary[] {
  return ["1", "2", "3"].map((fold, at) => {
    const summary = trainingSummary();
    const run = { ...summary.run, tags: { fold }, wall_seconds: 200 + 20 * at };
    return { ...summary, run, exact: { ...summary.exact, cpu_seconds: 640 - 64 * at } };
  });
}

for (const [name, options] of VIEWS) {
  browserTest(
    `axe finds nothing to complain of in a report ${name}`,
    { summaries: [marked], options },
    async (report) => {
      assert.deepEqual(await violationsOf(report), []);
    },
  );
  browserTest(
    `axe finds nothing to complain of in a comparison ${name}`,
    { summaries: folds(), options },
    async (report) => {
      assert.deepEqual(await violationsOf(report), []);
    },
  );
}

browserTest(
  "a comparison lays its runs over each other and tells how they differ",
  { summaries: folds() },
  async (report) => {
    const { page, requests, errors, evaluate } = report;
    assert.deepEqual([requests.length, errors], [1, []]);
    assert.equal(await page.title(), "3 runs compared · resmon");
    assert.deepEqual(await page.locator("figure:has(#cpu) .keys li").allTextContents(), [
      "fold=1 ",
      "fold=2 ",
      "fold=3 ",
    ]);
    const colors = await evaluate(COLORS);
    assert.ok(Array.isArray(colors) && colors.length >= 8 && colors.every((count) => count >= 10), `${colors}`);
    const cells = (quantity: string): Promise<string[]> =>
      page.locator("#comparison-table tr", { hasText: quantity }).locator("td").allTextContents();
    assert.deepEqual(await cells("Duration"), ["3 min 20 s", "3 min 40 s", "+20 s (+10 %)", "4 min", "+40 s (+20 %)"]);
    assert.deepEqual(await cells("CPU time"), [
      "10 min 40 s",
      "9 min 36 s",
      "−1 min 04 s (−10 %)",
      "8 min 32 s",
      "−2 min 08 s (−20 %)",
    ]);
  },
);

const nine = Array.from({ length: 9 }, (_, at) => {
  const summary = trainingSummary({ metrics: at < 8 ? {} : trainingSummary().metrics });
  return { ...summary, run: { ...summary.run, tags: { fold: `${at + 1}` } } };
});

browserTest(
  "a comparison dashes the ninth run, whose colour is that of the first",
  { summaries: nine },
  async (report) => {
    const { page, evaluate } = report;
    const dashed = "figure:has(#memory-rss) .keys li:has(i.dashed), .runs li:has(i.dashed), th:has(i.dashed)";
    for (const key of await page.locator(dashed).all()) assert.match(await key.textContent() ?? "", /fold=9/);
    assert.equal(await page.locator(dashed).count(), 4);
    // The share of the width at which there is something of its line.
    const inked = await evaluate(`(() => { const canvas = document.getElementById("memory-rss");
    const context = canvas.getContext("2d");
    const left = Math.ceil(75 * canvas.width / canvas.clientWidth);
    const isBlue = (red, _, blue, alpha) => red < 60 && blue > 140 && alpha > 100;
    const hasInk = (x) => {
      const { data } = context.getImageData(x, 0, 1, canvas.height);
      return Array.from({ length: canvas.height }, (_, y) => data.slice(4 * y, 4 * y + 4)).some((rgba) => isBlue(...rgba));
    };
    const columns = Array.from({ length: canvas.width - left }, (_, at) => hasInk(left + at));
    return columns.filter(Boolean).length / columns.length; })()`);
    assert.ok(typeof inked === "number" && inked > 0.3 && inked < 0.85, `${inked}`);
  },
);

const phone = { viewport: { width: 320, height: 640 } };

browserTest(
  "a comparison does not scroll sideways on a phone",
  { summaries: folds(), options: phone },
  async (report) => {
    await report.evaluate(`document.querySelector("details").open = true`);
    assert.equal(await report.evaluate("document.documentElement.scrollWidth"), 320);
  },
);

browserTest(
  "a report names phases, tags and stops on its charts",
  { summaries: [marked] },
  async ({ page, evaluate }) => {
    assert.deepEqual((await page.locator("figure:has(#disk) .keys li").allTextContents()).slice(-2), [
      "stopped",
      "phases",
    ]);
    const pixel = (seconds: number): string =>
      `(() => { const canvas = document.getElementById("disk"); const scale = canvas.width / canvas.clientWidth;
      const x = 74 + ${seconds} / 200 * (canvas.clientWidth - 74);
      return [...canvas.getContext("2d").getImageData(Math.round(x * scale), canvas.height / 2, 1, 1).data].join(); })()`;
    const [before, phase, stop, tag] = await Promise.all(
      [10, 60, 115, 100.15].map((seconds) => evaluate(pixel(seconds))),
    );
    assert.equal(new Set([before, phase, stop, tag]).size, 4, `${[before, phase, stop, tag]}`);
  },
);

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
  // The axis ends above the peak; without it the highest value would be 700 %.
  const top = `(() => { const canvas = document.getElementById("cpu"); const scale = canvas.width / canvas.clientWidth;
    const x = 74 + 54321 / 86400 * (canvas.clientWidth - 74);
    const { data } = canvas.getContext("2d").getImageData(Math.round(x * scale) - 3, 0, 7, canvas.height * 0.15);
    return data.some((value) => value > 0); })()`;
  assert.equal(await evaluate(top), true, "the peak of one tick is not to be seen");
  await page.locator("#cpu").focus();
  for (let times = 0; times < 14; times++) await page.keyboard.press("+");
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as CSV" }).click();
  const rows = (await Deno.readTextFile(await (await download).path())).trim().split("\r\n").slice(1);
  assert.ok(rows.length >= 5 && rows.length <= 7, `${rows.length} ticks in sight`);
}
