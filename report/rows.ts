/// <reference lib="dom" />
import type { Plugin } from "chart.js";
import { firstAtOrAfter, type Line } from "./buckets.ts";

/** Three numbers from 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** A line, and the seconds between two of its values beyond which there is a gap. */
export interface RowLine {
  readonly line: Line;
  readonly gap: number;
}

/** Paints each line as a row of colours, from nothing at 0 to the full colour at `full`: what many lines would hide. */
export function drawRows(
  lines: readonly RowLine[],
  { color, full }: { readonly color: Rgb; readonly full: number },
): Plugin<"line"> {
  return {
    id: "rows",
    beforeDatasetsDraw({ ctx, chartArea: { top, bottom, left, right }, scales: { x } }): void {
      const width = Math.floor(right - left);
      if (x === undefined || width < 1 || lines.length === 0) return;
      const picture = new OffscreenCanvas(width, lines.length);
      const context = picture.getContext("2d");
      if (context === null) return;
      const image = context.createImageData(width, lines.length);
      const edges = Float64Array.from({ length: width + 1 }, (_, pixel) => x.getValueForPixel(left + pixel) ?? NaN);
      lines.forEach((each, row) => {
        highestByPixel(each, edges).forEach((value, pixel) => {
          if (Number.isNaN(value)) return;
          image.data.set([...color, Math.round(255 * Math.min(1, value / full))], 4 * (row * width + pixel));
        });
      });
      context.putImageData(image, 0, 0);
      ctx.save();
      ctx.imageSmoothingEnabled = false;
      ctx.drawImage(picture, left, top, width, bottom - top);
      ctx.restore();
    },
  };
}

/**
 * The largest value between each two edges. Between two values the later one counts, since a rate holds for the time before it;
 * `NaN` in a gap and after the last.
 */
export function highestByPixel({ line, gap }: RowLine, edges: Float64Array): Float64Array {
  const { times, mean, max = mean } = line;
  const pixels = new Float64Array(Math.max(0, edges.length - 1)).fill(NaN);
  let at = firstAtOrAfter(times, edges[0] ?? 0);
  const next = (): number => {
    while (at < times.length && Number.isNaN(max[at])) at++;
    return max[at] ?? NaN;
  };
  for (let pixel = 0; pixel < pixels.length; pixel++) {
    const end = edges[pixel + 1] ?? NaN;
    let highest = next();
    if ((times[at] ?? NaN) - end > gap) continue;
    while ((times[at] ?? NaN) < end) {
      highest = Math.max(highest, max[at] ?? NaN);
      at++;
      next();
    }
    pixels[pixel] = highest;
  }
  return pixels;
}
