import { formatSeconds } from "../lib/format.ts";
import type { Unit } from "../lib/metrics.ts";

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

// Marks that are closer would have the same text, such as 1 B/s for 0.6 and for 0.8.
const FINEST_STEPS: Readonly<Record<Unit, number>> = {
  "": 1,
  seconds: 1e-6,
  hertz: 1,
  watts: 0.001,
  joules: 0.001,
  rpm: 1,
  celsius: 0.1,
  bytes: 1,
  bytes_per_second: 1,
  per_second: 0.01,
  percent: 0.1,
};

/** The distance in seconds of at most `count` marks on a time axis: whole seconds, minutes, hours or days. */
export function timeStep(seconds: number, count: number): number {
  const least = seconds / count;
  if (least <= 0.5) return decimalStep(least);
  return TIME_STEPS.find((step) => step >= least) ?? Math.ceil(least / DAY) * DAY;
}

/** The distance of at most `count` marks on an axis from 0 to `top`; bytes step in binary units. */
export function valueStep(top: number, unit: Unit, count: number): number {
  const least = top / count;
  const finest = FINEST_STEPS[unit];
  if (least <= finest) return finest;
  if (unit !== "bytes" && unit !== "bytes_per_second") return decimalStep(least);
  const base = 1024 ** Math.floor(Math.log(least) / Math.log(1024));
  return base * ([1, 2, 5, 10, 20, 50, 100, 200, 256, 512].find((step) => step * base >= least) ?? 1024);
}

/** A mark on a time axis whose marks are `step` seconds apart: `1:30 min`, `45 s`, `2:05 h`. */
export function timeMark(seconds: number, step: number): string {
  if (seconds === 0) return "0";
  if (seconds < MINUTE || step < 1) return `${round(seconds)} s`;
  if (seconds < HOUR) return step % MINUTE === 0 ? `${seconds / MINUTE} min` : `${twoParts(seconds, MINUTE, 1)} min`;
  if (step % DAY === 0) return `${seconds / DAY} d`;
  if (step % MINUTE !== 0) {
    return `${Math.floor(seconds / HOUR)}:${twoParts(seconds % HOUR, MINUTE, 1).padStart(5, "0")} h`;
  }
  return step % HOUR === 0 ? `${seconds / HOUR} h` : `${twoParts(seconds, HOUR, MINUTE)} h`;
}

const PARTS_OF_SPAN = 100;

/** A time as exactly as it can be pointed at in a range of `span` seconds: `15 h 05 min`, `1 min 52 s`, `0.695 s`. */
export function timeText(seconds: number, span: number): string {
  const finest = span / PARTS_OF_SPAN;
  if (finest >= MINUTE) return formatSeconds(seconds);
  const parts = 10 ** Math.min(3, Math.max(0, Math.ceil(-Math.log10(finest))));
  const whole = Math.round(seconds * parts);
  const [hours, minutes] = [Math.floor(whole / parts / HOUR), Math.floor(whole / parts / MINUTE) % 60];
  const rest = `${whole % (MINUTE * parts) / parts} s`;
  if (hours > 0) return `${hours} h ${String(minutes).padStart(2, "0")} min ${rest}`;
  return minutes > 0 ? `${minutes} min ${rest}` : rest;
}

function twoParts(seconds: number, large: number, small: number): string {
  const rest = Math.round(seconds % large / small);
  return `${Math.floor(seconds / large)}:${String(rest).padStart(2, "0")}`;
}

function decimalStep(least: number): number {
  if (!(least > 0)) return 1;
  const base = 10 ** Math.floor(Math.log10(least));
  return base * ([1, 2, 5].find((step) => step * base >= least) ?? 10);
}

function round(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
