import type { Point } from "./buckets.ts";

/** The upper edges of lines that are piled up upon each other; all of them have the same times. */
export function edgesOf(lines: readonly (readonly Point[])[]): { readonly x: number; readonly y: number }[][] {
  const tops: number[] = [];
  return lines.map((points) => points.map(({ x, mean }, at) => ({ x, y: tops[at] = (tops[at] ?? 0) + mean })));
}
