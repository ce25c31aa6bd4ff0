import { describeMetric, isMetricName, type MetricName, type Unit } from "../lib/metrics.ts";
import { tryParseSeries } from "../lib/series.ts";
import type { Summary } from "../lib/summary.ts";
import { type ChartKind, type LineColor, shade } from "../report/data.ts";

/** What a chart shows of a run, before any number is read. */
export interface ChartSpec {
  readonly id: string;
  readonly kind: ChartKind;
  readonly title: string;
  readonly unit: Unit;
  readonly lines: readonly LineSpec[];
  readonly limit?: { readonly label: string; readonly value: number };
  readonly beyond?: string;
}

/** A series as a line. */
export interface LineSpec {
  readonly series: string;
  readonly label: string;
  readonly color: LineColor;
}

/** The name of a chart. */
export type Bare = Pick<ChartSpec, "id" | "title">;

/** A chart of lines, of the unit of the first. */
export function lines({ id, title }: Bare, specs: readonly LineSpec[]): ChartSpec {
  const name = tryParseSeries(specs[0]?.series ?? "")?.name ?? "";
  const unit = isMetricName(name) ? describeMetric(name).unit : "";
  return { id, kind: "lines", title, unit, lines: specs };
}

/** A series as a line. */
export function line(color: LineColor, label: string, series: string): LineSpec {
  return { color, label, series };
}

// More lines cannot be told apart.
const MOST_SENSORS = 8;

/** A chart of the series of one metric with a label, the highest first. */
export function sensorChart({ metrics }: Summary, { name, ...chart }: Bare & { readonly name: MetricName }): ChartSpec {
  const highest = seriesOf(metrics, name).sort((a, b) => (metrics[b.series]?.max ?? 0) - (metrics[a.series]?.max ?? 0));
  return lines(chart, highest.slice(0, MOST_SENSORS).map(({ label, series }, at) => line(shade(at), label, series)));
}

/** The series of one metric, each with the values of its labels. */
export function seriesOf(metrics: Summary["metrics"], name: MetricName): Pick<LineSpec, "series" | "label">[] {
  const all = Object.keys(metrics).filter((series) => series.startsWith(`${name}{`));
  return all.map((series) => ({ series, label: Object.values(tryParseSeries(series)?.labels ?? {}).join(" ") }));
}
