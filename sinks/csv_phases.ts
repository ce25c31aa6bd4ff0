import type { FrameSink } from "../lib/contracts.ts";
import { describeMetric, isMetricName } from "../lib/metrics.ts";
import { checkWritable, type OutputOptions } from "../lib/output_file.ts";
import { FIGURES, type MeasuredPhase } from "../lib/phase_summary.ts";
import { formatColumn } from "./csv.ts";
import { type Cell, CsvTable } from "./csv_table.ts";

/** How the file of the phases is written. */
export interface PhasesCsvOptions extends OutputOptions {
  /** Of a run without phases too: its header. */
  readonly isWantedEmpty?: boolean;
}

const FIXED = [
  "phase",
  "repetition",
  "parent",
  "parent_repetition",
  "depth",
  "started_seconds",
  "seconds",
  "pid",
  "tid",
  "unfinished",
  "error",
  "attributes",
];

/** Writes `phases.csv`, one row a phase in the order of their ends, where the program marks some. */
export class PhasesCsvSink implements FrameSink {
  readonly name = "phases";
  readonly #path: string;
  readonly #options: PhasesCsvOptions;
  /** Once there is a row. */
  #table: CsvTable | undefined;

  /** Throws Error where the file could not be written. */
  constructor(path: string, options: PhasesCsvOptions) {
    checkWritable(path, options.force);
    this.#path = path;
    this.#options = options;
  }

  frame(): void {}
  event(): void {}
  status(): void {}

  /** Throws Error where the file, which the first of them makes, cannot be written. */
  phases(phases: readonly MeasuredPhase[]): void {
    const table = this.#table ??= this.#open();
    const rows = phases.map((phase) => ({ fixed: fixedCells(phase), values: valuesOf(phase) }));
    for (const key of new Set(rows.flatMap(({ values }) => [...values.keys()]))) {
      table.addColumn(key, formatColumn(key));
    }
    table.writeRows(rows);
  }

  end(): void {
    if (this.#options.isWantedEmpty) this.#table ??= this.#open();
  }

  close(): void {
    this.#table?.close();
  }

  #open(): CsvTable {
    const table = new CsvTable(this.#path, FIXED, this.#options);
    for (const figure of FIGURES) table.addColumn(figure, figure);
    return table;
  }
}

function fixedCells(phase: MeasuredPhase): Cell[] {
  const { name, repetition, parent, parent_repetition, depth, started, seconds, pid, tid, unfinished, attributes } =
    phase;
  const error = attributes?.["error"];
  return [
    name,
    repetition,
    parent,
    parent_repetition,
    depth,
    started,
    seconds,
    pid,
    tid,
    unfinished && 1,
    error === undefined ? undefined : String(error),
    attributes && JSON.stringify(attributes),
  ];
}

/** The values by the series that their columns are named after: what is a figure as well has its name, and is told once. */
function valuesOf(phase: MeasuredPhase): Map<string, number> {
  const values = new Map<string, number>();
  const add = (key: string, value: number | undefined): void => {
    if (value !== undefined) values.set(key, value);
  };
  for (const figure of FIGURES) add(figure, phase[figure]);
  for (const [series, { total, mean, max }] of Object.entries(phase.metrics)) {
    add(tell(series), total);
    add(tell(series, "mean"), mean);
    add(tell(series, "max"), max);
  }
  return values;
}

/**
 * What is told of a series: of a counter its increase, so its name loses `_total`; of a gauge a statistic, named before the
 * unit: `memory_pss_bytes` becomes `memory_pss_mean_bytes`.
 */
function tell(series: string, statistic?: "mean" | "max"): string {
  const name = series.replace(/\{.*/s, "");
  const unit = isMetricName(name) ? describeMetric(name).unit : "";
  const base = name.replace(/_total$/, "");
  const stem = base.endsWith(`_${unit}`) ? base.slice(0, -unit.length - 1) : base;
  const told = [stem, statistic, stem === base ? undefined : unit].filter((word) => word !== undefined).join("_");
  return told + series.slice(name.length);
}
