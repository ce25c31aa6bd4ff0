import type { FrameSink, OnFailure } from "../lib/contracts.ts";
import { Downsample, meanOverTime, overTime } from "../lib/downsample.ts";
import type { Frame } from "../lib/frame.ts";
import type { Samples } from "../lib/samples.ts";
import type { Summary } from "../lib/summary.ts";
import { type OutputPaths, renderOneLine, renderTerminalSummary, SPARKLINE_WIDTH } from "./terminal_summary.ts";

/** The terminal, or whatever else stands behind a stream. */
export interface Terminal {
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly color: boolean;
  readonly unicode: boolean;
  readonly write: (text: string) => void;
}

const WIDEST = 80;
const BUCKETS = 8 * SPARKLINE_WIDTH;
const FEWEST_BUCKETS = 4;
const SPARKLINES = { cpu: "cpu_percent", memory: "memory_rss_bytes" } as const;
const DEVICES = /^(?:gpu_utilization_percent|gpu_power_watts|power_watts)\{/;

/** Tells at the end what the run used: some calm lines on a terminal, one line anywhere else. */
export class TerminalSink implements FrameSink {
  readonly name = "terminal";
  readonly #terminal: Terminal;
  readonly #paths: OutputPaths;
  readonly #onFailure: OnFailure;
  readonly #history = new Downsample(BUCKETS);
  #devices: readonly string[] = [];
  #known = 0;

  constructor(terminal: Terminal, paths: OutputPaths, onFailure: OnFailure) {
    this.#terminal = terminal;
    this.#paths = paths;
    this.#onFailure = onFailure;
  }

  frame({ elapsed, samples }: Frame): void {
    const shown = [...Object.values(SPARKLINES), ...this.#devicesOf(samples)].flatMap((series): [string, number][] => {
      const value = samples.get(series);
      return value === undefined ? [] : [[series, value]];
    });
    this.#history.add(elapsed, shown);
  }

  event(): void {}

  status(): void {}

  end(summary: Summary): void {
    try {
      this.#terminal.write(`${this.#render(summary).join("\n")}\n`);
    } catch (error) {
      this.#onFailure(`Cannot write the summary to stderr: ${error instanceof Error ? error.message : error}`);
    }
  }

  close(): void {}

  #render(summary: Summary): string[] {
    const { isTerminal, columns, color, unicode } = this.#terminal;
    if (!isTerminal) return [renderOneLine(summary, this.#paths)];
    const sparklines = this.#sparklines(summary);
    return [
      "",
      ...renderTerminalSummary(summary, {
        columns: Math.min(columns, WIDEST),
        color,
        unicode,
        paths: this.#paths,
        sparklines,
      }),
    ];
  }

  // Looked for again only when there are new series.
  #devicesOf({ list: { names } }: Samples): readonly string[] {
    if (names.length !== this.#known) this.#devices = names.filter((series) => DEVICES.test(series));
    this.#known = names.length;
    return this.#devices;
  }

  #sparklines({ energy }: Summary): Record<string, Float64Array> {
    const times = this.#history.times();
    if (times.length < FEWEST_BUCKETS) return {};
    const cpu = this.#history.buckets(SPARKLINES.cpu)?.mean;
    const memory = this.#history.buckets(SPARKLINES.memory)?.max;
    const gpus = this.#devices.filter((series) => series.startsWith("gpu_utilization_percent"));
    const use = this.#sum(gpus);
    const power = this.#sum((energy?.devices ?? []).map(({ power_series }) => power_series));
    // The peaks of memory matter; a peak of the CPU says little, and the shorter the tick, the higher it is.
    return {
      ...(cpu !== undefined && { cpu: meanOverTime(times, cpu, SPARKLINE_WIDTH) }),
      ...(use !== undefined && { gpu: meanOverTime(times, use, SPARKLINE_WIDTH) }),
      ...(power !== undefined && { energy: meanOverTime(times, power, SPARKLINE_WIDTH) }),
      ...(memory !== undefined && { memory: overTime(times, withLastLevel(memory), SPARKLINE_WIDTH) }),
    };
  }

  /** The sum of the means of some series; undefined where none has a value. */
  #sum(names: readonly string[]): Float64Array | undefined {
    const columns = names.map((name) => this.#history.buckets(name)?.mean).filter((column) => column !== undefined);
    const [first, ...others] = columns;
    return first?.map((value, at) => others.reduce((sum, column) => sum + (column[at] ?? NaN), value));
  }
}

// A process that has ended tells no memory any more; up to its end it had what it had before.
function withLastLevel(levels: Float64Array): Float64Array {
  const known = levels.findLastIndex((level) => !Number.isNaN(level));
  return levels.map((level, at) => at > known ? levels[known] ?? level : level);
}

/** The terminal behind stderr, see {@linkcode describeTerminal}. */
export function stderrTerminal(env: (name: string) => string | undefined): Terminal {
  return { ...describeTerminal(Deno.stderr, env), write: writeToStderr };
}

/** A stream as a terminal, by what the environment says of it: NO_COLOR, TERM and the locale (locale(7)). */
export function describeTerminal(
  stream: { isTerminal(): boolean },
  env: (name: string) => string | undefined,
): Omit<Terminal, "write"> {
  const isTerminal = stream.isTerminal();
  const locale = env("LC_ALL") || env("LC_CTYPE") || env("LANG") || "";
  return {
    isTerminal,
    columns: isTerminal ? Deno.consoleSize().columns || WIDEST : WIDEST,
    color: isTerminal && !env("NO_COLOR") && env("TERM") !== "dumb",
    unicode: /utf-?8/i.test(locale),
  };
}

function writeToStderr(text: string): void {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(Deno.stderr.writeSync(rest));
}
