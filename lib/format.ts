import type { Unit } from "./metrics.ts";

/**
 * Numbers and texts for people. Every function is pure; a value that is not known is the caller's to leave out, a number that
 * is not finite throws RangeError.
 */

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
const HERTZ_UNITS = ["Hz", "kHz", "MHz", "GHz"];
const WATT_UNITS = ["mW", "W", "kW", "MW"];
const JOULE_UNITS = ["mJ", "J", "kJ", "MJ", "GJ"];
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Bytes in binary units: `11.2 GiB`. */
export function formatBytes(bytes: number): string {
  return scale(bytes, 1024, BYTE_UNITS);
}

/** A duration in seconds: `850 ms`, `12.4 s`, `3 min 20 s`, `2 h 05 min`, `3 d 4 h`; `2 h` where nothing is left over. */
export function formatSeconds(seconds: number): string {
  if (seconds < 0) return `-${formatSeconds(-seconds)}`;
  if (seconds === 0) return "0 s";
  if (seconds < 0.9995) return seconds < 0.0009995 ? `${decimal(seconds * 1e6)} µs` : `${decimal(seconds * 1e3)} ms`;
  if (seconds < MINUTE - 0.05) return `${decimal(seconds)} s`;
  if (seconds < HOUR - 0.5) return twoUnits(seconds, [MINUTE, "min"], [1, "s"]);
  if (seconds < DAY - MINUTE / 2) return twoUnits(seconds, [HOUR, "h"], [MINUTE, "min"]);
  const hours = Math.round(checked(seconds) / HOUR);
  const days = `${group(Math.trunc(hours / 24))} d`;
  return hours % 24 === 0 ? days : `${days} ${hours % 24} h`;
}

/** Percent, with one decimal below 10: `40 %`, `3.5 %`, `< 0.1 %`. */
export function formatPercent(percent: number): string {
  if (percent > 0 && percent < 0.05) return "< 0.1 %";
  return `${Math.abs(percent) < 9.95 ? decimal(percent) : group(percent)} %`;
}

/** A count: `12,345`, `1.2 million`; what is not whole keeps two decimals: `0.25`. */
export function formatCount(count: number): string {
  const size = Math.abs(count);
  if (size >= 999_999_500) return `${decimal(count / 1e9)} billion`;
  if (size >= 999_999.5) return `${decimal(count / 1e6)} million`;
  return size >= 100 ? group(count) : trimmed(count, 2);
}

/** How many of the usable cores were busy: `3.2 of 8 cores (40 %)`. `used` is CPU seconds per second. */
export function formatCores(used: number, usable: number | undefined): string {
  const cores = used > 0 && used < 0.05 ? "< 0.1" : decimal(used);
  if (usable === undefined) return `${cores} ${cores === "1" ? "core" : "cores"}`;
  const noun = usable === 1 ? "core" : "cores";
  return `${cores} of ${decimal(usable)} ${noun} (${formatPercent(used / usable * 100)})`;
}

/** A value of the vocabulary with its unit. */
export function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case "":
      return formatCount(value);
    case "bytes":
      return formatBytes(value);
    case "seconds":
      return formatSeconds(value);
    case "percent":
      return formatPercent(value);
    case "celsius":
      return `${decimal(value)} °C`;
    case "hertz":
      return scale(value, 1000, HERTZ_UNITS);
    case "watts":
      return formatSmall(value, 1000, WATT_UNITS);
    case "joules":
      return formatSmall(value, 1000, JOULE_UNITS);
    case "rpm":
      return `${group(value)} rpm`;
    case "bytes_per_second":
      return `${formatBytes(value)}/s`;
    case "per_second":
      return `${formatCount(value)}/s`;
  }
}

// From thousandths on, with one decimal below 100: `240 mW`, `31.5 W`, `1.2 kW`.
function formatSmall(value: number, base: number, units: readonly string[]): string {
  return value === 0 ? `0 ${units[1]}` : scale(value * base, base, units);
}

const BLOCKS = "▁▂▃▄▅▆▇█";

/**
 * A line of at most `width` blocks, each the largest value of its share; `NaN` is a gap and becomes a blank. It reaches from 0
 * to the largest value, and to no less than `leastTop`: small values look small.
 */
export function sparkline(values: ArrayLike<number>, width: number, leastTop = 0): string {
  const blocks = Math.min(width, values.length);
  const peaks = Array.from({ length: blocks }, (_, block) => peakOf(values, block, blocks));
  const highest = peaks.reduce((a, b) => b > a ? b : a, leastTop);
  return peaks.map((peak) => Number.isNaN(peak) ? " " : blockOf(highest > 0 ? peak / highest : 0)).join("");
}

function peakOf(values: ArrayLike<number>, block: number, blocks: number): number {
  let peak = NaN;
  const end = Math.floor((block + 1) * values.length / blocks);
  for (let at = Math.floor(block * values.length / blocks); at < end; at++) {
    const value = values[at] ?? NaN;
    if (!(value <= peak) && !Number.isNaN(value)) peak = value;
  }
  return peak;
}

function blockOf(share: number): string {
  return BLOCKS.charAt(Math.max(0, Math.min(BLOCKS.length - 1, Math.floor(share * BLOCKS.length))));
}

function scale(value: number, base: number, units: readonly string[]): string {
  let scaled = checked(value);
  let step = 0;
  // Compared as it will be told, so that 1,023.9 KiB becomes 1 MiB and never 1,024 KiB.
  while (step < units.length - 1 && Math.abs(Math.round(scaled)) >= base) {
    scaled /= base;
    step++;
  }
  return `${step === 0 ? group(scaled) : decimal(scaled)} ${units[step] ?? ""}`;
}

function twoUnits(seconds: number, large: readonly [number, string], small: readonly [number, string]): string {
  const whole = Math.round(seconds / small[0]);
  const ratio = large[0] / small[0];
  const first = `${Math.trunc(whole / ratio)} ${large[1]}`;
  return whole % ratio === 0 ? first : `${first} ${String(whole % ratio).padStart(2, "0")} ${small[1]}`;
}

/** One decimal below 100, none from there on. */
function decimal(value: number): string {
  return Math.abs(value) < 99.95 ? trimmed(value, 1) : group(value);
}

function trimmed(value: number, decimals: number): string {
  const text = checked(value).toFixed(decimals).replace(/\.?0+$/, "");
  return text === "-0" ? "0" : text;
}

function group(value: number): string {
  return checked(value).toFixed(0).replace(/\B(?=(\d{3})+$)/g, ",");
}

function checked(value: number): number {
  if (!Number.isFinite(value)) throw new RangeError(`Cannot format ${value}: not a finite number`);
  return value;
}
