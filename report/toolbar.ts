/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { formatSeconds } from "../lib/format.ts";
import { timeText } from "./axis.ts";
import type { View } from "./view.ts";

const ZOOM = 2;
const PAN_SHARE = 0.25;
const CURSOR_STEPS = 1000;

/**
 * Connects the buttons above the charts: what the mouse can do, for keyboards, screen readers and fingers. Gives what is to be
 * called once the charts show the cursor.
 */
export function connectToolbar(toolbar: HTMLElement, view: View): () => void {
  const actions: Readonly<Record<string, () => void>> = {
    "zoom-in": () => view.zoom(1 / ZOOM),
    "zoom-out": () => view.zoom(ZOOM),
    earlier: () => view.pan(-PAN_SHARE * (view.to - view.from)),
    later: () => view.pan(PAN_SHARE * (view.to - view.from)),
    whole: () => view.reset(),
  };
  for (const button of toolbar.querySelectorAll<HTMLButtonElement>("button[data-action]")) {
    const action = actions[button.dataset["action"] ?? ""];
    if (action !== undefined) button.addEventListener("click", action);
  }
  const range = toolbar.querySelector("output");
  const tell = (): void => {
    if (range !== null) range.textContent = rangeText(view);
    for (const name of ["zoom-out", "earlier", "later", "whole"]) {
      // Not `disabled`, which would take the focus away from whoever pressed it by the keyboard.
      toolbar.querySelector(`[data-action="${name}"]`)?.setAttribute("aria-disabled", String(isIdle(name, view)));
    }
  };
  view.onRange(tell);
  tell();
  return connectCursor(toolbar, view);
}

function isIdle(action: string, view: View): boolean {
  if (action === "earlier") return view.from === 0;
  if (action === "later") return view.to === view.end;
  return view.isWhole;
}

function rangeText({ isWhole, from, to, end }: View): string {
  return isWhole
    ? `all ${formatSeconds(end)}`
    : `${timeText(from, to - from)} to ${timeText(to, to - from)} of ${formatSeconds(end)}`;
}

function connectCursor(toolbar: HTMLElement, view: View): () => void {
  const slider = toolbar.querySelector<HTMLInputElement>('input[type="range"]');
  const time = toolbar.querySelector(".time");
  if (slider === null) return () => undefined;
  slider.max = String(CURSOR_STEPS);
  slider.addEventListener(
    "input",
    () => view.point(view.from + slider.valueAsNumber / CURSOR_STEPS * (view.to - view.from)),
  );
  return () => {
    const share = view.cursor === undefined ? 0 : (view.cursor - view.from) / (view.to - view.from);
    slider.value = String(Math.round(share * CURSOR_STEPS));
    slider.setAttribute("aria-valuetext", view.cursor === undefined ? "none" : spoken(view));
    if (time !== null) time.textContent = cursorText(view);
  };
}

// A screen reader is to hear what the charts show, not only when.
function spoken(view: View): string {
  const keys = [...document.querySelectorAll(".charts li:has(.value:not(:empty))")].map((key) =>
    key.textContent.trim()
  );
  return [cursorText(view), ...keys].join(", ");
}

function cursorText({ cursor, from, to }: View): string {
  return cursor === undefined ? "" : `at ${timeText(cursor, to - from)}`;
}
