import assert from "node:assert/strict";
import axe from "axe-core";
import { browserTest, closeBrowserAfterAll, COLORS, type OpenReport } from "./browser.ts";
import type { Summary } from "../lib/summary.ts";
import { trainingMarks } from "./sample_marks.ts";
import { trainingSummary } from "./sample_run.ts";

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

const marked = trainingSummary(trainingMarks());

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
    assert.equal(await page.locator(".toolbar output").textContent(), "all 4 min", "the longest run fits");
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
      [60, 193, 115, 100.15].map((seconds) => evaluate(pixel(seconds))),
    );
    assert.equal(new Set([before, phase, stop, tag]).size, 4, `${[before, phase, stop, tag]}`);
  },
);
