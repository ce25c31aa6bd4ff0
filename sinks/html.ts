import type { FrameSink, OnFailure } from "../lib/contracts.ts";
import { logSource } from "../lib/log_reader.ts";
import { checkWritable, describeWriteError, type OutputOptions } from "../lib/output_file.ts";
import type { Summary } from "../lib/summary.ts";
import { loadAssets, type PageAssets } from "./html_assets.ts";
import type { RunHistory } from "./html_history.ts";
import { writeReport } from "./report_file.ts";

/** How the report of a run is opened. */
export interface HtmlOptions extends OutputOptions {
  /** The log of the run, from which the charts are read at the end: nothing is kept in memory meanwhile. */
  readonly log: string;
}

/** Writes the report at the end of the run, whole or not at all. */
export class HtmlSink implements FrameSink {
  readonly name = "html";
  readonly #path: string;
  readonly #log: string;
  readonly #assets: PageAssets;
  readonly #onFailure: OnFailure;
  #summary: Summary | undefined;

  private constructor(path: string, assets: PageAssets, { log, onFailure }: HtmlOptions) {
    this.#path = path;
    this.#log = log;
    this.#assets = assets;
    this.#onFailure = onFailure;
  }

  /** Rejects where the report could not be written at the end: before the command starts, not ten hours later. */
  static async open(path: string, options: HtmlOptions): Promise<HtmlSink> {
    checkWritable(path, options.force);
    return new HtmlSink(path, await loadAssets(), options);
  }

  frame(): void {}

  event(): void {}

  status(): void {}

  end(summary: Summary): void {
    this.#summary = summary;
  }

  async close(): Promise<void> {
    if (this.#summary === undefined) return;
    try {
      await writeReport(this.#path, [{ summary: this.#summary, feed: (history) => this.#feed(history) }], this.#assets);
    } catch (error) {
      this.#onFailure(error instanceof Error ? error.message : String(error));
    }
  }

  #feed(history: RunHistory): void {
    try {
      history.read(logSource(this.#log));
    } catch (error) {
      throw new Error(describeWriteError(this.#path, error), { cause: error });
    }
  }
}
