import type { Unit } from "./metrics.ts";

/** Rounds to six digits after the point: seconds to the microsecond. */
export function toMillionths(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** Rounds what was worked out between two readings: nobody read a part of a byte, or the digits that arithmetic adds. */
export function roundAmount(value: number, unit: Unit): number {
  return unit === "bytes" ? Math.round(value) : toMillionths(value);
}
