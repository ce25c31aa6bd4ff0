import { type Collector, Unavailable } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { parseCount } from "../lib/parse.ts";
import { formatSeries } from "../lib/series.ts";
import type { SeriesValues } from "./latest.ts";
import { PolledCollector } from "./polled_collector.ts";

const METRICS = [
  "battery_charge_percent",
  "battery_discharging",
  "power_watts",
] as const satisfies readonly MetricName[];

// The battery's own controller tells new values about as often.
const PERIOD_SECONDS = 10;
const BATTERY = "InternalBattery";

/** The battery of a Mac. */
export interface AppleBattery {
  readonly chargePercent: number;
  readonly isDischarging: boolean;
  /** Watts that it gives; undefined while it gives none, and where that is not told. */
  readonly watts: number | undefined;
}

/** Parses `ioreg -r -c AppleSmartBattery -d 1 -w 0`, see ioreg(8); undefined without a battery. Throws SyntaxError. */
export function parseAppleBattery(text: string): AppleBattery | undefined {
  if (!text.includes("<class AppleSmartBattery")) return undefined;
  const entries = new Map([...text.matchAll(/^ +"(\w+)" = (\S+)$/gm)].map(([, key = "", value]) => [key, value]));
  function count(key: string): number {
    return parseCount(entries.get(key), `${key} of AppleSmartBattery`);
  }
  const capacity = count("MaxCapacity");
  if (capacity === 0) throw new SyntaxError("Cannot parse AppleSmartBattery: MaxCapacity is 0");
  const isDischarging = entries.get("ExternalConnected") === "No";
  const milliamperes = parseCurrent(entries.get("InstantAmperage") ?? entries.get("Amperage"));
  const gives = isDischarging && milliamperes < 0;
  return {
    chargePercent: Math.min(100, count("CurrentCapacity") / capacity * 100),
    isDischarging,
    watts: gives ? count("Voltage") * -milliamperes / 1e6 : undefined,
  };
}

// Negative currents are printed as numbers of 64 bits without a sign: 18446744073709550616 is -1000.
function parseCurrent(text: string | undefined): number {
  const what = "Amperage of AppleSmartBattery";
  if (text?.startsWith("-")) return -parseCount(text.slice(1), what);
  parseCount(text, what);
  return Number(BigInt.asIntN(64, BigInt(text ?? "")));
}

/** The battery of a Mac, and the power of the machine while it runs on it, from ioreg(8). */
export function createBatteryCollector(): Collector {
  return new PolledCollector({
    name: "battery",
    metrics: METRICS,
    commands: [["ioreg", "-r", "-c", "AppleSmartBattery", "-d", "1", "-w", "0"]],
    period: PERIOD_SECONDS,
    read: ([text = ""]) => readBattery(parseAppleBattery(text)),
  });
}

function readBattery(battery: AppleBattery | undefined): SeriesValues {
  if (battery === undefined) throw new Unavailable("absent", "Cannot find a battery: ioreg tells of none");
  return new Map([
    [formatSeries("battery_charge_percent", { battery: BATTERY }), battery.chargePercent],
    [formatSeries("battery_discharging", { battery: BATTERY }), battery.isDischarging ? 1 : 0],
    [formatSeries("power_watts", { device: BATTERY, rail: "battery", scope: "machine" }), battery.watts ?? null],
  ]);
}
