import type { Clock } from "./clock.ts";
import { Derive } from "./derive.ts";
import { describeMetric, isMetricName } from "./metrics.ts";
import type { Recorder } from "./recorder.ts";
import type { Baseline, ResmonRecord, Unnumbered } from "./records.ts";
import { tryParseSeries } from "./series.ts";
import { SeriesStatistics } from "./series_statistics.ts";

/** How the baseline is measured. */
export interface BaselineOptions {
  readonly clock: Clock;
  /** Seconds between two readings. */
  readonly interval: number;
  /** How long. */
  readonly seconds: number;
}

/**
 * Measures what the machine draws before the command starts: the mean of every power in watts. Nothing of it is recorded but
 * the result.
 */
export async function measureBaseline(
  recorder: Recorder,
  { clock, interval, seconds }: BaselineOptions,
): Promise<Baseline> {
  const meter = new PowerMeter();
  const writer = recorder.createWriter((record) => meter.take(record));
  const start = clock.now();
  for (let at = 0; at < seconds; at = Math.min(seconds, at + interval)) {
    recorder.rehearse(writer, start);
    const next = Math.min(seconds, at + interval);
    await reach(clock, start + next);
  }
  recorder.rehearse(writer, start);
  return { seconds: Math.round((clock.now() - start) * 1e3) / 1e3, watts: meter.means() };
}

function reach(clock: Clock, instant: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  clock.at(instant, resolve);
  return promise;
}

/** Adds powers up, as the summary of a run does. */
class PowerMeter {
  readonly #derive = new Derive();
  readonly #statistics = new Map<string, SeriesStatistics>();
  #seq = 0;

  take(record: Unnumbered<ResmonRecord>): void {
    const frame = this.#derive.accept({ ...record, seq: ++this.#seq });
    if (frame === undefined) return;
    for (const [series, value] of frame.samples) {
      const name = tryParseSeries(series)?.name ?? "";
      if (!isMetricName(name) || describeMetric(name).unit !== "watts" || name.includes("limit")) continue;
      const statistics = this.#statistics.get(series) ?? new SeriesStatistics(name);
      this.#statistics.set(series, statistics);
      statistics.add(value, frame.elapsed, frame.spans.get(series) ?? NaN);
    }
  }

  means(): Record<string, number> {
    const means = Array.from(this.#statistics, ([series, each]) => [series, each.result().mean ?? NaN] as const);
    return Object.fromEntries(means.filter(([, mean]) => Number.isFinite(mean)));
  }
}
