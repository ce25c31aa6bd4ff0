/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { timeText } from "./axis.ts";
import type { View } from "./view.ts";

/** Keeps the bars of the process tree, or of phases, at the range that the charts show. */
export function connectTimeline(timeline: HTMLElement, view: View): void {
  const bars = [...timeline.querySelectorAll<SVGRectElement>("rect[data-from]")];
  const [first, last] = timeline.querySelectorAll(".scale span");
  const place = (): void => {
    const percent = (time: number): number =>
      Math.min(100, Math.max(0, (time - view.from) / (view.to - view.from) * 100));
    for (const bar of bars) {
      const from = parseFloat(bar.dataset["from"] ?? "");
      const to = parseFloat(bar.dataset["to"] ?? "");
      const isSeen = to >= view.from && from <= view.to;
      bar.setAttribute("x", `${percent(from)}%`);
      // What was short is to be seen all the same.
      bar.setAttribute("width", isSeen ? `${Math.max(0.3, percent(to) - percent(from))}%` : "0");
    }
    if (first !== undefined) first.textContent = timeText(view.from, view.to - view.from);
    if (last !== undefined) last.textContent = timeText(view.to, view.to - view.from);
  };
  view.onRange(place);
  place();
}
