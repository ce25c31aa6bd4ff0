/// <reference lib="dom" />
import type { Line } from "./buckets.ts";
import type { LineData, ReportData } from "./data.ts";

/** A line of a chart with its numbers. */
export interface SavedLine extends Pick<LineData, "series" | "run"> {
  readonly line: Line;
}

/** A span of time in seconds. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** One column of a saved table: the means of a series, or the extremes where a point stands for several ticks. */
interface Column {
  readonly series: string;
  readonly part: "mean" | "min" | "max";
}

/**
 * Everything that the charts show between two times as lines of CSV: one for each time of each run, one column a series; where a
 * point stands for several ticks, its mean, least and largest value.
 */
export function* toCsv(
  lines: readonly SavedLine[],
  { runs }: Pick<ReportData, "runs">,
  range: Range,
): Generator<string> {
  const columns = columnsOf(lines);
  const lead = runs.length > 1 ? ["run"] : [];
  yield row([...lead, "elapsed_seconds", ...columns.map(titleOf)]);
  for (const [run, { label }] of runs.entries()) {
    const own = new Map(lines.filter((line) => line.run === run).map(({ series, line }) => [series, line]));
    const cursors = columns.map(({ series, part }) => new Cursor(own.get(series), part));
    for (const time of timesIn([...own.values()], range)) {
      const cells = cursors.map((cursor) => numberCell(cursor.at(time)));
      if (cells.some((cell) => cell !== "")) yield row([...lead.map(() => label), String(time), ...cells]);
    }
  }
}

function columnsOf(lines: readonly SavedLine[]): Column[] {
  const spread = new Set(lines.filter(({ line }) => line.max !== undefined).map(({ series }) => series));
  return [...new Set(lines.map(({ series }) => series))].flatMap((series) => {
    const parts = spread.has(series) ? ["mean", "min", "max"] as const : ["mean"] as const;
    return parts.map((part) => ({ series, part }));
  });
}

function titleOf({ series, part }: Column): string {
  return part === "mean" ? series : `${series} (${part})`;
}

/** The times of all lines within a range, ascending, each once. Most lines share theirs. */
function timesIn(lines: readonly Line[], { from, to }: Range): Float64Array {
  const shared = [...new Set(lines.map(({ times }) => times))];
  const all = Float64Array.from(shared.flatMap((times) => [...times.filter((time) => time >= from && time <= to)]));
  return all.sort().filter((time, at) => time !== all[at - 1]);
}

/** Reads a line at ascending times. */
class Cursor {
  readonly #times: Float64Array;
  readonly #values: Float32Array;
  #at = 0;

  constructor(line: Line | undefined, part: Column["part"]) {
    this.#times = line?.times ?? new Float64Array();
    this.#values = line?.[part] ?? line?.mean ?? new Float32Array();
  }

  /** The value at exactly this time; `NaN` where there is none. */
  at(time: number): number {
    while ((this.#times[this.#at] ?? Infinity) < time) this.#at++;
    return this.#times[this.#at] === time ? this.#values[this.#at] ?? NaN : NaN;
  }
}

// The page keeps four digits; more of them would be those of the binary number.
function numberCell(value: number): string {
  return Number.isNaN(value) ? "" : String(parseFloat(value.toPrecision(6)));
}

// A spreadsheet takes text that begins so for a formula.
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^-?\d/;

function quote(cell: string): string {
  const safe = FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function row(cells: readonly string[]): string {
  return `${cells.map(quote).join(",")}\r\n`;
}

const LINES_IN_A_PIECE = 10_000;

/** Offers lines of text to the user as a file. */
export function download(name: string, lines: Iterable<string>): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([...pieces(lines)], { type: "text/csv" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

// The browser may keep a piece outside of the page's memory: there may be millions of lines.
function* pieces(lines: Iterable<string>): Generator<Blob> {
  let piece: string[] = [];
  for (const line of lines) {
    if (piece.push(line) < LINES_IN_A_PIECE) continue;
    yield new Blob(piece);
    piece = [];
  }
  yield new Blob(piece);
}
