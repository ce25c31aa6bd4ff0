/// <reference lib="dom" />
import type { Plugin } from "chart.js";
import type { View } from "./view.ts";

/** Draws the time that is looked at and the range that is being chosen, the same in every chart. */
export function drawCursor(view: View, colors: { readonly line: string; readonly shade: string }): Plugin<"line"> {
  return {
    id: "cursor",
    afterDatasetsDraw({ ctx, chartArea: { top, bottom, left, right }, scales: { x } }): void {
      if (x === undefined) return;
      const place = (time: number): number => Math.min(Math.max(x.getPixelForValue(time), left), right);
      ctx.save();
      if (view.selection !== undefined) {
        const [from, to] = view.selection.map(place);
        ctx.fillStyle = colors.shade;
        ctx.fillRect(from ?? 0, top, (to ?? 0) - (from ?? 0), bottom - top);
      }
      if (view.cursor !== undefined && view.cursor >= view.from && view.cursor <= view.to) {
        ctx.fillStyle = colors.line;
        ctx.fillRect(Math.round(place(view.cursor)), top, 1, bottom - top);
      }
      ctx.restore();
    },
  };
}
