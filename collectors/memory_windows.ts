import type { Collector } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { CimCollector } from "./cim_collector_windows.ts";
import type { CimRow, CimSample } from "./cim_rows_windows.ts";
import type { SeriesValues } from "./latest.ts";

const METRICS = [
  "system_memory_total_bytes",
  "system_memory_available_bytes",
  "system_memory_used_bytes",
  "system_memory_free_bytes",
  "system_swap_total_bytes",
  "system_swap_used_bytes",
  "system_swap_in_bytes_total",
  "system_swap_out_bytes_total",
] as const satisfies readonly MetricName[];

const KIBIBYTE = 1024;
const MEBIBYTE = 2 ** 20;
const PAGE_BYTES = 4096;

/** Memory of a Windows machine, and its page files as swap space; paging counts mapped files as well. */
export function createMemoryCollector(): Collector {
  return new CimCollector({
    name: "memory",
    metrics: METRICS,
    parts: ["system", "memory", "pageFiles"],
    read: readMemory,
  });
}

function readMemory({ system: [system], memory: [memory], pageFiles }: CimSample): SeriesValues {
  const total = times(system?.count("TotalVisibleMemorySize"), KIBIBYTE);
  const available = memory?.count("AvailableBytes") ?? times(system?.count("FreePhysicalMemory"), KIBIBYTE);
  if (total === null || available === null || available > total) {
    throw new SyntaxError("Cannot read memory of CIM: its total or what is available is missing");
  }
  const readings = {
    system_memory_total_bytes: total,
    system_memory_available_bytes: available,
    system_memory_used_bytes: total - available,
    system_memory_free_bytes: memory?.count("FreeAndZeroPageListBytes") ?? null,
    system_swap_total_bytes: sum(pageFiles, "AllocatedBaseSize"),
    system_swap_used_bytes: sum(pageFiles, "CurrentUsage"),
    system_swap_in_bytes_total: times(memory?.count("PagesInputPersec"), PAGE_BYTES),
    system_swap_out_bytes_total: times(memory?.count("PagesOutputPersec"), PAGE_BYTES),
  } satisfies Record<typeof METRICS[number], number | null>;
  return new Map(METRICS.map((name) => [name, readings[name]]));
}

// A machine without page files tells of none: then there is no swap space.
function sum(pageFiles: readonly CimRow[], property: string): number | null {
  return pageFiles.reduce<number | null>((bytes, row) => {
    const size = times(row.count(property), MEBIBYTE);
    return bytes === null || size === null ? null : bytes + size;
  }, 0);
}

function times(count: number | null | undefined, factor: number): number | null {
  return count === null || count === undefined ? null : count * factor;
}
