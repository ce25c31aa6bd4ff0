/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { drawChart, type DrawnChart, type LoadedChart, refreshChart, type Surroundings } from "./charts.ts";
import { listen } from "./gestures.ts";
import { readingsAt } from "./readings.ts";

/** One chart on the page, with its legend. */
export class ChartOnPage {
  readonly #canvas: HTMLCanvasElement;
  readonly #data: LoadedChart;
  readonly #page: Surroundings;
  readonly #values: readonly Element[];
  #chart: DrawnChart;

  constructor(canvas: HTMLCanvasElement, data: LoadedChart, page: Surroundings) {
    this.#canvas = canvas;
    this.#data = data;
    this.#page = page;
    this.#values = [...canvas.closest("figure")?.querySelectorAll(".value") ?? []];
    this.#chart = drawChart(canvas, data, page);
    listen(canvas, page.view, () => this.#scale());
  }

  /** The pixels between the end of its time axis and its right side. */
  get margin(): number {
    return this.#chart.width - this.#chart.chartArea.right;
  }

  /** Shows the range of the view. */
  refresh(): void {
    refreshChart(this.#chart, this.#data, this.#page.view);
  }

  /** Shows the cursor of the view. */
  point(): void {
    this.#chart.draw();
    const readings = readingsAt(this.#data, this.#page.view);
    this.#values.forEach((value, at) => value.textContent = readings[at] ?? "");
  }

  /** Draws it anew, in the colours that the page has now. */
  repaint(): void {
    this.#chart.destroy();
    this.#chart = drawChart(this.#canvas, this.#data, this.#page);
  }

  #scale(): ReturnType<Parameters<typeof listen>[2]> {
    const { left, right } = this.#chart.chartArea;
    const { from, to } = this.#page.view;
    const timeAt = (x: number): number => from + Math.min(1, Math.max(0, (x - left) / (right - left))) * (to - from);
    return { left, right, timeAt };
  }
}
