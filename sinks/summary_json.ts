import type { FrameSink } from "../lib/contracts.ts";
import { checkWritable, writeWhole } from "../lib/output_file.ts";
import type { Summary } from "../lib/summary.ts";

/** Writes `summary.json` at the end of the run, whole or not at all. */
export class SummaryJsonSink implements FrameSink {
  readonly name = "summary";
  readonly #path: string;

  /** Throws Error where the file could not be written. */
  constructor(path: string, { force = false }: { readonly force?: boolean } = {}) {
    checkWritable(path, force);
    this.#path = path;
  }

  frame(): void {}
  event(): void {}
  status(): void {}

  end(summary: Summary): void {
    writeWhole(this.#path, formatSummary(summary));
  }

  close(): void {}
}

/** A summary as `summary.json` holds it. */
export function formatSummary(summary: Summary): string {
  return `${JSON.stringify(summary, null, 2)}\n`;
}
