import type { Collector } from "../lib/contracts.ts";
import { formatSeries } from "../lib/series.ts";
import { FedCollector } from "./fed_collector.ts";
import type { SeriesValues } from "./latest.ts";
import { powermetricsSource, type PowerSample } from "./powermetrics_darwin.ts";

const TOTALS = ["Package", "Combined"];

/** Power of the chip of a Mac and its parts, from powermetrics(1) as root. */
export function createPowerCollector(): Collector {
  return new FedCollector({
    name: "powermetrics",
    metrics: ["power_watts"],
    ...powermetricsSource("cpu_power", readRails),
  });
}

function readRails({ watts }: PowerSample): SeriesValues {
  return new Map(
    Array.from(watts, ([rail, value]) => {
      const scope = TOTALS.includes(rail) ? "package" : "rail";
      return [formatSeries("power_watts", { device: "chip", rail, scope }), value];
    }),
  );
}
