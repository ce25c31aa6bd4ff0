import { Derive } from "../lib/derive.ts";
import type { Frame } from "../lib/frame.ts";
import { History } from "../lib/history.ts";
import type { RunSource } from "../lib/log_reader.ts";
import { chooseGroups } from "../lib/process_groups.ts";
import { ProcessHistory } from "../lib/process_history.ts";
import type { ResmonRecord } from "../lib/records.ts";
import type { Summary } from "../lib/summary.ts";
import type { ChartSpec } from "./chart_lines.ts";
import { LogTail } from "./log_tail.ts";
import { ProgressHistory } from "./progress_history.ts";

// With so many numbers a page has less than 20 MB, and memory stays far below what is promised for logs of any length.
const BUDGET = { series: 4_100_000, rows: 250_000, processes: 250_000 } as const;

/** What the charts of one run need of it, collected from its records once its summary is known. */
export class RunHistory {
  readonly series: History;
  /** Series that are shown as rows of colours: a machine may have hundreds, so they get fewer buckets. */
  readonly rows: History;
  readonly cpu: ProcessHistory;
  readonly memory: ProcessHistory;
  readonly progress: ProgressHistory;
  readonly logs = new LogTail();
  readonly #derive = new Derive();

  /** `share` of the page's numbers are this run's: 1 where it is alone. */
  constructor({ monitor: { ticks }, processes, progress }: Summary, specs: readonly ChartSpec[], share: number) {
    const seriesOf = (isRows: boolean): string[] =>
      specs.filter(({ kind }) => (kind === "rows") === isRows).flatMap(({ lines }) =>
        lines.map(({ series }) => series)
      );
    this.series = new History({ ticks, series: seriesOf(false), budget: share * BUDGET.series });
    this.rows = new History({ ticks, series: seriesOf(true), budget: share * BUDGET.rows });
    const plan = { ticks, budget: share * BUDGET.processes };
    this.cpu = new ProcessHistory({
      ...plan,
      metric: "cpu_percent",
      between: "rate",
      groups: chooseGroups(processes.rows, "cpu_seconds_total"),
    });
    this.progress = new ProgressHistory(progress);
    this.memory = new ProcessHistory({
      ...plan,
      metric: "memory_rss_bytes",
      between: "level",
      groups: chooseGroups(processes.rows, "memory_rss_bytes"),
    });
  }

  /** Takes the next record. */
  record(record: ResmonRecord): void {
    this.progress.record(record);
    this.logs.record(record);
    if (record.type === "event" && record.kind === "process_exit" && record.id !== undefined) this.#exit(record.id);
    const frame = this.#derive.accept(record);
    if (frame !== undefined) this.frame(frame);
  }

  /** Takes all records of a run. Throws Error where it cannot be read. */
  read(run: RunSource): void {
    for (const record of run.read()) this.record(record);
  }

  /** Takes the next tick. */
  frame(frame: Frame): void {
    this.progress.tick(frame.elapsed);
    this.series.add(frame.elapsed, frame.samples);
    this.rows.add(frame.elapsed, frame.samples);
    this.cpu.add(frame);
    this.memory.add(frame);
  }

  #exit(id: number): void {
    this.cpu.exit(id);
    this.memory.exit(id);
  }
}
