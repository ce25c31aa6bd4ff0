import type { Collector } from "../lib/contracts.ts";
import { formatSeries } from "../lib/series.ts";
import { CimCollector } from "./cim_collector_windows.ts";
import type { CimRow } from "./cim_rows_windows.ts";
import type { SeriesValues } from "./latest.ts";

const TICKS_PER_SECOND = 1e7;

// Such as `0,3`: the group of processors and the number within it; the sums are called `0,_Total` and `_Total`.
const PROCESSOR = /^(\d+),(\d+)$/;

/** CPU time of a Windows machine by CPU and mode. */
export function createCpuCollector(): Collector {
  return new CimCollector({
    name: "cpu",
    metrics: ["system_cpu_seconds_total"],
    parts: ["processors"],
    read: ({ processors }) => readProcessors(processors),
  });
}

// PercentProcessorTime is the idle time, whatever it is called: so it is left alone.
function readProcessors(rows: readonly CimRow[]): SeriesValues {
  const values = new Map<string, number | null>();
  for (const row of rows) {
    const [, group, number] = PROCESSOR.exec(row.text("Name") ?? "") ?? [];
    if (group === undefined || number === undefined) continue;
    const cpu = group === "0" ? number : `${group},${number}`;
    for (const [mode, seconds] of Object.entries(modesOf(row))) {
      values.set(formatSeries("system_cpu_seconds_total", { cpu, mode }), seconds);
    }
  }
  if (values.size === 0) throw new SyntaxError("Cannot read processors of CIM: there is none");
  return values;
}

function modesOf(row: CimRow): Record<string, number | null> {
  const [irq, softirq] = [row.count("PercentInterruptTime"), row.count("PercentDPCTime")];
  // Interrupts and deferred calls are part of it.
  const privileged = row.count("PercentPrivilegedTime");
  const isKnown = privileged !== null && irq !== null && softirq !== null;
  return {
    user: seconds(row.count("PercentUserTime")),
    system: isKnown ? seconds(Math.max(0, privileged - irq - softirq)) : null,
    idle: seconds(row.count("PercentIdleTime")),
    irq: seconds(irq),
    softirq: seconds(softirq),
  };
}

function seconds(ticks: number | null): number | null {
  return ticks === null ? null : ticks / TICKS_PER_SECOND;
}
