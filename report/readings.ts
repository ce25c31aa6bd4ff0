import { formatPercent, formatValue } from "../lib/format.ts";
import { nearest } from "./buckets.ts";
import type { LoadedChart } from "./charts.ts";
import type { View } from "./view.ts";

const PARTS_OF_VIEW = 40;
const STEPS = 3;

/** What the legend of a chart says at the cursor, one text a key; empty where there is no cursor or no value near it. */
export function readingsAt({ kind, lines, unit }: LoadedChart, view: View): string[] {
  const values = valuesAt(lines, view);
  if (kind === "rows") return [busiest(lines, values)];
  return values.map((value) => value === undefined ? "" : formatValue(value, unit));
}

function valuesAt(lines: LoadedChart["lines"], { cursor, from, to }: View): (number | undefined)[] {
  if (cursor === undefined) return lines.map(() => undefined);
  return lines.map(({ line }) => {
    const step = (line.times.at(-1) ?? 0) / Math.max(1, line.times.length - 1);
    const at = nearest(line, cursor, Math.max(step * STEPS, (to - from) / PARTS_OF_VIEW));
    return at === undefined ? undefined : line.mean[at];
  });
}

// A machine may have hundreds of rows: the one that stands out is told.
function busiest(lines: LoadedChart["lines"], values: readonly (number | undefined)[]): string {
  let most: { readonly label: string; readonly value: number } | undefined;
  values.forEach((value, at) => {
    if (value !== undefined && !(value <= (most?.value ?? -1))) most = { label: lines[at]?.label ?? "", value };
  });
  return most === undefined ? "" : `${most.label} ${formatPercent(most.value)}`;
}
