/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { View } from "./view.ts";

/** Where the time axis of a chart lies on the screen. */
export interface TimeScale {
  readonly left: number;
  readonly right: number;
  /** The time at a distance in pixels from the left side of the canvas. */
  timeAt(x: number): number;
}

const LEAST_DRAG = 6;
const WHEEL_STEP = 1.002;
const KEY_ZOOM = 2;
const KEY_STEPS = 50;

/**
 * Lets a chart be read and moved about: the cursor follows the mouse; dragging chooses a range, with Shift it moves the range, a
 * double click shows everything; the wheel zooms with Ctrl and moves sideways; on a touch screen one finger moves and two
 * zoom; arrows, plus, minus and Escape do it from the keyboard. `scaleOf` is asked each time, since charts are redrawn.
 */
export function listen(canvas: HTMLCanvasElement, view: View, scaleOf: () => TimeScale): void {
  const timeAt = (event: MouseEvent): number => scaleOf().timeAt(event.clientX - canvas.getBoundingClientRect().left);
  const secondsPerPixel = (): number => (view.to - view.from) / (scaleOf().right - scaleOf().left);
  listenToPointers(canvas, view, { timeAt, secondsPerPixel });
  canvas.addEventListener("dblclick", () => view.reset());
  canvas.addEventListener("wheel", (event) => {
    const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) && !view.isWhole;
    // Without a key the wheel belongs to the page.
    if (!event.ctrlKey && !event.metaKey && !isSideways) return;
    event.preventDefault();
    if (isSideways) view.pan(event.deltaX * secondsPerPixel());
    else view.zoom(WHEEL_STEP ** event.deltaY, timeAt(event));
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !pressKey(view, event)) return;
    event.preventDefault();
  });
}

/** Does what a key stands for, and says whether it stands for something. */
function pressKey(view: View, { key, shiftKey }: KeyboardEvent): boolean {
  const step = (view.to - view.from) / KEY_STEPS;
  const direction = key === "ArrowLeft" ? -1 : key === "ArrowRight" ? 1 : 0;
  if (direction !== 0 && shiftKey) view.pan(direction * 5 * step);
  else if (direction !== 0) view.point((view.cursor ?? (view.from + view.to) / 2) + direction * step);
  else if (key === "+" || key === "=") view.zoom(1 / KEY_ZOOM);
  else if (key === "-") view.zoom(KEY_ZOOM);
  else if (key === "Escape" || key === "0") view.reset();
  else return false;
  return true;
}

interface Measures {
  readonly timeAt: (event: MouseEvent) => number;
  readonly secondsPerPixel: () => number;
}

interface Finger {
  x: number;
  time: number;
}

function listenToPointers(canvas: HTMLCanvasElement, view: View, { timeAt, secondsPerPixel }: Measures): void {
  const down = new Map<number, Finger>();
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, { x: event.clientX, time: timeAt(event) });
    view.point(timeAt(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    const start = down.get(event.pointerId);
    view.point(timeAt(event));
    if (start === undefined) return;
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    if (other !== undefined) pinch(view, { start, other, x: event.clientX });
    else if (event.pointerType === "mouse" && !event.shiftKey) view.select([start.time, timeAt(event)]);
    else view.pan((start.x - event.clientX) * secondsPerPixel());
    if (other !== undefined || view.selection === undefined) start.x = event.clientX;
  });
  const end = (event: PointerEvent): void => {
    const start = down.get(event.pointerId);
    down.delete(event.pointerId);
    if (view.selection === undefined || start === undefined) return;
    view.select(undefined);
    if (event.type === "pointerup" && Math.abs(event.clientX - start.x) >= LEAST_DRAG) {
      const [from, to] = [start.time, timeAt(event)].sort((a, b) => a - b);
      view.show(from ?? 0, to ?? view.end);
    }
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  canvas.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") view.point(undefined);
  });
}

// The other finger stays where it is, on the screen and in time.
function pinch(view: View, { start, other, x }: { start: Finger; other: Finger; x: number }): void {
  const before = Math.abs(start.x - other.x);
  const now = Math.abs(x - other.x);
  if (before > LEAST_DRAG && now > LEAST_DRAG) view.zoom(before / now, other.time);
}
