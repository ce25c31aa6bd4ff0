import type { FrameSink } from "../lib/contracts.ts";
import { checkWritable, type OutputOptions, writeWhole } from "../lib/output_file.ts";
import { FIGURES, type PhaseRepetition } from "../lib/phase_summary.ts";
import type { Summary } from "../lib/summary.ts";
import { formatColumn } from "./csv.ts";
import { type Cell, formatRow } from "./csv_table.ts";

/** How the file of the phases is written. */
export interface PhasesCsvOptions extends OutputOptions {
  /** Of a run without phases too: its header. */
  readonly isWantedEmpty?: boolean;
}

/** Writes `phases.csv` at the end of the run, one row a phase, where the program marked some. */
export class PhasesCsvSink implements FrameSink {
  readonly name = "phases";
  readonly #path: string;
  readonly #options: PhasesCsvOptions;

  /** Throws Error where the file could not be written. */
  constructor(path: string, options: PhasesCsvOptions) {
    checkWritable(path, options.force);
    this.#path = path;
    this.#options = options;
  }

  frame(): void {}
  event(): void {}
  status(): void {}

  end(summary: Summary): void {
    if (!this.#options.isWantedEmpty && summary.phases.length === 0) return;
    try {
      writeWhole(this.#path, formatPhases(summary));
    } catch (error) {
      this.#options.onFailure(error instanceof Error ? error.message : String(error));
    }
  }

  close(): void {}
}

const FIXED = ["phase", "repetition", "started_seconds", "seconds", "depth", "pid", "tid", "unfinished", "error"];

/** The phases of a run as a CSV file, as docs/format.md describes it. */
export function formatPhases({ phases }: Pick<Summary, "phases">): string {
  const all = phases.flatMap(({ name, repetitions }) => repetitions.map((each) => ({ name, each })));
  const series = [...new Set(all.flatMap(({ each }) => Object.keys(each.metrics)))];
  const header = formatRow([...FIXED, "attributes", ...FIGURES, ...series.map(formatColumn)]);
  const rows = all.map(({ name, each }) => formatRow(cellsOf(name, each, series)));
  return header + rows.join("");
}

function cellsOf(name: string, phase: PhaseRepetition, series: readonly string[]): Cell[] {
  const { repetition, started, seconds, depth, pid, tid, unfinished, attributes, metrics } = phase;
  const error = attributes?.["error"];
  return [
    name,
    repetition,
    started,
    seconds,
    depth,
    pid,
    tid,
    unfinished && 1,
    error === undefined ? undefined : String(error),
    attributes && JSON.stringify(attributes),
    ...FIGURES.map((figure) => phase[figure]),
    ...series.map((each) => metrics[each]?.total ?? metrics[each]?.mean),
  ];
}
