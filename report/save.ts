/// <reference lib="dom" />
import type { Line } from "./buckets.ts";
import type { LineData, ReportData } from "./data.ts";

/** A line of a chart with its numbers. */
export interface SavedLine extends Pick<LineData, "series" | "run"> {
  readonly line: Line;
}

/**
 * Everything that the charts show between two times as CSV: one row for each time of each run, one column a series; where a
 * point stands for several ticks, its mean, least and largest value.
 */
export function toCsv(
  lines: readonly SavedLine[],
  data: Pick<ReportData, "runs">,
  range: { readonly from: number; readonly to: number },
): string {
  const unique = new Map(lines.map((saved) => [JSON.stringify([saved.run, saved.series]), saved]));
  const series = [...new Set(lines.map((saved) => saved.series))];
  const hasSpread = (name: string): boolean =>
    lines.some((saved) => saved.series === name && saved.line.max !== undefined);
  const columns = series.flatMap((name) =>
    (hasSpread(name) ? ["mean", "min", "max"] as const : ["mean"] as const).map((part) => ({ name, part }))
  );
  const several = data.runs.length > 1;
  const titles = columns.map(({ name, part }) => part === "mean" ? name : `${name} (${part})`);
  const rows = [[...(several ? ["run"] : []), "elapsed_seconds", ...titles]];
  data.runs.forEach(({ label }, run) => {
    const own = series.map((name) => unique.get(JSON.stringify([run, name]))).filter((saved) => saved !== undefined);
    for (const [time, values] of rowsOf(own, range)) {
      const cells = columns.map(({ name, part }) => numberCell(values.get(name)?.[part]));
      rows.push([...(several ? [label] : []), String(time), ...cells]);
    }
  });
  return rows.map((row) => `${row.map(quote).join(",")}\r\n`).join("");
}

type Values = Map<string, { mean: number; min: number; max: number }>;

function rowsOf(
  lines: readonly SavedLine[],
  { from, to }: { readonly from: number; readonly to: number },
): [number, Values][] {
  const rows = new Map<number, Values>();
  for (const { series, line: { times, mean, min = mean, max = mean } } of lines) {
    times.forEach((time, at) => {
      const value = mean[at] ?? NaN;
      if (time < from || time > to || Number.isNaN(value)) return;
      const row: Values = rows.get(time) ?? new Map();
      rows.set(time, row.set(series, { mean: value, min: min[at] ?? value, max: max[at] ?? value }));
    });
  }
  return [...rows].sort(([a], [b]) => a - b);
}

// The page keeps four digits; more of them would be those of the binary number.
function numberCell(value: number | undefined): string {
  return value === undefined ? "" : String(parseFloat(value.toPrecision(6)));
}

// A spreadsheet takes text that begins so for a formula.
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^-?\d/;

function quote(cell: string): string {
  const safe = FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Offers a text to the user as a file. */
export function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
