import type { FrameSink, OnFailure } from "../lib/contracts.ts";
import type { Frame } from "../lib/frame.ts";
import { formatHeflwr, type HeflwrPart, HeflwrSampler, REMOTE_WORDS } from "../lib/heflwr.ts";
import type { ResmonRecord } from "../lib/records.ts";
import type { Samples } from "../lib/samples.ts";
import { logRecord } from "./log_record.ts";
import { PostQueue, type Undelivered } from "./post_queue.ts";

/** The server that a run is told to, and how. */
export interface FormOptions {
  /** Without `/log` or `/simple_log`, and without the name and the password of a user. */
  readonly url: string;
  /** The header that holds these. */
  readonly authorization?: string | undefined;
  /** Who says it: heflwr's `identifier`. */
  readonly identifier: string;
  /** Only identifier and message, to `/simple_log`; else all fields of a Python LogRecord, to `/log`. */
  readonly isSimple: boolean;
  /** Which of heflwr's numbers to send, in its texts, in place of resmon's own. */
  readonly compat?: readonly HeflwrPart[] | undefined;
  readonly onFailure: OnFailure;
}

// The numbers that tell how a run goes; log.jsonl has them all.
const MAIN: ReadonlySet<string> = new Set([
  "cpu_percent",
  "memory_rss_bytes",
  "processes",
  "storage_read_bytes_per_second",
  "storage_write_bytes_per_second",
  "network_receive_bytes_per_second",
  "network_transmit_bytes_per_second",
  "gpu_utilization_percent",
  "gpu_memory_used_bytes",
  "gpu_power_watts",
  "power_watts",
]);

/** Posts one form a tick to a server, as heflwr's RemoteMonitor does: a log record whose message holds the numbers. */
export class HttpFormSink implements FrameSink {
  readonly name: string;
  readonly #options: FormOptions;
  readonly #queue: PostQueue;
  readonly #url: string;
  readonly #sampler: HeflwrSampler;

  constructor(options: FormOptions) {
    const { url, authorization, isSimple } = options;
    this.#options = options;
    this.#sampler = new HeflwrSampler(options.compat);
    this.name = url;
    this.#url = `${url}${isSimple ? "/simple_log" : "/log"}`;
    this.#queue = new PostQueue({
      url: this.#url,
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        ...(authorization !== undefined && { authorization }),
      },
      onLoss: (reason) => options.onFailure(`${this.#url} does not get every tick: ${reason}`),
    });
  }

  record(record: ResmonRecord): void {
    this.#sampler.record(record);
  }

  frame(frame: Frame): void {
    const { identifier, isSimple, compat } = this.#options;
    const isHeflwr = compat !== undefined;
    const message = isHeflwr ? formatHeflwr(this.#sampler.sample(frame), REMOTE_WORDS) : mainNumbers(frame);
    // Nothing is known of the time before the start.
    if (message === "") return;
    const fields = isSimple ? { message } : logRecord({ message, logger: isHeflwr ? "HeFlwr" : "resmon", ...frame });
    this.#queue.push(new URLSearchParams({ identifier, ...fields }).toString());
  }

  event(): void {}
  status(): void {}
  end(): void {}

  async close(deadline: number): Promise<void> {
    const undelivered = await this.#queue.close(deadline);
    if (undelivered !== undefined) this.#options.onFailure(`${this.#url} ${describeUndelivered(undelivered)}`);
  }
}

/** The numbers of a tick as `name=value`, with the time first: a message may arrive late. Nothing where there are none. */
function mainNumbers({ time, samples }: Frame): string {
  const series = mainSeries(samples);
  return series.length === 0 ? "" : [`time=${new Date(time * 1000).toISOString()}`, ...series].join(" ");
}

function mainSeries(samples: Samples): string[] {
  return Array.from(samples).filter(([series]) => MAIN.has(series.replace(/\{.*$/s, "")))
    .map(([series, value]) => `${series}=${value}`);
}

function describeUndelivered({ count, of, reason }: Undelivered): string {
  return `did not get ${count} of ${of} ticks: ${reason}`;
}
