import type { FrameSink } from "../lib/contracts.ts";
import { frameSeries } from "../lib/derive.ts";
import type { Frame } from "../lib/frame.ts";
import { checkWritable, type OutputOptions } from "../lib/output_file.ts";
import { processSeries } from "../lib/process_samples.ts";
import type { ResmonRecord } from "../lib/records.ts";
import { parseSeries } from "../lib/series.ts";
import { CsvTable } from "./csv_table.ts";

const NAMES = { samples: "samples.csv", processes: "processes.csv" };

/** How the two files are written. */
export interface CsvOptions extends OutputOptions {
  /** Their names; `samples.csv` and `processes.csv` unless given. */
  readonly names?: { readonly samples: string; readonly processes: string };
}

/** Writes `samples.csv`, one row a tick, and `processes.csv`, one row a process and tick. */
export class CsvSink implements FrameSink {
  readonly name = "csv";
  readonly #samples: CsvTable;
  readonly #processes: CsvTable;

  /** Throws Error where the files cannot be written. */
  constructor(folder: string, options: CsvOptions) {
    const { samples: samplesName, processes: processesName } = options.names ?? NAMES;
    const [samples, processes] = [`${folder}/${samplesName}`, `${folder}/${processesName}`];
    // Both or none: the first would stay open when the second is refused.
    checkWritable(processes, options.force);
    this.#samples = new CsvTable(samples, ["time", "elapsed_seconds"], options);
    this.#processes = new CsvTable(processes, ["time", "elapsed_seconds", "id", "pid", "name"], options);
  }

  record(record: ResmonRecord): void {
    if (record.type !== "columns") return;
    for (const series of frameSeries(record)) this.#samples.addColumn(series, formatColumn(series));
    for (const name of processSeries(record.processes ?? [])) this.#processes.addColumn(name, formatColumn(name));
  }

  frame({ time, elapsed, samples, processes }: Frame): void {
    const when = new Date(time * 1000).toISOString();
    this.#samples.writeRows([{ fixed: [when, elapsed], values: samples }]);
    const rows = processes.map(({ id, pid, name, values }) => ({ fixed: [when, elapsed, id, pid, name], values }));
    this.#processes.writeRows(rows);
  }

  event(): void {}
  status(): void {}
  end(): void {}

  close(): void {
    this.#samples.close();
    this.#processes.close();
  }
}

/** A series as an identifier: `disk_read_bytes_total{disk="nvme0n1"}` becomes `disk_read_bytes_total_nvme0n1`. */
export function formatColumn(series: string): string {
  return wordsOf(series).map((word) => word.replace(/[^\w]+/g, "_")).join("_");
}

function wordsOf(series: string): string[] {
  try {
    const { name, labels } = parseSeries(series);
    return [name, ...Object.values(labels)];
  } catch (error) {
    if (error instanceof SyntaxError) return [series];
    throw error;
  }
}
