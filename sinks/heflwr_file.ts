import type { FrameSink } from "../lib/contracts.ts";
import type { Frame } from "../lib/frame.ts";
import { FILE_WORDS, formatHeflwr, HeflwrSampler } from "../lib/heflwr.ts";
import { formatLocalTime } from "../lib/local_time.ts";
import type { TextOutput } from "../lib/output_file.ts";
import type { ResmonRecord } from "../lib/records.ts";

/** Writes the file of heflwr's FileMonitor: when it began, then a line a tick without its time; what is not known is left out. */
export class HeflwrFileSink implements FrameSink {
  readonly name = "heflwr";
  readonly #output: TextOutput;
  readonly #sampler = new HeflwrSampler();
  #isBegun = false;

  constructor(output: TextOutput) {
    this.#output = output;
  }

  record(record: ResmonRecord): void {
    this.#sampler.record(record);
    if (record.type !== "session" || this.#isBegun) return;
    this.#isBegun = true;
    this.#output.append(`${formatLocalTime(record.started)}\n`);
  }

  frame(frame: Frame): void {
    const line = formatHeflwr(this.#sampler.sample(frame), FILE_WORDS);
    if (line !== "") this.#output.append(`${line}\n`);
  }

  event(): void {}
  status(): void {}
  end(): void {}
  close(): void {
    this.#output.close();
  }
}
