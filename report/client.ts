/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { gapSeconds, isSparse, type Line } from "./buckets.ts";
import { ChartOnPage } from "./chart_on_page.ts";
import type { LoadedChart, LoadedLine } from "./charts.ts";
import type { BlobId, ChartData, LineData, ReportData } from "./data.ts";
import { makeFilterable } from "./filter.ts";
import { unpack, unpackTimes } from "./packing.ts";
import { download, toCsv } from "./save.ts";
import { makeSortable } from "./sort.ts";
import { connectTimeline } from "./timeline.ts";
import { connectToolbar } from "./toolbar.ts";
import { View } from "./view.ts";

const FEWEST_TICKS_IN_SIGHT = 5;

class Page {
  readonly #view: View;
  readonly #data: ReportData;
  readonly #charts: ChartOnPage[] = [];
  readonly #unpacked = new Map<BlobId, Promise<Float64Array | Float32Array>>();

  constructor(data: ReportData) {
    this.#data = data;
    this.#view = new View(data.seconds, data.step * FEWEST_TICKS_IN_SIGHT);
    const toolbar = document.querySelector<HTMLElement>(".toolbar");
    const tellCursor = toolbar === null ? undefined : connectToolbar(toolbar, this.#view);
    this.#view.onRange(onceAFrame(() => {
      for (const chart of this.#charts) chart.refresh();
      this.#alignLanes();
      tellCursor?.();
    }));
    this.#view.onCursor(onceAFrame(() => {
      for (const chart of this.#charts) chart.point();
      tellCursor?.();
    }));
    for (const rows of document.querySelectorAll<HTMLElement>(".timeline, .lanes")) connectTimeline(rows, this.#view);
  }

  /** Draws all charts, each as soon as its numbers are unpacked. */
  async draw(): Promise<void> {
    const loaded = await Promise.all(this.#data.charts.map((chart) => this.#drawChart(chart)));
    this.#alignLanes();
    document.querySelector('[data-action="save"]')?.addEventListener("click", () => this.#save(loaded));
    document.documentElement.dataset["drawn"] = "yes";
  }

  /** Draws all charts anew, in the colours that the page has now. */
  repaint(): void {
    for (const chart of this.#charts) chart.repaint();
  }

  // Charts leave some room for the last text of their time axis.
  #alignLanes(): void {
    const lanes = document.querySelector<HTMLElement>(".lanes ol");
    const [first] = this.#charts;
    if (lanes !== null && first !== undefined) lanes.style.paddingRight = `${first.margin}px`;
  }

  async #drawChart(chart: ChartData): Promise<LoadedChart> {
    const lines = await Promise.all(chart.lines.map((line) => this.#loadLine(line)));
    const loaded = { ...chart, lines };
    const canvas = document.getElementById(chart.id);
    if (canvas instanceof HTMLCanvasElement) {
      this.#charts.push(new ChartOnPage(canvas, loaded, { view: this.#view, runs: this.#data.runs }));
    }
    return loaded;
  }

  async #loadLine(data: LineData): Promise<LoadedLine> {
    const line = await this.#load(data);
    return { ...data, line, gap: gapSeconds(line), sparse: isSparse(line) };
  }

  async #load({ times, mean, min, max }: LineData): Promise<Line> {
    const column = (id: BlobId): Promise<Float32Array> => this.#once(id, unpack);
    const line = { times: await this.#once(times, unpackTimes), mean: await column(mean) };
    return min === undefined || max === undefined ? line : { ...line, min: await column(min), max: await column(max) };
  }

  // Lines share their times, and charts their lines.
  #once<T extends Float64Array | Float32Array>(id: BlobId, unpacked: (text: string) => Promise<T>): Promise<T> {
    const known = this.#unpacked.get(id) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const numbers = unpacked(document.getElementById(id)?.textContent ?? "");
    this.#unpacked.set(id, numbers);
    return numbers;
  }

  #save(charts: readonly LoadedChart[]): void {
    const { from, to } = this.#view;
    download("resmon.csv", toCsv(charts.flatMap(({ lines }) => lines), this.#data, { from, to }));
  }
}

// The mouse moves more often than the screen is painted.
function onceAFrame(paint: () => void): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      paint();
    });
  };
}

function start(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>("table.sortable")) makeSortable(table);
  for (const fields of document.querySelectorAll(".filtering")) makeFilterable(fields);
  const text = document.getElementById("data")?.textContent;
  if (text === undefined) return;
  const page = new Page(JSON.parse(text));
  const root = document.documentElement;
  page.draw().catch((error) => {
    root.dataset["drawn"] = "no";
    throw error;
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => page.repaint());
  // Paper is light, and the colours of a canvas do not follow a style sheet.
  addEventListener("beforeprint", () => {
    root.dataset["theme"] = "light";
    page.repaint();
  });
  addEventListener("afterprint", () => {
    delete root.dataset["theme"];
    page.repaint();
  });
}

start();
