import { describeMetric, isMetricName, type Metric, METRIC_NAMES, type MetricName } from "./metrics.ts";
import { type SeriesId, spellSeries, tryParseSeries } from "./series.ts";

/** Elapsed is told in microseconds: two readings that are nearer than half of one are the same reading. */
export const SAME_READING_SECONDS = 5e-7;

const STEPS_IN_A_SPAN = 10;

// A tick comes some fraction of a millisecond early or late: at 100 ms every other one would have no rate.
const ENOUGH_OF_A_SPAN = 0.95;

/** One rate, and the columns of the counters that it adds up. */
export interface RatePlan {
  readonly series: string;
  readonly columns: readonly number[];
  /** 100 where seconds per second are told in percent, else 1. */
  readonly factor: number;
  /** What the rate cannot exceed: clock ticks may fall into a span that was a little shorter. */
  readonly ceiling: number;
}

/** A rate of the vocabulary by the counter that it is taken from. */
export interface Rate {
  readonly name: MetricName;
  readonly metric: Metric;
  readonly factor: number;
}

const RATES = Map.groupBy(METRIC_NAMES.flatMap(rateOf), ({ metric }) => metric.rateOf ?? "");

/** The rates of the vocabulary that are taken from the counter `name`. */
export function ratesOf(name: string): readonly Rate[] {
  return RATES.get(name) ?? [];
}

/**
 * Every rate that the vocabulary derives from the columns of a collector and that none of these tells itself, in the order of
 * their first counters.
 */
export function derivedRates(columns: readonly string[]): RatePlan[] {
  const plans = new Map<
    string,
    Omit<RatePlan, "ceiling"> & { columns: number[]; parts: Set<string>; limited: boolean }
  >();
  const told = new Set(columns);
  columns.forEach((text, column) => {
    const counter = tryParseSeries(text);
    if (counter === undefined) return;
    for (const { name, metric, factor } of ratesOf(counter.name)) {
      if (isLeftOut(counter, metric)) continue;
      const series = spellSeries({ name, labels: pickLabels(counter, metric) });
      if (told.has(series)) continue;
      const plan = plans.get(series);
      const part = counter.labels[metric.hundredPer ?? ""] ?? "";
      if (plan === undefined) {
        const limited = metric.hundredPer !== undefined;
        plans.set(series, { series, columns: [column], factor, parts: new Set([part]), limited });
      } else {
        plan.columns.push(column);
        plan.parts.add(part);
      }
    }
  });
  return [...plans.values()].map(({ parts, limited, ...plan }) => ({
    ...plan,
    ceiling: limited ? 100 * parts.size : Infinity,
  }));
}

/** The seconds that a rate of a counter spans at least: shorter ones would show the steps in which the kernel advances it. */
export function leastSpan(series: string): number {
  const name = tryParseSeries(series)?.name ?? "";
  return isMetricName(name) ? (describeMetric(name).resolution ?? 0) * STEPS_IN_A_SPAN * ENOUGH_OF_A_SPAN : 0;
}

function rateOf(name: MetricName): Rate[] {
  const metric = describeMetric(name);
  if (metric.rateOf === undefined || !isMetricName(metric.rateOf)) return [];
  const isShare = metric.unit === "percent" && describeMetric(metric.rateOf).unit === "seconds";
  return [{ name, metric, factor: isShare ? 100 : 1 }];
}

function isLeftOut(counter: SeriesId, rate: Metric): boolean {
  return Object.entries(rate.sumOver ?? {}).some(([label, { except }]) => except.includes(counter.labels[label] ?? ""));
}

function pickLabels(counter: SeriesId, rate: Metric): Record<string, string> {
  return Object.fromEntries((rate.labels ?? []).map((label) => [label, counter.labels[label] ?? ""]));
}
