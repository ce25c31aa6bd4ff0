/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import {
  Chart,
  type ChartDataset,
  type ChartOptions,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  type Plugin,
  PointElement,
  type Tick,
} from "chart.js";
import { formatValue } from "../lib/format.ts";
import { timeMark, timeStep, valueStep } from "./axis.ts";
import { gapSeconds, type Line, type Point, pointsIn } from "./buckets.ts";
import { drawCursor } from "./cursor.ts";
import type { ChartData, LineData, RunData } from "./data.ts";
import { drawMarks } from "./marks.ts";
import { drawRows, type Rgb } from "./rows.ts";
import type { View } from "./view.ts";

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler);

/** A chart with the numbers of its lines. */
export interface LoadedChart extends Omit<ChartData, "lines"> {
  readonly lines: readonly LoadedLine[];
}

/** A line with its numbers. */
export interface LoadedLine extends LineData {
  readonly line: Line;
}

/** What all charts of the page have in common. */
export interface Surroundings {
  readonly view: View;
  readonly runs: readonly RunData[];
}

interface Spot {
  readonly x: number;
  readonly y: number;
}

/** A chart as the library draws it. */
export type DrawnChart = Chart<"line", Spot[]>;

type Lines = ChartDataset<"line", Spot[]>;
type Color = (name: string) => string;

const VALUE_MARKS = 5;
const ROW_MARKS = 8;
const HEADROOM = 1.08;
const PIXELS_PER_TIME_MARK = 70;
const PIXELS_PER_POINT = 2;
const GAP_BUCKETS = 3.5;
const FULLY_BUSY = 100;
const AREA_ALPHA = "1f";
const BAND_ALPHA = "42";
const STACK_ALPHA = "b8";

/** Draws one chart in its canvas, in the colours of the page. */
export function drawChart(canvas: HTMLCanvasElement, data: LoadedChart, { view, runs }: Surroundings): DrawnChart {
  const style = getComputedStyle(canvas);
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const datasets = datasetsOf(canvas, data, view);
  return new Chart(canvas, {
    type: "line",
    data: { datasets },
    options: optionsOf(data, view, { datasets, color }),
    plugins: [
      ...(data.kind === "rows" ? [rowsPlugin(data, color)] : []),
      drawMarks(runs, {
        stop: color("stopped"),
        phase: color("phase"),
        moment: color("moment"),
        text: color("muted"),
        font: color("font"),
      }),
      drawCursor(view, { line: color("muted"), shade: color("shade") }),
    ],
  });
}

/** Shows the range of the view. */
export function refreshChart(chart: DrawnChart, data: LoadedChart, view: View): void {
  chart.data.datasets = datasetsOf(chart.canvas, data, view);
  const { x, y } = chart.options.scales ?? {};
  Object.assign(x ?? {}, { min: view.from, max: view.to });
  if (data.kind !== "rows") Object.assign(y ?? {}, { max: topOf(chart.data.datasets) });
  chart.update("none");
}

function datasetsOf(canvas: HTMLCanvasElement, data: LoadedChart, view: View): Lines[] {
  if (data.kind === "rows") return [];
  const style = getComputedStyle(canvas);
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const room = Math.max(50, Math.floor(canvas.clientWidth / PIXELS_PER_POINT));
  const { from, to } = view;
  const drawn = data.lines.map((line) => ({ ...line, points: pointsIn(line.line, { from, to, room }) }));
  if (data.kind === "stack") return stacked(drawn, color);
  const bucket = (to - from) / room;
  return [
    ...drawn.flatMap((line) => linesOf(line, { color, gap: Math.max(gapSeconds(line.line), bucket * GAP_BUCKETS) })),
    ...limitLine(data, view, color),
  ];
}

type PointedLine = LineData & { readonly points: readonly Point[] };

// The band between the least and the largest value shows what a point hides.
function linesOf({ label, color: name, points }: PointedLine, { color, gap }: { color: Color; gap: number }): Lines[] {
  const line: Lines = {
    label,
    data: points.map(({ x, mean }) => ({ x, y: mean })),
    borderColor: color(name),
    borderWidth: name === "context" ? 1 : 1.5,
    backgroundColor: `${color(name)}${AREA_ALPHA}`,
    fill: name === "first" ? "origin" : false,
    spanGaps: gap,
  };
  if (name === "context" || points.every(({ min, max }) => min === max)) return [line];
  // Without a line of its own, the peak of a single point would hardly be seen.
  const band = {
    ...line,
    borderColor: `${color(name)}${BAND_ALPHA}`,
    borderWidth: 1,
    backgroundColor: `${color(name)}${BAND_ALPHA}`,
  };
  return [
    line,
    { ...band, data: points.map(({ x, max }) => ({ x, y: max })), fill: "+1" },
    { ...band, data: points.map(({ x, min }) => ({ x, y: min })), fill: false },
  ];
}

