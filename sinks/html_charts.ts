import type { Column, History } from "../lib/history.ts";
import type { ProcessHistory } from "../lib/process_history.ts";
import type { Summary } from "../lib/summary.ts";
import { type BlobId, type ChartData, type LineColor, type LineData, shade } from "../report/data.ts";
import { pack, packTimes } from "../report/packing.ts";
import type { ChartSpec } from "./chart_specs.ts";
import type { RunHistory } from "./html_history.ts";

/** One run of a report: what its charts are to show, and the numbers for it. */
export interface ChartedRun {
  readonly summary: Summary;
  readonly specs: readonly ChartSpec[];
  readonly history: RunHistory;
}

/** The packed numbers of a page, each under the id of the element that will hold it. */
export class Blobs {
  readonly #texts: string[] = [];

  /** Takes packed numbers and gives their id. */
  add(text: string): BlobId {
    return `numbers-${this.#texts.push(text) - 1}`;
  }

  /** All of them, by id. */
  *[Symbol.iterator](): Generator<readonly [BlobId, string]> {
    for (const [at, text] of this.#texts.entries()) yield [`numbers-${at}`, text];
  }
}

/** The charts of one run, or of several over each other: a line joins the chart of the same id. */
export async function chartsOf(runs: readonly ChartedRun[], blobs: Blobs): Promise<ChartData[]> {
  const charts = new Map<string, ChartData>();
  for (const [index, run] of runs.entries()) {
    const packer = new Packer(run.history, blobs);
    for (const spec of run.specs) {
      const lines = [...charts.get(spec.id)?.lines ?? []];
      // One after the other, so that the same run gives the same page.
      for (const line of spec.lines) lines.push(await packer.line(spec, { ...line, run: index }));
      charts.set(spec.id, { ...spec, lines });
    }
  }
  const [run] = runs;
  const stacks = runs.length === 1 && run !== undefined ? await stacksOf(run, blobs) : [];
  return withStacks([...charts.values()], stacks);
}

type Unpacked = Pick<LineData, "series" | "label" | "color" | "run">;

/** Packs each column once, however many charts show it. */
class Packer {
  readonly #history: RunHistory;
  readonly #blobs: Blobs;
  readonly #times = new Map<boolean, Promise<BlobId>>();

  constructor(history: RunHistory, blobs: Blobs) {
    this.#history = history;
    this.#blobs = blobs;
  }

  async line({ kind }: ChartSpec, line: Unpacked): Promise<LineData> {
    const isRow = kind === "rows";
    const { mean, min, max } = this.#columns(isRow).column(line.series) ?? NO_COLUMN;
    return {
      ...line,
      times: await this.#timesOf(isRow),
      mean: this.#blobs.add(await pack(mean)),
      ...(min !== undefined && { min: this.#blobs.add(await pack(min)) }),
      ...(max !== undefined && { max: this.#blobs.add(await pack(max)) }),
    };
  }

  #columns(isRow: boolean): History {
    return isRow ? this.#history.rows : this.#history.series;
  }

  #timesOf(isRow: boolean): Promise<BlobId> {
    const known = this.#times.get(isRow);
    if (known !== undefined) return known;
    const packed = packTimes(this.#columns(isRow).times()).then((text) => this.#blobs.add(text));
    this.#times.set(isRow, packed);
    return packed;
  }
}

const NO_COLUMN: Column = { mean: new Float32Array() };

interface Stack extends Pick<ChartData, "id" | "title" | "unit"> {
  readonly colorOf: (label: string) => LineColor;
}

async function stacksOf({ history }: ChartedRun, blobs: Blobs): Promise<ChartData[]> {
  const cpu = { id: "cpu-processes", title: "CPU by process", unit: "percent" } as const;
  const memory = { id: "memory-processes", title: "Memory by process (RSS)", unit: "bytes" } as const;
  // A process has the same colour in both.
  const labels = [...new Set([...history.cpu.labels, ...history.memory.labels])];
  const colorOf = (label: string): LineColor => shade(labels.indexOf(label));
  const stacks = [
    await stackOf(history.cpu, { ...cpu, colorOf }, blobs),
    await stackOf(history.memory, { ...memory, colorOf }, blobs),
  ];
  return stacks.filter(({ lines }) => lines.length > 1);
}

async function stackOf(history: ProcessHistory, { colorOf, ...stack }: Stack, blobs: Blobs): Promise<ChartData> {
  const { times, groups, others } = history.close();
  const id = blobs.add(await packTimes(times));
  const named = groups.map((column, index) => {
    const label = history.labels[index] ?? "";
    return { column, label, color: colorOf(label) };
  });
  const rest = others.some((value) => value > 0)
    ? [{ column: others, label: "others", color: "context" as const }]
    : [];
  const lines: LineData[] = [];
  for (const { column, label, color } of [...named, ...rest]) {
    const mean = blobs.add(await pack(column));
    lines.push({ series: `${stack.title}: ${label}`, label, color, run: 0, times: id, mean });
  }
  return { ...stack, kind: "stack", lines };
}

/** Puts each stack behind the chart that it takes apart. */
function withStacks(charts: readonly ChartData[], stacks: readonly ChartData[]): ChartData[] {
  const place = (id: string): ChartData[] => stacks.filter((stack) => stack.id === `${id}-processes`);
  return charts.flatMap((chart) => [chart, ...place(chart.id)]);
}
