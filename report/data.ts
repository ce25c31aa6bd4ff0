import type { Unit } from "../lib/metrics.ts";

/**
 * What the page carries for its charts: this as JSON, and each column of numbers in an element of its own, packed as
 * `report/packing.ts` tells. A {@linkcode BlobId} is the id of such an element.
 */
export interface ReportData {
  /** Where the time axis ends, in seconds since the start of the command. */
  readonly seconds: number;
  /** The shortest seconds between two readings, on the average of a run. */
  readonly step: number;
  /** One run, or several that are compared. */
  readonly runs: readonly RunData[];
  readonly charts: readonly ChartData[];
}

/** The id of an element that holds packed numbers. */
export type BlobId = string;

/** One run. */
export interface RunData {
  /** What tells it from the other runs. */
  readonly label: string;
  readonly bands: readonly Band[];
  readonly moments: readonly Moment[];
}

/** A span of time in seconds since the command's start. */
export interface Band {
  readonly kind: "stop" | "phase";
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

/** Something that happened at one time, in seconds since the command's start. */
export interface Moment {
  readonly at: number;
  readonly label: string;
}

/** How a chart shows its lines: as such, piled up upon each other, or each as a row of colours. */
export type ChartKind = "lines" | "stack" | "rows";

/** One chart over a common unit. */
export interface ChartData {
  /** The id of its canvas. */
  readonly id: string;
  readonly kind: ChartKind;
  readonly title: string;
  readonly unit: Unit;
  readonly lines: readonly LineData[];
  /** What is left out because it would press everything else to the ground, in words for the legend. */
  readonly beyond?: string;
  /** What may be used at most, where it fits the scale. */
  readonly limit?: { readonly label: string; readonly value: number };
}

/** One line of a chart. */
export interface LineData {
  /** The series, or what stands for it in a saved table. */
  readonly series: string;
  readonly label: string;
  readonly color: LineColor;
  /** The index of its run. */
  readonly run: number;
  /** The middle of each bucket. */
  readonly times: BlobId;
  readonly mean: BlobId;
  /** The least and largest value in each bucket, where a bucket holds more than one tick. */
  readonly min?: BlobId;
  readonly max?: BlobId;
}

/** The colours of lines, by the names that the style sheet gives them; `context` is what the command shares with others. */
export type LineColor = "first" | "second" | "third" | "context" | `shade-${number}`;

/** The colours that tell runs, processes and devices apart, in the order in which they are given out. */
export function shade(index: number): LineColor {
  return `shade-${index % SHADES}`;
}

/** Whether the line of a run is dashed: beyond the eighth run the colours come again. */
export function isDashed(run: number): boolean {
  return run >= SHADES;
}

const SHADES = 8;
