import type { Unit } from "../lib/metrics.ts";

/** What the page carries for its charts, as JSON. Arrays are little-endian Float32Array in base64, `NaN` is a gap. */
export interface ReportData {
  /** Seconds since the command's start: the middle of each bucket. */
  readonly times: string;
  /** Where the time axis ends. */
  readonly seconds: number;
  /** When the command was stopped. */
  readonly stops: readonly Span[];
  readonly charts: readonly ChartData[];
}

/** A span of time in seconds since the command's start. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** One chart: lines over a common unit. */
export interface ChartData {
  /** The id of its canvas. */
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  readonly lines: readonly LineData[];
  /** What is left out because it would press everything else to the ground, in words for the legend. */
  readonly beyond?: string;
  /** What may be used at most, where it fits the scale. */
  readonly limit?: { readonly label: string; readonly value: number };
}

/** `first` is drawn as an area, `context` is what the command shares with others. */
export type LineRole = "first" | "second" | "context";

/** One line of a chart. */
export interface LineData {
  readonly series: string;
  readonly label: string;
  readonly role: LineRole;
  readonly mean: string;
  /** The largest value in each bucket, where a bucket holds more than one tick. */
  readonly max?: string;
}

/** Packs numbers for {@linkcode unpackNumbers}. */
export function packNumbers(numbers: Float64Array): string {
  return new Uint8Array(Float32Array.from(numbers).buffer).toBase64();
}

/** Unpacks what {@linkcode packNumbers} gave; atob() since `Uint8Array.fromBase64` is younger than many browsers in use. */
export function unpackNumbers(text: string): Float32Array {
  return new Float32Array(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)).buffer);
}
