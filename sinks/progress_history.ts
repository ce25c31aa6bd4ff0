import { type ChartData, shade } from "../report/data.ts";
import { pack, packTimes } from "../report/packing.ts";
import type { ProgressSummary } from "../lib/progresses.ts";
import type { ResmonRecord } from "../lib/records.ts";
import type { Blobs } from "./html_charts.ts";

// More lines cannot be told apart.
const MOST_LINES = 8;
const MOST_POINTS = 4000;

/** How far a program has come, over time: at each tick, so that where nothing moves is seen too. */
export class ProgressHistory {
  readonly #lines: readonly ProgressLine[];

  /** `progress`: what the summary tells; what has no total cannot be drawn. */
  constructor(progress: readonly ProgressSummary[] = []) {
    this.#lines = progress.filter(({ total }) => total !== undefined).slice(0, MOST_LINES).map((each) =>
      new ProgressLine(each)
    );
  }

  /** Takes the time of a tick. */
  tick(elapsed: number): void {
    for (const line of this.#lines) line.tick(elapsed);
  }

  /** Takes a record; what is no progress is none of its business. */
  record(record: ResmonRecord): void {
    if (record.type !== "event" || record.kind !== "progress") return;
    const { span = "", elapsed, completed = 0 } = record;
    this.#lines.find((line) => line.span === span)?.move(elapsed, completed);
  }

  /** Its chart; `undefined` where there is nothing to draw. */
  chart(blobs: Blobs): ChartData | undefined {
    const drawn = this.#lines.map((line) => ({ line, points: line.points() })).filter(({ points }) =>
      points.times.length > 2
    );
    if (drawn.length === 0) return undefined;
    const lines = drawn.map(({ line: { label }, points: { times, percents } }, at) => ({
      series: `progress: ${label}`,
      label,
      color: shade(at),
      run: 0,
      times: blobs.add(() => packTimes(times)),
      mean: blobs.add(() => pack(percents)),
    }));
    return { id: "progress", kind: "lines", title: "Progress", unit: "percent", lines };
  }
}

class ProgressLine {
  readonly span: string;
  readonly label: string;
  readonly #total: number;
  readonly #end: number;
  #points: { readonly time: number; readonly percent: number }[] = [];
  #percent: number | undefined;
  #step = 1;
  #ticks = 0;

  constructor({ span, name, total = 1, started, seconds }: ProgressSummary) {
    this.span = span;
    this.label = name === "" ? "progress" : name;
    this.#total = total;
    this.#end = started + seconds;
  }

  move(elapsed: number, completed: number): void {
    const isFirst = this.#percent === undefined;
    this.#percent = 100 * completed / this.#total;
    if (isFirst || elapsed >= this.#end) this.#add(elapsed);
  }

  tick(elapsed: number): void {
    if (this.#percent === undefined || elapsed >= this.#end || this.#ticks++ % this.#step !== 0) return;
    this.#add(elapsed);
  }

  points(): { readonly times: Float64Array; readonly percents: Float32Array } {
    const sorted = this.#points.toSorted((a, b) => a.time - b.time);
    return {
      times: Float64Array.from(sorted, ({ time }) => time),
      percents: Float32Array.from(sorted, ({ percent }) => percent),
    };
  }

  #add(time: number): void {
    this.#points.push({ time, percent: this.#percent ?? NaN });
    if (this.#points.length < MOST_POINTS) return;
    this.#points = this.#points.filter((_, at) => at % 2 === 0);
    this.#step *= 2;
  }
}