// All lines of a stack have the same times.
function stacked(lines: readonly PointedLine[], color: Color): Lines[] {
  const tops: number[] = [];
  return lines.map(({ label, color: name, points }, index) => ({
    label,
    data: points.map(({ x, mean }, at) => ({ x, y: tops[at] = (tops[at] ?? 0) + mean })),
    borderColor: color(name),
    borderWidth: 1,
    backgroundColor: `${color(name)}${STACK_ALPHA}`,
    fill: index === 0 ? "origin" : "-1",
  }));
}

function limitLine({ limit }: LoadedChart, { from, to }: View, color: Color): Lines[] {
  if (limit === undefined) return [];
  const data = [{ x: from, y: limit.value }, { x: to, y: limit.value }];
  return [{ label: limit.label, data, borderColor: color("limit"), borderWidth: 1, borderDash: [5, 4] }];
}

function topOf(datasets: readonly Lines[]): number {
  const highest = datasets.flatMap(({ data }) => data).reduce((peak, { y }) => Math.max(peak, y), 0);
  return highest > 0 ? highest * HEADROOM : 1;
}

function rowsPlugin({ lines }: LoadedChart, color: Color): Plugin<"line"> {
  const hex = color("first");
  const rgb: Rgb = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as [number, number, number];
  return drawRows(lines.map(({ line }) => line), { color: rgb, full: FULLY_BUSY });
}

type Style = { readonly datasets: readonly Lines[]; readonly color: Color };

function optionsOf(data: LoadedChart, view: View, { datasets, color }: Style): ChartOptions<"line"> {
  const ticks = { color: color("muted"), font: { family: color("font"), size: 11 }, padding: 6 };
  return {
    animation: false,
    parsing: false,
    normalized: true,
    maintainAspectRatio: false,
    events: [],
    elements: { point: { radius: 0 }, line: { tension: 0, borderJoinStyle: "round" } },
    scales: {
      x: timeScale(view, ticks, color),
      y: data.kind === "rows" ? rowScale(data, ticks) : valueScale(data, ticks, { datasets, color }),
    },
  };
}

type Scale = NonNullable<NonNullable<ChartOptions<"line">["scales"]>["x"]>;

// The same on all charts, so that the same time stands at the same place in all of them.
const VALUE_AXIS_WIDTH = 74;

function valueScale({ unit }: LoadedChart, ticks: object, { datasets, color }: Style): Scale {
  return {
    type: "linear",
    min: 0,
    max: topOf(datasets),
    border: { display: false },
    grid: { color: color("grid"), tickLength: 0 },
    afterFit: (scale) => {
      scale.width = VALUE_AXIS_WIDTH;
    },
    afterBuildTicks: (scale) => {
      const step = valueStep(scale.max, unit, VALUE_MARKS);
      scale.ticks = marks(0, scale.max, { step, label: (value) => formatValue(value, unit) });
    },
    ticks: { ...ticks, callback: labelOf },
  };
}

function rowScale({ lines }: LoadedChart, ticks: object): Scale {
  return {
    type: "linear",
    min: 0,
    max: lines.length,
    reverse: true,
    border: { display: false },
    grid: { display: false },
    afterFit: (scale) => {
      scale.width = VALUE_AXIS_WIDTH;
    },
    afterBuildTicks: (scale) => {
      const step = Math.ceil(lines.length / ROW_MARKS);
      const marked = lines.map(({ label }, at) => ({ value: at + 0.5, label })).filter((_, at) => at % step === 0);
      scale.ticks = marked;
    },
    ticks: { ...ticks, autoSkip: false, callback: labelOf },
  };
}

function timeScale(view: View, ticks: object, color: Color): Scale {
  return {
    type: "linear",
    min: view.from,
    max: view.to,
    border: { color: color("rule") },
    grid: { display: false },
    afterBuildTicks: (scale) => {
      const step = timeStep(scale.max - scale.min, Math.max(2, Math.floor(scale.width / PIXELS_PER_TIME_MARK)));
      scale.ticks = marks(scale.min, scale.max, { step, label: (value) => timeMark(value, step) });
    },
    ticks: { ...ticks, maxRotation: 0, autoSkip: false, callback: labelOf },
  };
}

interface Marking {
  readonly step: number;
  readonly label: (value: number) => string;
}

// The library's own choice of steps is decimal and adds one at the very end.
function marks(begin: number, end: number, { step, label }: Marking): Tick[] {
  const first = Math.ceil(begin / step - 1e-9);
  const count = Math.floor(end / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, at) => {
    const value = (first + at) * step;
    return { value, label: label(value) };
  });
}

function labelOf(_value: number | string, at: number, all: readonly Tick[]): string {
  const label = all[at]?.label;
  return typeof label === "string" ? label : "";
}
