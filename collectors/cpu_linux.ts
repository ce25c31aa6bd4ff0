import type { Collector, Environment, Reading } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { parseCount, splitLines } from "../lib/parse.ts";
import { formatSeries } from "../lib/series.ts";
import { openWhole } from "../lib/availability.ts";
import { DeviceColumns } from "./device_columns.ts";
import { KeptFile } from "./kept_file.ts";

// In the order of the columns of /proc/stat. The two that follow, guest and guest_nice, are already part of user and nice.
const MODES = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"] as const;

// Not the sum of all CPUs, whose key is `cpu`.
const CPU_KEY = /^cpu\d+$/;

const COUNTS = {
  processes: "system_forks_total",
  ctxt: "system_context_switches_total",
  procs_running: "system_processes_running",
  procs_blocked: "system_processes_blocked",
} as const satisfies Record<string, MetricName>;

type Count = keyof typeof COUNTS;

/** The CPUs and counts of `/proc/stat`, see proc_stat(5). */
export interface SystemStat {
  readonly cpus: readonly CpuTicks[];
  /** What the file has of the lines that hold a single number; Cygwin and lxcfs leave some out. */
  readonly counts: Readonly<Partial<Record<Count, number>>>;
}

/** One online CPU. */
export interface CpuTicks {
  /** The number of the CPU; numbers have holes where CPUs are offline. */
  readonly id: string;
  /** Clock ticks spent in each mode, in the order of the file; old kernels have fewer modes. */
  readonly ticks: readonly number[];
}

/** Parses `/proc/stat`. Throws SyntaxError where it is cut off or tells of no CPU. */
export function parseSystemStat(text: string): SystemStat {
  const cpus: CpuTicks[] = [];
  const counts: Partial<Record<Count, number>> = {};
  for (const line of splitLines(text, "/proc/stat")) {
    const key = line.slice(0, line.indexOf(" "));
    if (CPU_KEY.test(key)) {
      cpus.push(parseCpu(key, line));
    } else if (isCount(key)) {
      counts[key] = parseCount(line.slice(key.length + 1), `${key} of /proc/stat`);
    }
  }
  if (cpus.length === 0) throw new SyntaxError("Cannot parse /proc/stat: it tells of no CPU");
  return { cpus, counts };
}

function parseCpu(key: string, line: string): CpuTicks {
  const fields = line.trimEnd().split(/ +/, 1 + MODES.length).slice(1);
  return { id: key.slice("cpu".length), ticks: fields.map((field) => parseCount(field, `${key} of /proc/stat`)) };
}

function isCount(key: string): key is Count {
  return Object.hasOwn(COUNTS, key);
}

/** CPU time of the machine by CPU and mode, forks, context switches and runnable tasks, from `/proc/stat`. */
export class CpuCollector implements Collector {
  readonly name = "cpu";
  readonly metrics: readonly MetricName[] = ["system_cpu_seconds_total", ...Object.values(COUNTS)];
  readonly sources = ["/proc/stat"];
  readonly #stat = new KeptFile("/proc/stat", parseSystemStat);
  #columns = new DeviceColumns(() => []);
  #modes = 0;
  #counts: readonly Count[] = [];
  #clockTicks = 0;

  get series(): readonly string[] {
    return this.#columns.series;
  }

  open({ root, clockTicks }: Environment): void {
    const { cpus, counts } = openWhole(this, () => this.#stat.open(root));
    this.#clockTicks = clockTicks;
    this.#modes = cpus[0]?.ticks.length ?? 0;
    this.#counts = Object.keys(counts).filter(isCount);
    const modes = MODES.slice(0, this.#modes);
    this.#columns = new DeviceColumns(
      (cpu) => modes.map((mode) => formatSeries("system_cpu_seconds_total", { cpu, mode })),
      this.#counts.map((count) => formatSeries(COUNTS[count])),
    );
    this.#columns.update(cpus.map((cpu) => cpu.id));
  }

  collect(): Reading {
    const { cpus, counts } = this.#stat.read();
    this.#columns.update(cpus.map((cpu) => cpu.id));
    const values: (number | null)[] = this.#counts.map((count) => counts[count] ?? null);
    for (const { ticks } of cpus) {
      for (let mode = 0; mode < this.#modes; mode++) {
        const time = ticks[mode];
        values.push(time === undefined ? null : time / this.#clockTicks);
      }
    }
    return { values };
  }

  close(): void {
    this.#stat.close();
  }
}
