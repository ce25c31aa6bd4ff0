import type { RecordSink } from "../lib/contracts.ts";
import { OutputFile, type OutputOptions } from "../lib/output_file.ts";
import type { ResmonRecord } from "../lib/records.ts";

/** How `log.jsonl` is written. */
export interface JsonlOptions extends OutputOptions {
  /** Seconds after which the disk is asked to keep what was written (`--sync`); never unless given. */
  readonly syncSeconds?: number;
}

/**
 * Writes `log.jsonl`, one record a line. A tick and what was told since the tick before it go out in one write, so that nothing
 * older than one tick is lost when resmon is killed.
 */
export class JsonlSink implements RecordSink {
  readonly name = "log";
  readonly #file: OutputFile;
  readonly #syncSeconds: number;
  #pending = "";
  #isEnded = false;
  #syncedAt = 0;

  constructor(path: string, options: JsonlOptions) {
    this.#file = new OutputFile(path, options);
    this.#syncSeconds = options.syncSeconds ?? Infinity;
  }

  write(record: ResmonRecord): void {
    this.#pending += `${JSON.stringify(record)}\n`;
    this.#isEnded ||= record.type === "end";
    if (record.type !== "tick" && record.type !== "session" && !this.#isEnded) return;
    this.#flush();
    if ("elapsed" in record && record.elapsed - this.#syncedAt >= this.#syncSeconds) {
      this.#syncedAt = record.elapsed;
      this.#file.sync();
    }
  }

  close(): void {
    this.#flush();
    this.#file.close();
  }

  #flush(): void {
    this.#file.append(this.#pending);
    this.#pending = "";
  }
}
