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
      const [from, to] = rangeOf(bar);
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
  connectCursor(timeline, view);
  connectZoom(timeline, view);
}

/** Draws the cursor of the charts through all rows. */
function connectCursor(timeline: HTMLElement, view: View): void {
  const lines = Array.from(timeline.querySelectorAll("li svg"), (svg) => {
    const line = document.createElementNS(svg.namespaceURI, "line");
    line.setAttribute("y2", "100%");
    svg.append(line);
    return line;
  });
  const draw = (): void => {
    const { cursor, from, to } = view;
    const isSeen = cursor !== undefined && cursor >= from && cursor <= to;
    for (const line of lines) {
      line.setAttribute("visibility", isSeen ? "visible" : "hidden");
      for (const end of ["x1", "x2"]) line.setAttribute(end, `${isSeen ? 100 * (cursor - from) / (to - from) : 0}%`);
    }
  };
  view.onCursor(draw);
  view.onRange(draw);
  draw();
}

/** Zooms to a phase by a click on its bar; the name of a row, also by a key, leads from one to the next. */
function connectZoom(timeline: HTMLElement, view: View): void {
  for (const row of timeline.querySelectorAll("li")) {
    const bars = [...row.querySelectorAll<SVGRectElement>("rect.phase")];
    for (const bar of bars) bar.addEventListener("click", () => view.show(...rangeOf(bar)));
    let next = 0;
    row.querySelector("button.who")?.addEventListener("click", () => {
      const bar = bars[next++ % bars.length];
      if (bar !== undefined) view.show(...rangeOf(bar));
    });
  }
}

function rangeOf({ dataset }: SVGRectElement): [from: number, to: number] {
  return [parseFloat(dataset["from"] ?? ""), parseFloat(dataset["to"] ?? "")];
}
