import assert from "node:assert/strict";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import type { Summary } from "../lib/summary.ts";
import { writeSampleReport } from "./sample_report.ts";
import { trainingSummary } from "./sample_run.ts";

const CHROMIUM = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";
const QUIET = ["quic", "background-networking", "component-update", "sync", "gpu"].map((name) => `--disable-${name}`);

interface OpenReport {
  readonly page: Page;
  /** What the page asked for, and what it complained about. */
  readonly requests: string[];
  readonly errors: string[];
  /** The value of an expression, by the debugger: the page's own policy forbids evaluating text. */
  readonly evaluate: (expression: string) => Promise<unknown>;
}

interface View {
  readonly summaries?: readonly Summary[];
  readonly options?: BrowserContextOptions;
}

async function withReport(view: View, check: (report: OpenReport) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const browser = await launch();
  try {
    const path = `${folder}/report.html`;
    await writeSampleReport(path, view.summaries);
    await check(await open(browser, `file://${path}`, view.options));
  } finally {
    await browser.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function launch(): Promise<Browser> {
  await Deno.stat(CHROMIUM).catch((cause) => {
    const install = "install it (Debian: apt-get install chromium) or set CHROMIUM to its path";
    throw new Error(`Cannot test the report without a browser: ${CHROMIUM} is missing; ${install}`, { cause });
  });
  return await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--no-first-run", ...QUIET] });
}

async function open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenReport> {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, ...options });
  const requests: string[] = [];
  const errors: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(url);
  await page.waitForSelector("html[data-drawn=yes]");
  const session = await page.context().newCDPSession(page);
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result } = await session.send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    return result.value;
  };
  return { page, requests, errors, evaluate };
}

function browserTest(name: string, view: View, check: (report: OpenReport) => Promise<void>): void {
  // The browser's driver keeps timers and pipes of its own beyond a test.
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn: () => withReport(view, check) });
}

/** The number of different colours in each canvas. */
const COLORS = `[...document.querySelectorAll("canvas")].map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
})`;

/** Is kept once what happened before is painted: events of the page come before its next frame. */
const PAINTED = "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))";

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
