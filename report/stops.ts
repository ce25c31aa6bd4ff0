/// <reference lib="dom" />
import type { Plugin } from "chart.js";
import type { Span } from "./data.ts";

/** Shades the spans in which the command was stopped; the legend says what the shade means. */
export function shadeStops(stops: readonly Span[], color: string): Plugin<"line"> {
  return {
    id: "stops",
    beforeDatasetsDraw({ ctx, chartArea: { top, bottom }, scales: { x } }): void {
      if (x === undefined) return;
      ctx.save();
      ctx.fillStyle = color;
      for (const { from, to } of stops) {
        const left = x.getPixelForValue(from);
        ctx.fillRect(left, top, Math.max(1, x.getPixelForValue(to) - left), bottom - top);
      }
      ctx.restore();
    },
  };
}
