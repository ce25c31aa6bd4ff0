/// <reference lib="dom" />
import type { ChartOptions, Tick } from "chart.js";
import { formatValue } from "../lib/format.ts";
import type { Unit } from "../lib/metrics.ts";
import { timeMark, timeStep, valueStep } from "./axis.ts";
import type { View } from "./view.ts";

/** How an axis looks: colours and a font of the page. */
export interface Look {
  readonly text: string;
  readonly grid: string;
  readonly rule: string;
  readonly font: string;
}

type Scale = NonNullable<NonNullable<ChartOptions<"line">["scales"]>["x"]>;

const VALUE_MARKS = 5;
const ROW_MARKS = 8;
const PIXELS_PER_TIME_MARK = 70;

// The same on all charts, so that the same time stands at the same place in all of them.
const VALUE_AXIS_WIDTH = 74;

/** The axis of values from 0 to `top`. */
export function valueScale(unit: Unit, top: number, look: Look): Scale {
  return {
    type: "linear",
    min: 0,
    max: top,
    border: { display: false },
    grid: { color: look.grid, tickLength: 0 },
    afterFit: (scale) => {
      scale.width = VALUE_AXIS_WIDTH;
    },
    afterBuildTicks: (scale) => {
      const step = valueStep(scale.max, unit, VALUE_MARKS);
      scale.ticks = marks(0, scale.max, { step, label: (value) => formatValue(value, unit) });
    },
    ticks: { ...ticksOf(look), callback: labelOf },
  };
}

/** The axis of rows with the given names, the first at the top. */
export function rowScale(names: readonly string[], look: Look): Scale {
  return {
    type: "linear",
    min: 0,
    max: names.length,
    reverse: true,
    border: { display: false },
    grid: { display: false },
    afterFit: (scale) => {
      scale.width = VALUE_AXIS_WIDTH;
    },
    afterBuildTicks: (scale) => {
      const step = Math.ceil(names.length / ROW_MARKS);
      scale.ticks = names.map((label, at) => ({ value: at + 0.5, label })).filter((_, at) => at % step === 0);
    },
    ticks: { ...ticksOf(look), autoSkip: false, callback: labelOf },
  };
}

/** The axis of time over the range of the view. */
export function timeScale({ from, to }: Pick<View, "from" | "to">, look: Look): Scale {
  return {
    type: "linear",
    min: from,
    max: to,
    border: { color: look.rule },
    grid: { display: false },
    afterBuildTicks: (scale) => {
      const step = timeStep(scale.max - scale.min, Math.max(2, Math.floor(scale.width / PIXELS_PER_TIME_MARK)));
      scale.ticks = marks(scale.min, scale.max, { step, label: (value) => timeMark(value, step) });
    },
    ticks: { ...ticksOf(look), maxRotation: 0, autoSkip: false, callback: labelOf },
  };
}

function ticksOf({ text, font }: Look): { color: string; font: { family: string; size: number }; padding: number } {
  return { color: text, font: { family: font, size: 11 }, padding: 6 };
}

interface Marking {
  readonly step: number;
  readonly label: (value: number) => string;
}

// The library's own choice of steps is decimal and adds one at the very end.
function marks(begin: number, end: number, { step, label }: Marking): Tick[] {
  const first = Math.ceil(begin / step - 1e-9);
  const count = Math.floor(end / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, at) => {
    const value = (first + at) * step;
    return { value, label: label(value) };
  });
}

function labelOf(_value: number | string, at: number, all: readonly Tick[]): string {
  const label = all[at]?.label;
  return typeof label === "string" ? label : "";
}
