import type { Frame } from "./frame.ts";
import { derivedIntegrals, Integral, isEnergy, longestBridge } from "./integrals.ts";
import { ProcessSamples } from "./process_samples.ts";
import { derivedRates, leastSpan, type RatePlan, SAME_READING_SECONDS } from "./rates.ts";
import type { ColumnsRecord, ResmonRecord, TickRecord } from "./records.ts";
import { Samples, SeriesList } from "./samples.ts";

/** The series and rates of one collector, worked out once so that a tick costs arithmetic only. */
interface Plan {
  readonly series: readonly string[];
  /** The number of each column in the list of all series. */
  readonly numbers: readonly number[];
  readonly rates: readonly NumberedRate[];
  readonly integrals: readonly NumberedIntegral[];
  /** The columns of counters of energy. */
  readonly energies: readonly number[];
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

interface NumberedRate extends RatePlan {
  /** In the list of all series. */
  readonly number: number;
}

// The machine is read some milliseconds before the command starts. A slow source may have answered long before that, and what
// was used in between is not the run's.
const EARLIEST_ENERGY = -0.05;

interface NumberedIntegral {
  /** In the list of all series. */
  readonly number: number;
  readonly column: number;
  readonly integral: Integral;
}

/**
 * Turns records into frames: full names, rates between two readings of the same series at their own times, and the integrals of
 * powers.
 */
export class Derive {
  readonly #plans = new Map<string, Plan>();
  readonly #list = new SeriesList();
  readonly #processes = new ProcessSamples();
  readonly #integrals = new Map<string, Integral>();
  #bridge = longestBridge(0);

  /** Gives a frame for a tick, nothing for any other record. Repeated records do no harm. */
  accept(record: ResmonRecord): Frame | undefined {
    switch (record.type) {
      case "session":
        this.#bridge = longestBridge(record.interval);
        return undefined;
      case "columns":
        this.#columns(record);
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

  #columns({ collector, series }: ColumnsRecord): void {
    const numbers = series.map((name) => this.#list.add(name));
    const rates = derivedRates(series).map((rate) => ({ ...rate, number: this.#list.add(rate.series) }));
    const integrals = derivedIntegrals(series).map(({ column, series: name }) => ({
      column,
      number: this.#list.add(name),
      integral: this.#integral(name),
    }));
    this.#plans.set(collector, createPlan({ series, numbers, rates, integrals }, this.#plans.get(collector)));
  }

  // Kept under its name: the columns of a collector change when hardware comes or goes.
  #integral(series: string): Integral {
    const integral = this.#integrals.get(series) ?? new Integral();
    this.#integrals.set(series, integral);
    return integral;
  }

  #frame(tick: TickRecord): Frame {
    const samples = this.#list.noValues();
    const spans = this.#list.noValues();
    for (const [collector, values] of Object.entries(tick.values)) {
      const plan = this.#plans.get(collector);
      if (plan === undefined) continue;
      const elapsed = tick.at?.[collector] ?? tick.elapsed;
      readValues(plan, values, { elapsed, samples });
      if (elapsed < EARLIEST_ENERGY) leaveOutEnergies(plan, samples);
      addRates(plan, samples, spans);
      addEnergySpans(plan, spans);
      this.#addIntegrals(plan, values, { elapsed, samples, spans });
    }
    return this.#spelt(tick, samples, spans);
  }

  #addIntegrals(
    plan: Plan,
    values: readonly (number | null)[],
    { elapsed, samples, spans }: Target & { readonly spans: number[] },
  ): void {
    for (const { column, number, integral } of plan.integrals) {
      const value = values[column] ?? undefined;
      if (value === undefined) continue;
      spans[number] = integral.add(value, elapsed, this.#bridge);
      samples[number] = integral.sum;
    }
  }

  #spelt(tick: TickRecord, samples: number[], spans: number[]): Frame {
    return {
      time: tick.time,
      elapsed: tick.elapsed,
      samples: new Samples(this.#list, samples),
      spans: new Samples(this.#list, spans),
      processes: this.#processes.samples(tick),
    };
  }
}

/** The series of a collector's frames: its columns, then the rates and the integrals derived from them. */
export function frameSeries(columns: Pick<ColumnsRecord, "series">): string[] {
  const derived = [...derivedRates(columns.series), ...derivedIntegrals(columns.series)];
  return [...columns.series, ...derived.map(({ series }) => series)];
}

function createPlan(names: Pick<Plan, "series" | "numbers" | "rates" | "integrals">, before: Plan | undefined): Plan {
  const { series } = names;
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
  const energies = series.flatMap((name, column) => isEnergy(name) ? [column] : []);
  return { ...names, energies, values, times, slopes, spans, leastSpans };
}

interface Target {
  readonly elapsed: number;
  readonly samples: number[];
}

function readValues(plan: Plan, values: readonly (number | null)[], { elapsed, samples }: Target): void {
  plan.slopes.fill(NaN);
  for (let column = 0; column < plan.series.length; column++) {
    const number = plan.numbers[column];
    const value = values[column] ?? undefined;
    if (number === undefined || value === undefined) continue;
    samples[number] = value;
    const span = elapsed - (plan.times[column] ?? NaN);
    // The same reading told again is no news, and must not become the base of the next rate.
    if (Math.abs(span) < SAME_READING_SECONDS) continue;
    const step = value - (plan.values[column] ?? NaN);
    // Over a shorter span the steps of the counter would show and not the use: the next tick tries again.
    if (step >= 0 && span > 0 && span < (plan.leastSpans[column] ?? 0)) continue;
    if (step >= 0 && span > 0) {
      plan.slopes[column] = step / span;
      plan.spans[column] = span;
    }
    plan.values[column] = value;
    plan.times[column] = elapsed;
  }
}

function addRates(plan: Plan, samples: number[], spans: number[]): void {
  for (const { number, columns, factor, ceiling } of plan.rates) {
    let sum = NaN;
    let longest = 0;
    for (const column of columns) {
      const slope = plan.slopes[column] ?? NaN;
      if (Number.isNaN(slope)) continue;
      sum = Number.isNaN(sum) ? slope : sum + slope;
      longest = Math.max(longest, plan.spans[column] ?? 0);
    }
    if (Number.isNaN(sum)) continue;
    samples[number] = Math.min(sum * factor, ceiling);
    spans[number] = longest;
  }
}

// How long an energy was counted says of what part of a run it is.
function leaveOutEnergies({ energies, numbers }: Plan, samples: number[]): void {
  for (const column of energies) samples[numbers[column] ?? NaN] = NaN;
}

function addEnergySpans(plan: Plan, spans: number[]): void {
  for (const column of plan.energies) {
    const number = plan.numbers[column];
    if (number !== undefined && !Number.isNaN(plan.slopes[column] ?? NaN)) spans[number] = plan.spans[column] ?? NaN;
  }
}
