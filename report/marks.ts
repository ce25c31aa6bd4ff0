/// <reference lib="dom" />
import type { Plugin } from "chart.js";
import type { Band, RunData } from "./data.ts";

/** The colours of what happened during the run. */
export interface MarkColors {
  readonly stop: string;
  readonly phase: string;
  readonly moment: string;
  readonly text: string;
  readonly paper: string;
  readonly font: string;
}

const LABEL_HEIGHT = 14;

/**
 * Draws what happened: spans of time as bands, moments as lines, with their names where there is room. Several runs would hide
 * each other's, so only a run that is alone has them.
 */
export function drawMarks(runs: readonly RunData[], colors: MarkColors): Plugin<"line"> {
  const [run] = runs;
  const { bands, moments } = runs.length === 1 && run !== undefined ? run : { bands: [], moments: [] };
  const shaded = shadedOf(bands);
  const labels = [...bands.map(({ from, label }) => ({ at: from, label })), ...moments].sort((a, b) => a.at - b.at);
  return {
    id: "marks",
    beforeDatasetsDraw({ ctx, chartArea: { top, bottom, left, right }, scales: { x } }): void {
      if (x === undefined) return;
      ctx.save();
      ctx.beginPath();
      ctx.rect(left, top, right - left, bottom - top);
      ctx.clip();
      for (const { kind, from, to } of shaded) {
        ctx.fillStyle = colors[kind];
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
    afterDatasetsDraw({ ctx, chartArea: { top, left, right }, scales: { x } }): void {
      if (x === undefined) return;
      ctx.save();
      ctx.font = `11px ${colors.font}`;
      ctx.fillStyle = colors.text;
      ctx.strokeStyle = colors.paper;
      ctx.lineWidth = 3;
      ctx.lineJoin = "round";
      let free = left;
      for (const { at, label } of labels) {
        const begin = Math.max(x.getPixelForValue(at) + 4, left + 4);
        // Measuring texts takes long, and of thousands of marks most have no room.
        if (x.getPixelForValue(at) < left - 1 || begin < free || begin > right) continue;
        const end = begin + ctx.measureText(label).width;
        if (end > right) continue;
        // Over whatever is drawn there.
        ctx.strokeText(label, begin, top + LABEL_HEIGHT - 3);
        ctx.fillText(label, begin, top + LABEL_HEIGHT - 3);
        free = end + 8;
      }
      ctx.restore();
    },
  };
}

/** The bands that are shaded: stops, and every other phase, so that one is told from the next. */
export function shadedOf(bands: readonly Band[]): Band[] {
  let phases = 0;
  return bands.filter(({ kind }) => kind === "stop" || phases++ % 2 === 0);
}
