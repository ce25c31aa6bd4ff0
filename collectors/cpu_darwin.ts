import type { Collector } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { parseCount, parseDecimal } from "../lib/parse.ts";
import { formatSeries } from "../lib/series.ts";
import { FedCollector, type LineReader } from "./fed_collector.ts";
import type { SeriesValues } from "./latest.ts";

const METRICS = [
  "system_cpu_percent",
  "system_cpu_mode_percent",
  "system_load1",
  "system_load5",
  "system_load15",
] as const satisfies readonly MetricName[];

// User, system, idle and three loads stand behind three columns for each disk.
const COLUMNS = 6;
const COLUMNS_PER_DISK = 3;

/** CPU use of the whole machine in one row of iostat(8), in percent of all CPUs together, and its load. */
export interface CpuUse {
  readonly user: number;
  readonly system: number;
  readonly idle: number;
  readonly loads: readonly [number, number, number];
}

/** Parses a row of `iostat -w 1`; undefined for a line of its header. Throws SyntaxError. */
export function parseIostatRow(line: string): CpuUse | undefined {
  if (/[a-z]/i.test(line) || line.trim() === "") return undefined;
  const fields = line.trim().split(/ +/);
  if (fields.length % COLUMNS_PER_DISK !== 0) {
    throw new SyntaxError(`Cannot parse iostat: a row has ${fields.length} columns`);
  }
  const [user, system, idle, one, five, fifteen] = fields.slice(-COLUMNS);
  const use = {
    user: parseCount(user, "us of iostat"),
    system: parseCount(system, "sy of iostat"),
    idle: parseCount(idle, "id of iostat"),
  };
  const sum = use.user + use.system + use.idle;
  // Each is rounded to a whole number.
  if (sum < 97 || sum > 103) throw new SyntaxError(`Cannot parse iostat: us, sy and id add up to ${sum} %`);
  const loads = [one, five, fifteen].map((text) => parseDecimal(text, "load average of iostat"));
  return { ...use, loads: [loads[0] ?? NaN, loads[1] ?? NaN, loads[2] ?? NaN] };
}

/**
 * CPU use and load of a Mac, from iostat(8): the only source that needs no root, streams and costs next to nothing. `top -l 0`
 * reads every process for the same numbers; the kernel's ticks by core are to be had by its Mach calls alone.
 */
export function createCpuCollector(): Collector {
  return new FedCollector({
    name: "cpu",
    metrics: METRICS,
    command: (seconds) => ["iostat", "-w", String(seconds)],
    question: ["sysctl", "-n", "hw.logicalcpu"],
    createReader: (answer) => createReader(parseCount(answer.trim(), "hw.logicalcpu")),
  });
}

// The first row is of the time since boot.
function createReader(cpus: number): LineReader {
  let isFirst = true;
  return (line, at) => {
    const use = parseIostatRow(line);
    if (use === undefined) return undefined;
    const told = isFirst ? undefined : { values: readUse(use, cpus), at };
    isFirst = false;
    return told;
  };
}

function readUse({ user, system, idle, loads }: CpuUse, cpus: number): SeriesValues {
  const modes = { user, system, idle };
  return new Map([
    ["system_cpu_percent", (user + system) * cpus],
    ...Object.entries(modes).map(([mode, percent]) =>
      [formatSeries("system_cpu_mode_percent", { mode }), percent * cpus] as const
    ),
    ["system_load1", loads[0]],
    ["system_load5", loads[1]],
    ["system_load15", loads[2]],
  ]);
}
