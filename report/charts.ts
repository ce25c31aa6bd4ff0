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
} from "chart.js";
import { type Line, type Point, pointsIn } from "./buckets.ts";
import { drawCursor } from "./cursor.ts";
import { type ChartData, isDashed, type LineData, type RunData } from "./data.ts";
import { drawMarks } from "./marks.ts";
import { drawRows, type Rgb } from "./rows.ts";
import { rowScale, timeScale, valueScale } from "./scales.ts";
import { edgesOf } from "./stack.ts";
import type { View } from "./view.ts";

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler);

/** A chart with the numbers of its lines. */
export interface LoadedChart extends Omit<ChartData, "lines"> {
  readonly lines: readonly LoadedLine[];
}

/** A line with its numbers. */
export interface LoadedLine extends LineData {
  readonly line: Line;
  /** Seconds between two values beyond which there is a gap, see {@linkcode gapSeconds}. */
  readonly gap: number;
  /** Whether most ticks lack a value, see {@linkcode isSparse}. */
  readonly sparse: boolean;
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

const HEADROOM = 1.08;
const PIXELS_PER_POINT = 2;
// In points of a line: less would make a row of dots a thick line.
const ROOM_OF_DOT = 4;
const DOT_RADIUS = 2;
const GAP_BUCKETS = 3.5;
const FULLY_BUSY = 100;
const AREA_ALPHA = "1f";
const BAND_ALPHA = "42";
const STACK_ALPHA = "b8";
const DASHES = [5, 4];

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
        nextPhase: color("next-phase"),
        moment: color("moment"),
        momentText: color("moment-text"),
        text: color("muted"),
        paper: color("paper"),
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
  const bucket = (to - from) / room;
  const gapOf = ({ gap }: LoadedLine): number => Math.max(gap, bucket * GAP_BUCKETS);
  if (data.kind === "stack") return stacked(drawn, { color, gap: Math.max(...drawn.map(gapOf)) });
  return [
    ...drawn.flatMap((line) =>
      linesOf(line, { color, gap: gapOf(line), showsPoints: line.sparse && line.points.length < room / ROOM_OF_DOT })
    ),
    ...limitLine(data, view, color),
  ];
}

type PointedLine = LineData & { readonly points: readonly Point[] };

/** How lines are drawn; `gap`: seconds between two points beyond which a line breaks off. */
interface Stroke {
  readonly color: Color;
  readonly gap: number;
}

/** Whether each reading is a dot: of few readings, the line between them is a guess. */
interface LineStroke extends Stroke {
  readonly showsPoints: boolean;
}

// The band between the least and the largest value shows what a point hides.
function linesOf({ label, color: name, run, points }: PointedLine, { color, gap, showsPoints }: LineStroke): Lines[] {
  const line: Lines = {
    label,
    data: points.map(({ x, mean }) => ({ x, y: mean })),
    borderColor: color(name),
    borderWidth: name === "context" ? 1 : 1.5,
    borderDash: isDashed(run) ? DASHES : [],
    backgroundColor: `${color(name)}${AREA_ALPHA}`,
    fill: name === "first" && !showsPoints ? "origin" : false,
    pointRadius: showsPoints ? DOT_RADIUS : 0,
    pointBackgroundColor: color(name),
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

function stacked(lines: readonly PointedLine[], { color, gap }: Stroke): Lines[] {
  const edges = edgesOf(lines.map(({ points }) => points));
  return lines.map(({ label, color: name }, index) => ({
    label,
    data: edges[index] ?? [],
    borderColor: color(name),
    borderWidth: 1,
    backgroundColor: `${color(name)}${STACK_ALPHA}`,
    fill: index === 0 ? "origin" : "-1",
    spanGaps: gap,
  }));
}

function limitLine({ limit }: LoadedChart, { from, to }: View, color: Color): Lines[] {
  if (limit === undefined) return [];
  const data = [{ x: from, y: limit.value }, { x: to, y: limit.value }];
  return [{ label: limit.label, data, borderColor: color("limit"), borderWidth: 1, borderDash: DASHES }];
}

function topOf(datasets: readonly Lines[]): number {
  const highest = datasets.flatMap(({ data }) => data).reduce((peak, { y }) => Math.max(peak, y), 0);
  return highest > 0 ? highest * HEADROOM : 1;
}

function rowsPlugin({ lines }: LoadedChart, color: Color): Plugin<"line"> {
  const hex = color("first");
  const rgb: Rgb = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)) as [number, number, number];
  return drawRows(lines, { color: rgb, full: FULLY_BUSY });
}

type Style = { readonly datasets: readonly Lines[]; readonly color: Color };

function optionsOf(data: LoadedChart, view: View, { datasets, color }: Style): ChartOptions<"line"> {
  const look = { text: color("muted"), grid: color("grid"), rule: color("rule"), font: color("font") };
  const { kind, unit, lines } = data;
  return {
    animation: false,
    parsing: false,
    normalized: true,
    maintainAspectRatio: false,
    events: [],
    elements: { point: { radius: 0 }, line: { tension: 0, borderJoinStyle: "round" } },
    scales: {
      x: timeScale(view, look),
      y: kind === "rows" ? rowScale(lines.map(({ label }) => label), look) : valueScale(unit, topOf(datasets), look),
    },
  };
}
