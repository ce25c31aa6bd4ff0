import type { History } from "../lib/history.ts";
import type { ProcessHistory } from "../lib/process_history.ts";
import type { Summary } from "../lib/summary.ts";
import { type BlobId, type ChartData, type LineColor, type LineData, shade } from "../report/data.ts";
import { pack, packTimes } from "../report/packing.ts";
import type { ChartSpec } from "./chart_lines.ts";
import type { RunHistory } from "./html_history.ts";

/** One run of a report: what its charts are to show, and the numbers for it. */
export interface ChartedRun {
  readonly summary: Summary;
  readonly specs: readonly ChartSpec[];
  readonly history: RunHistory;
}

/** Packs one column of numbers. */
type Packing = () => Promise<string>;

/** The numbers of a page, each under the id of the element that will hold it; packed one by one when the page is written. */
export class Blobs {
  readonly #packings: Packing[] = [];

  /** Takes numbers and gives their id. */
  add(packing: Packing): BlobId {
    return `numbers-${this.#packings.push(packing) - 1}`;
  }

  /** All of them, by id. */
  *[Symbol.iterator](): Generator<readonly [BlobId, Packing]> {
    for (const [at, packing] of this.#packings.entries()) yield [`numbers-${at}`, packing];
  }
}

/** The charts of one run, or of several over each other: a line joins the chart of the same id. */
export function chartsOf(runs: readonly ChartedRun[], blobs: Blobs): ChartData[] {
  const charts = new Map<string, ChartData>();
  runs.forEach(({ specs, history }, run) => {
    const timesOf = new Map<History, BlobId>();
    for (const { lines, ...spec } of specs) {
      const part = spec.kind === "rows" ? history.rows : history.series;
      const times = timesOf.get(part) ?? blobs.add(() => packTimes(part.times()));
      timesOf.set(part, times);
      const from = { history: part, times, blobs };
      const drawn = lines.map((line) => lineOf({ ...line, run }, from));
      charts.set(spec.id, { ...spec, lines: [...charts.get(spec.id)?.lines ?? [], ...drawn] });
    }
  });
  const [run] = runs;
  return withStacks([...charts.values()], runs.length === 1 && run !== undefined ? stacksOf(run, blobs) : []);
}

interface Numbers {
  readonly history: History;
  readonly times: BlobId;
  readonly blobs: Blobs;
}

function lineOf(line: Omit<LineData, "times" | "mean">, { history, times, blobs }: Numbers): LineData {
  const column = history.column(line.series);
  const add = (values: Float32Array | undefined): BlobId => blobs.add(() => pack(values ?? new Float32Array()));
  return {
    ...line,
    times,
    mean: add(column?.mean),
    ...(column?.min && { min: add(column.min) }),
    ...(column?.max && { max: add(column.max) }),
  };
}

interface Stack extends Pick<ChartData, "id" | "title" | "unit"> {
  readonly colorOf: (label: string) => LineColor;
}

function stacksOf({ history }: ChartedRun, blobs: Blobs): ChartData[] {
  const cpu = { id: "cpu-processes", title: "CPU by process", unit: "percent" } as const;
  const memory = { id: "memory-processes", title: "Memory by process (RSS)", unit: "bytes" } as const;
  const colors = colorsOf([history.cpu.labels, history.memory.labels]);
  const colorOf = (label: string): LineColor => colors.get(label) ?? "context";
  const stacks = [
    stackOf(history.cpu, { ...cpu, colorOf }, blobs),
    stackOf(history.memory, { ...memory, colorOf }, blobs),
  ];
  return stacks.filter(({ lines }) => lines.length > 1);
}

/** A process has the same colour in all stacks, and no two processes of a stack have the same. */
export function colorsOf(stacks: readonly (readonly string[])[]): Map<string, LineColor> {
  const colors = new Map<string, LineColor>();
  for (const labels of stacks) {
    const taken = new Set(labels.map((label) => colors.get(label)));
    const free = labels.map((_, at) => shade(at)).filter((color) => !taken.has(color));
    const uncolored = labels.filter((label) => !colors.has(label));
    uncolored.forEach((label, at) => colors.set(label, free[at] ?? "context"));
  }
  return colors;
}

function stackOf(history: ProcessHistory, { colorOf, ...stack }: Stack, blobs: Blobs): ChartData {
  const { times, groups, others } = history.close();
  const named = groups.map((column, index) => {
    const label = history.labels[index] ?? "";
    return { column, label, color: colorOf(label) };
  });
  const rest = others.some((value) => value > 0)
    ? [{ column: others, label: "others", color: "context" as const }]
    : [];
  const id = blobs.add(() => packTimes(times));
  const lines = [...named, ...rest].map(({ column, label, color }): LineData => {
    const series = `${stack.title}: ${label}`;
    return { series, label, color, run: 0, times: id, mean: blobs.add(() => pack(column)) };
  });
  return { ...stack, kind: "stack", lines };
}

/** Puts each stack behind the chart that it takes apart. */
function withStacks(charts: readonly ChartData[], stacks: readonly ChartData[]): ChartData[] {
  const place = (id: string): ChartData[] => stacks.filter((stack) => stack.id === `${id}-processes`);
  return charts.flatMap((chart) => [chart, ...place(chart.id)]);
}
