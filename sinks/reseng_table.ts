import type { FrameSink } from "../lib/contracts.ts";
import type { Frame } from "../lib/frame.ts";
import type { MetricName } from "../lib/metrics.ts";
import type { TextOutput } from "../lib/output_file.ts";
import type { Event } from "../lib/records.ts";

// The columns of reseng's ResourceMonitor after the time: percent of one core, bytes, bytes per second.
const COLUMNS: readonly (readonly [column: string, metric: MetricName])[] = [
  ["cpu", "cpu_percent"],
  ["memory", "memory_rss_bytes"],
  ["read_bytes", "storage_read_bytes_per_second"],
  ["read_chars", "syscall_read_bytes_per_second"],
  ["write_bytes", "storage_write_bytes_per_second"],
  ["write_chars", "syscall_write_bytes_per_second"],
];

const HEADER = ["time", ...COLUMNS.map(([column]) => column)].join(",");

/** Writes the log of reseng's ResourceMonitor: CSV, a row a tick; what is not known is an empty cell. */
export class ResengCsvSink implements FrameSink {
  readonly name = "reseng-csv";
  readonly #output: TextOutput;

  constructor(output: TextOutput) {
    this.#output = output;
    output.append(`${HEADER}\n`);
  }

  frame(frame: Frame): void {
    this.#output.append(`${rowOf(frame)}\n`);
  }

  event(): void {}
  status(): void {}
  end(): void {}
  close(): void {
    this.#output.close();
  }
}

/** Writes what `dump()` of reseng's ResourceMonitor writes: JSON with the tags and the CSV, `elapsed` first. */
export class ResengJsonSink implements FrameSink {
  readonly name = "reseng-json";
  readonly #output: TextOutput;
  readonly #tags: [time: number, label: string][] = [];
  readonly #rows: string[] = [];
  #first: number | undefined;

  constructor(output: TextOutput) {
    this.#output = output;
  }

  frame(frame: Frame): void {
    this.#first ??= frame.time;
    this.#rows.push(`${roundTo(frame.time - this.#first, 6)},${rowOf(frame)}`);
  }

  event(event: Event): void {
    const label = labelOf(event);
    if (label !== undefined) this.#tags.push([event.time, label]);
  }

  status(): void {}

  end(): void {
    this.#tags.sort(([a], [b]) => a - b);
    this.#output.append(
      JSON.stringify({
        tags: this.#tags,
        data: [`elapsed,${HEADER}`, ...this.#rows].map((row) => `${row}\n`).join(""),
      }),
    );
  }

  close(): void {
    this.#output.close();
  }
}

/** What a mark is as a tag of reseng, where a pair of `X v` and `X ^` brackets an interval. */
function labelOf({ kind, name, names }: Event): string | undefined {
  if (kind === "tag") return name;
  if (kind === "checkpoint") return names?.join(" ") ?? name;
  if (kind === "phase_start") return `${name ?? ""} v`;
  return kind === "phase_end" ? `${name ?? ""} ^` : undefined;
}

function rowOf({ time, samples }: Frame): string {
  return [time, ...COLUMNS.map(([, metric]) => samples.get(metric) ?? "")].join(",");
}

function roundTo(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
