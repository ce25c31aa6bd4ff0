import type { FrameSink, OnFailure } from "../lib/contracts.ts";
import { Downsample } from "../lib/downsample.ts";
import type { Frame } from "../lib/frame.ts";
import { checkWritable, type OutputOptions, writeWhole } from "../lib/output_file.ts";
import type { Samples } from "../lib/samples.ts";
import type { Summary } from "../lib/summary.ts";
import { packNumbers } from "../report/data.ts";
import { CHARTED, chartsOf } from "./html_charts.ts";
import { loadAssets, type PageAssets } from "./html_assets.ts";
import { renderPage } from "./html_page.ts";
import { stopsOf } from "./html_stops.ts";

const BUCKETS = 2000;

/** Writes the report at the end of the run, whole or not at all. */
export class HtmlSink implements FrameSink {
  readonly name = "html";
  readonly #path: string;
  readonly #assets: PageAssets;
  readonly #onFailure: OnFailure;
  readonly #history = new Downsample(BUCKETS);

  private constructor(path: string, assets: PageAssets, onFailure: OnFailure) {
    this.#path = path;
    this.#assets = assets;
    this.#onFailure = onFailure;
  }

  /** Throws Error where the report could not be written at the end: before the command starts, not ten hours later. */
  static async open(path: string, { force = false, onFailure }: OutputOptions): Promise<HtmlSink> {
    checkWritable(path, force);
    return new HtmlSink(path, await loadAssets(), onFailure);
  }

  frame({ elapsed, samples }: Frame): void {
    this.#history.add(elapsed, charted(samples));
  }

  event(): void {}

  status(): void {}

  end(summary: Summary): void {
    try {
      writeWhole(this.#path, this.#render(summary));
    } catch (error) {
      this.#onFailure(error instanceof Error ? error.message : String(error));
    }
  }

  close(): void {}

  #render(summary: Summary): string {
    const times = this.#history.times();
    const seconds = Math.max(summary.run.wall_seconds, times.at(-1) ?? 0);
    const data = {
      times: packNumbers(times),
      seconds,
      stops: stopsOf(summary.events, seconds),
      charts: chartsOf(this.#history, summary),
    };
    return renderPage(summary, data, this.#assets);
  }
}

function* charted(samples: Samples): Generator<readonly [string, number]> {
  for (const [series, value] of samples) {
    const brace = series.indexOf("{");
    if (CHARTED.has(brace < 0 ? series : series.slice(0, brace))) yield [series, value];
  }
}
