/// <reference lib="dom" />
import type { Plugin } from "chart.js";
import type { Band, Moment, RunData } from "./data.ts";

/** The colours of what happened during the run. */
export interface MarkColors {
  readonly stop: string;
  /** Of phases in turns, so that each is told from the next. */
  readonly phase: string;
  readonly nextPhase: string;
  readonly moment: string;
  readonly momentText: string;
  readonly text: string;
  readonly paper: string;
  readonly font: string;
}

const LABEL_HEIGHT = 14;
/** What stands before the name of a moment, so that nobody takes it for one of a phase. */
const MOMENT = "\u25c6";

/**
 * Draws what happened: spans of time as bands, moments as lines, with their names where there is room. Several runs would hide
 * each other's, so only a run that is alone has them.
 */
export function drawMarks(runs: readonly RunData[], colors: MarkColors): Plugin<"line"> {
  const [run] = runs;
  const { bands, moments } = runs.length === 1 && run !== undefined ? run : { bands: [], moments: [] };
  const shades = shadesOf(bands);
  const names = bands.map(({ from, to, label }) => ({ at: from, to, label }));
  const points = moments.map(({ at, label }) => ({ at, label: `${MOMENT} ${label}` }));
  return {
    id: "marks",
    beforeDatasetsDraw({ ctx, chartArea: { top, bottom, left, right }, scales: { x } }): void {
      if (x === undefined) return;
      ctx.save();
      ctx.beginPath();
      ctx.rect(left, top, right - left, bottom - top);
      ctx.clip();
      for (const [at, { from, to }] of bands.entries()) {
        ctx.fillStyle = colors[shades[at] ?? "phase"];
        ctx.fillRect(
          x.getPixelForValue(from),
          top,
          Math.max(1, x.getPixelForValue(to) - x.getPixelForValue(from)),
          bottom - top,
        );
      }
      ctx.fillStyle = colors.moment;
      for (const { at } of moments) ctx.fillRect(x.getPixelForValue(at), top, 1, bottom - top);
      ctx.restore();
    },
    afterDatasetsDraw({ ctx, chartArea, scales: { x } }): void {
      if (x === undefined) return;
      ctx.save();
      ctx.font = `11px ${colors.font}`;
      ctx.fillStyle = colors.text;
      ctx.strokeStyle = colors.paper;
      ctx.lineWidth = 3;
      ctx.lineJoin = "round";
      // A moment often stands where a phase begins: each has a row of its own.
      drawLabels(ctx, names, { ...chartArea, x });
      const top = chartArea.top + (names.length > 0 ? LABEL_HEIGHT : 0);
      ctx.fillStyle = colors.momentText;
      drawLabels(ctx, points, { ...chartArea, top, x });
      ctx.restore();
    },
  };
}

interface Row {
  readonly top: number;
  readonly left: number;
  readonly right: number;
  readonly x: { getPixelForValue(value: number): number };
}

/** What stands behind a time; with `to` as long as that is in sight. */
type Label = Moment & Partial<Pick<Band, "to">>;

/** Writes names behind their times, in the order of these, where there is room. */
function drawLabels(ctx: CanvasRenderingContext2D, labels: readonly Label[], { top, left, right, x }: Row): void {
  let free = left;
  for (const { at, to = at, label } of labels) {
    const begin = Math.max(x.getPixelForValue(at), left) + 4;
    // Measuring texts takes long, and of thousands of marks most have no room.
    if (x.getPixelForValue(to) < left - 1 || begin < free || begin > right) continue;
    const end = begin + ctx.measureText(label).width;
    if (end > right) continue;
    // Over whatever is drawn there.
    ctx.strokeText(label, begin, top + LABEL_HEIGHT - 3);
    ctx.fillText(label, begin, top + LABEL_HEIGHT - 3);
    free = end + 8;
  }
}

/** The colour of each band: that of stops, or in turns one of the two of phases. */
export function shadesOf(bands: readonly Band[]): ("stop" | "phase" | "nextPhase")[] {
  let phases = 0;
  return bands.map(({ kind }) => kind === "stop" ? "stop" : phases++ % 2 === 0 ? "phase" : "nextPhase");
}
