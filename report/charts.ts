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
  PointElement,
  type Tick,
  Tooltip,
} from "chart.js";
import { formatSeconds, formatValue } from "../lib/format.ts";
import { timeMark, timeStep, valueStep } from "./axis.ts";
import { type ChartData, type LineData, type LineRole, type Span, unpackNumbers } from "./data.ts";
import { shadeStops } from "./stops.ts";

Chart.register(LineController, LineElement, PointElement, LinearScale, Filler, Tooltip);

/** What all charts of the page have in common. */
export interface TimeAxis {
  readonly times: Float32Array;
  readonly seconds: number;
  readonly stops: readonly Span[];
}

interface Point {
  readonly x: number;
  readonly y: number;
}

type Lines = ChartDataset<"line", Point[]>;

const VALUE_MARKS = 5;
const HEADROOM = 1.08;
const PIXELS_PER_TIME_MARK = 70;
const GAP_FACTOR = 3.5;

/** Draws one chart in its canvas, in the colours of the page. */
export function drawChart(canvas: HTMLCanvasElement, data: ChartData, axis: TimeAxis): Chart<"line", Point[]> {
  const color = (name: string): string => getComputedStyle(canvas).getPropertyValue(`--${name}`).trim();
  const datasets = [
    ...data.lines.flatMap((line) => linesOf(line, axis, color)),
    ...limitLine(data, axis, color),
  ];
  return new Chart(canvas, {
    type: "line",
    data: { datasets },
    options: optionsOf(data, axis, datasets, color),
    plugins: [shadeStops(axis.stops, color("stopped"))],
  });
}

type Color = (name: string) => string;

const WIDTHS: Readonly<Record<LineRole, number>> = { first: 1.5, second: 1.5, context: 1 };

// The band between mean and maximum shows what a bucket hides; it is drawn first, below its line.
function linesOf({ label, role, mean, max }: LineData, axis: TimeAxis, color: Color): Lines[] {
  const line: Lines = {
    label,
    data: points(mean, axis),
    borderColor: color(role),
    borderWidth: WIDTHS[role],
    backgroundColor: color(`${role}-area`),
    fill: role === "first" ? "origin" : false,
    spanGaps: longestStep(points(mean, axis)) * GAP_FACTOR,
  };
  if (max === undefined || role === "context") return [line];
  const band: Lines = {
    ...line,
    label: `${label}, highest`,
    data: points(max, axis),
    // Without a line of its own, the peak of a single bucket would hardly be seen.
    borderColor: color(`${role}-band`),
    borderWidth: 1,
    backgroundColor: color(`${role}-band`),
    fill: "+1",
  };
  return [band, line];
}

function limitLine({ limit }: ChartData, { seconds }: TimeAxis, color: Color): Lines[] {
  if (limit === undefined) return [];
  const data = [{ x: 0, y: limit.value }, { x: seconds, y: limit.value }];
  return [{ label: limit.label, data, borderColor: color("limit"), borderWidth: 1, borderDash: [5, 4] }];
}

function points(packed: string, { times }: TimeAxis): Point[] {
  return Array.from(unpackNumbers(packed), (y, at) => ({ x: times[at] ?? NaN, y })).filter(({ y }) => !Number.isNaN(y));
}

// A series that is read less often than others has a value only now and then: that is no gap.
function longestStep(line: readonly Point[]): number {
  const steps = line.slice(1).map(({ x }, at) => x - (line[at]?.x ?? x)).sort((a, b) => a - b);
  return steps[Math.floor(steps.length * 0.9)] ?? 0;
}

function optionsOf(data: ChartData, axis: TimeAxis, lines: readonly Lines[], color: Color): ChartOptions<"line"> {
  const ticks = { color: color("muted"), font: { family: color("font"), size: 11 }, padding: 6 };
  const highest = lines.flatMap((line) => line.data).reduce((peak, { y }) => Math.max(peak, y), 0);
  const top = highest > 0 ? highest * HEADROOM : 1;
  return {
    animation: false,
    parsing: false,
    maintainAspectRatio: false,
    interaction: { mode: "nearest", axis: "x", intersect: false },
    elements: { point: { radius: 0, hoverRadius: 3, hitRadius: 0 }, line: { tension: 0, borderJoinStyle: "round" } },
    scales: {
      x: timeScale(axis.seconds, ticks, color),
      y: {
        type: "linear",
        min: 0,
        max: top,
        border: { display: false },
        grid: { color: color("grid"), tickLength: 0 },
        afterBuildTicks: (scale) => {
          scale.ticks = marks(top, valueStep(top, data.unit, VALUE_MARKS), (value) => formatValue(value, data.unit));
        },
        ticks: { ...ticks, callback: labelOf },
      },
    },
    plugins: { tooltip: tooltipOf(data, color) },
  };
}

type Scale = NonNullable<NonNullable<ChartOptions<"line">["scales"]>["x"]>;

function timeScale(seconds: number, ticks: object, color: Color): Scale {
  return {
    type: "linear",
    min: 0,
    max: seconds,
    border: { color: color("rule") },
    grid: { display: false },
    afterBuildTicks: (scale) => {
      const step = timeStep(seconds, Math.max(2, Math.floor(scale.width / PIXELS_PER_TIME_MARK)));
      scale.ticks = marks(seconds, step, (value) => timeMark(value, step));
    },
    ticks: { ...ticks, maxRotation: 0, autoSkip: false, callback: labelOf },
  };
}

function flat(color: string): { readonly borderColor: string; readonly backgroundColor: string } {
  return { borderColor: color, backgroundColor: color };
}

// The library's own choice of steps is decimal and adds one at the very end.
function marks(end: number, step: number, label: (value: number) => string): Tick[] {
  const count = Math.floor(end / step + 1e-9) + 1;
  return Array.from({ length: count }, (_, at) => ({ value: at * step, label: label(at * step) }));
}

function labelOf(_value: number | string, at: number, all: readonly Tick[]): string {
  const label = all[at]?.label;
  return typeof label === "string" ? label : "";
}

type TooltipOptions = NonNullable<NonNullable<ChartOptions<"line">["plugins"]>["tooltip"]>;

function tooltipOf({ limit, unit }: ChartData, color: Color): TooltipOptions {
  return {
    backgroundColor: color("tooltip"),
    titleColor: color("tooltip-text"),
    bodyColor: color("tooltip-text"),
    padding: 10,
    cornerRadius: 6,
    boxPadding: 4,
    usePointStyle: true,
    filter: ({ dataset }) => dataset.label !== limit?.label,
    callbacks: {
      labelColor: ({ dataset: { borderColor: line } }) => typeof line === "string" ? flat(line) : undefined,
      title: ([item]) => `at ${formatSeconds(item?.parsed.x ?? 0)}`,
      label: ({ dataset, parsed }) => parsed.y === null ? "" : `${dataset.label}: ${formatValue(parsed.y, unit)}`,
    },
  };
}
