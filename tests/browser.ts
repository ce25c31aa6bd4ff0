import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import type { Summary } from "../lib/summary.ts";
import { writeSampleReport } from "./sample_report.ts";
import { withTemporaryFolder } from "./temporary.ts";

const CHROMIUM = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";
const QUIET = ["quic", "background-networking", "component-update", "sync", "gpu"].map((name) => `--disable-${name}`);

/** A report in a browser. */
export interface OpenReport {
  readonly page: Page;
  /** What the page asked for, and what it complained about. */
  readonly requests: string[];
  readonly errors: string[];
  /** The value of an expression, by the debugger: the page's own policy forbids evaluating text. */
  readonly evaluate: (expression: string) => Promise<unknown>;
}

/** Which report is opened, and how. */
export interface ReportView {
  /** The runs in it; the sample run unless given. */
  readonly summaries?: readonly Summary[];
  readonly options?: BrowserContextOptions;
}

/** Starts the browser of this machine. Rejects with what to do where there is none. */
export async function launchChromium(): Promise<Browser> {
  await Deno.stat(CHROMIUM).catch((cause) => {
    const install = "install it (Debian: apt-get install chromium) or set CHROMIUM to its path";
    throw new Error(`Cannot open a report without a browser: ${CHROMIUM} is missing; ${install}`, { cause });
  });
  return await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--no-first-run", ...QUIET] });
}

/** Opens a report that is a file, and waits until its charts are drawn. */
export async function openReport(
  browser: Browser,
  path: string,
  options: BrowserContextOptions = {},
): Promise<OpenReport> {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, ...options });
  const requests: string[] = [];
  const errors: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(error.message));
  await page.goto(`file://${path}`);
  await page.waitForSelector("html[data-drawn=yes]");
  const session = await page.context().newCDPSession(page);
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result } = await session.send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    return result.value;
  };
  return { page, requests, errors, evaluate };
}

let shared: Promise<Browser> | undefined;

/** A test of a report in a browser, which the tests of a file share. */
export function browserTest(name: string, view: ReportView, check: (report: OpenReport) => Promise<void>): void {
  const fn = (): Promise<void> =>
    withTemporaryFolder(async (folder) => {
      shared ??= launchChromium();
      const path = `${folder}/report.html`;
      await writeSampleReport(path, view.summaries);
      const report = await openReport(await shared, path, view.options);
      await check(report);
      await report.page.close();
    });
  // The browser's driver keeps timers and pipes of its own beyond a test.
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn });
}

/** Ends the browser that the tests of a file shared: to be called once in each of them. */
export function closeBrowserAfterAll(): void {
  Deno.test.afterAll(async () => {
    await (await shared)?.close();
    shared = undefined;
  });
}

/** Is kept once what happened before is painted: events of the page come before its next frame. */
export const PAINTED = "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))";

/** The number of different colours in each canvas. */
export const COLORS = `[...document.querySelectorAll("canvas")].map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
})`;
