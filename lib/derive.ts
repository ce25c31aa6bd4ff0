import type { Frame } from "./frame.ts";
import { ProcessSamples } from "./process_samples.ts";
import { derivedRates, leastSpan, type RatePlan, SAME_READING_SECONDS } from "./rates.ts";
import type { ColumnsRecord, ResmonRecord, TickRecord } from "./records.ts";

/** The series and rates of one collector, worked out once so that a tick costs arithmetic only. */
interface Plan {
  readonly series: readonly string[];
  readonly rates: readonly RatePlan[];
  /** The last known reading of each column and its elapsed; `NaN` before the first. */
  readonly values: Float64Array;
  readonly times: Float64Array;
  /** The increase per second up to the reading that is being taken; `NaN` where there is none. */
  readonly slopes: Float64Array;
  /** The seconds over which each slope was taken. */
  readonly spans: Float64Array;
  /** The seconds that a slope of the column spans at least, because the kernel advances the counter in steps. */
  readonly leastSpans: Float64Array;
}

/** Turns records into frames: full names and rates, each between two readings of the same series at their own times. */
export class Derive {
  readonly #plans = new Map<string, Plan>();
  readonly #processes = new ProcessSamples();

  /** Gives a frame for a tick, nothing for any other record. Repeated records do no harm. */
  accept(record: ResmonRecord): Frame | undefined {
    switch (record.type) {
      case "columns":
        this.#plans.set(record.collector, createPlan(record.series, this.#plans.get(record.collector)));
        this.#processes.columns(record);
        return undefined;
      case "event":
        this.#processes.event(record);
        return undefined;
      case "tick":
        return this.#frame(record);
      default:
        return undefined;
    }
  }

  #frame(tick: TickRecord): Frame {
    const samples = new Map<string, number>();
    const spans = new Map<string, number>();
    for (const [collector, values] of Object.entries(tick.values)) {
      const plan = this.#plans.get(collector);
      if (plan === undefined) continue;
      readValues(plan, values, { elapsed: tick.at?.[collector] ?? tick.elapsed, samples });
      addRates(plan, samples, spans);
    }
    return { time: tick.time, elapsed: tick.elapsed, samples, spans, processes: this.#processes.samples(tick) };
  }
}

/** The series of a collector's frames: its columns, then the rates derived from them. */
export function frameSeries(columns: Pick<ColumnsRecord, "series">): string[] {
  return [...columns.series, ...derivedRates(columns.series).map((rate) => rate.series)];
}

function createPlan(series: readonly string[], before: Plan | undefined): Plan {
  const values = new Float64Array(series.length).fill(NaN);
  const times = new Float64Array(series.length).fill(NaN);
  const known = new Map(before?.series.map((name, column) => [name, column]));
  series.forEach((name, column) => {
    const old = known.get(name);
    if (before === undefined || old === undefined) return;
    values[column] = before.values[old] ?? NaN;
    times[column] = before.times[old] ?? NaN;
  });
  const slopes = new Float64Array(series.length);
  const spans = new Float64Array(series.length);
  const leastSpans = Float64Array.from(series, leastSpan);
  return { series, rates: derivedRates(series), values, times, slopes, spans, leastSpans };
}

interface Target {
  readonly elapsed: number;
  readonly samples: Map<string, number>;
}

function readValues(plan: Plan, values: readonly (number | null)[], { elapsed, samples }: Target): void {
  plan.slopes.fill(NaN);
  for (let column = 0; column < plan.series.length; column++) {
    const name = plan.series[column];
    const value = values[column] ?? undefined;
    if (name === undefined || value === undefined) continue;
    samples.set(name, value);
    const span = elapsed - (plan.times[column] ?? NaN);
    // The same reading told again is no news, and must not become the base of the next rate.
    if (Math.abs(span) < SAME_READING_SECONDS) continue;
    const step = value - (plan.values[column] ?? NaN);
    // Over a shorter span the steps of the counter would show and not the use: the next tick tries again.
    if (step >= 0 && span > 0 && span < (plan.leastSpans[column] ?? 0) - SAME_READING_SECONDS) continue;
    if (step >= 0 && span > 0) {
      plan.slopes[column] = step / span;
      plan.spans[column] = span;
    }
    plan.values[column] = value;
    plan.times[column] = elapsed;
  }
}

function addRates(plan: Plan, samples: Map<string, number>, spans: Map<string, number>): void {
  for (const { series, columns, factor, ceiling } of plan.rates) {
    let sum = NaN;
    let longest = 0;
    for (const column of columns) {
      const slope = plan.slopes[column] ?? NaN;
      if (Number.isNaN(slope)) continue;
      sum = Number.isNaN(sum) ? slope : sum + slope;
      longest = Math.max(longest, plan.spans[column] ?? 0);
    }
    if (Number.isNaN(sum)) continue;
    samples.set(series, Math.min(sum * factor, ceiling));
    spans.set(series, longest);
  }
}
