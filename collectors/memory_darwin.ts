import type { Collector } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { parseCount, parseDecimal, parseKeyValues } from "../lib/parse.ts";
import type { SeriesValues } from "./latest.ts";
import { PolledCollector } from "./polled_collector.ts";

const PAGE_SIZE = /^Mach Virtual Memory Statistics: \(page size of (\d+) bytes\)/;
const SWAP = /^total = (\d+\.\d+)M +used = (\d+\.\d+)M/;
const MEBIBYTE = 2 ** 20;

/** What vm_stat(1) tells, in bytes; undefined is not told. Counters are since boot. */
export interface VmStat {
  readonly free: number;
  readonly active: number;
  readonly wired: number;
  /** What the compressed pages take up. */
  readonly compressor: number;
  readonly fileBacked: number | undefined;
  readonly swappedIn: number | undefined;
  readonly swappedOut: number | undefined;
}

/** Parses what vm_stat(1) prints: pages, whose size stands in its first line (4 KiB on Intel, 16 KiB else). Throws SyntaxError. */
export function parseVmStat(text: string): VmStat {
  const pageSize = parseCount(PAGE_SIZE.exec(text)?.[1], "page size of vm_stat");
  const lines = parseKeyValues(`${text.trimEnd()}\n`, "vm_stat");
  function required(key: string): number {
    const pages = lines.get(key);
    if (pages?.endsWith(".") === false) throw new SyntaxError(`Cannot parse vm_stat: ${key} is cut off`);
    return parseCount(pages?.slice(0, -1), `${key} of vm_stat`) * pageSize;
  }
  function optional(key: string): number | undefined {
    return lines.has(key) ? required(key) : undefined;
  }
  return {
    free: required("Pages free"),
    active: required("Pages active"),
    wired: required("Pages wired down"),
    compressor: required("Pages occupied by compressor"),
    fileBacked: optional("File-backed pages"),
    swappedIn: optional("Swapins"),
    swappedOut: optional("Swapouts"),
  };
}

/** Parses `vm.swapusage` of sysctl(8): `total = 2048.00M  used = 1035.25M  free = 1012.75M  (encrypted)`. Throws SyntaxError. */
export function parseSwapUsage(text: string): { readonly totalBytes: number; readonly usedBytes: number } {
  const [, total, used] = SWAP.exec(text) ?? [];
  return {
    totalBytes: Math.round(parseDecimal(total, "vm.swapusage") * MEBIBYTE),
    usedBytes: Math.round(parseDecimal(used, "vm.swapusage") * MEBIBYTE),
  };
}

const METRICS = [
  "system_memory_total_bytes",
  "system_memory_available_bytes",
  "system_memory_used_bytes",
  "system_memory_free_bytes",
  "system_memory_cached_bytes",
  "system_swap_total_bytes",
  "system_swap_used_bytes",
  "system_swap_in_bytes_total",
  "system_swap_out_bytes_total",
] as const satisfies readonly MetricName[];

/** Memory and swap of a Mac, from vm_stat(1) and sysctl(8). */
export function createMemoryCollector(): Collector {
  return new PolledCollector({
    name: "memory",
    metrics: METRICS,
    commands: [["vm_stat"], ["sysctl", "hw.memsize", "vm.swapusage"]],
    period: 1,
    read: ([pages = "", system = ""]) => readMemory(pages, system),
  });
}

function readMemory(pages: string, system: string): SeriesValues {
  const vmStat = parseVmStat(pages);
  const values = parseKeyValues(`${system.trimEnd()}\n`, "sysctl");
  const total = parseCount(values.get("hw.memsize"), "hw.memsize");
  const swap = parseSwapUsage(values.get("vm.swapusage") ?? "");
  // What macOS itself counts as used: the rest is file cache or can be had at once.
  const used = vmStat.active + vmStat.wired + vmStat.compressor;
  if (used > total) throw new SyntaxError("Cannot parse vm_stat: more pages are used than the machine has");
  const readings = {
    system_memory_total_bytes: total,
    system_memory_available_bytes: total - used,
    system_memory_used_bytes: used,
    system_memory_free_bytes: vmStat.free,
    system_memory_cached_bytes: vmStat.fileBacked ?? null,
    system_swap_total_bytes: swap.totalBytes,
    system_swap_used_bytes: swap.usedBytes,
    system_swap_in_bytes_total: vmStat.swappedIn ?? null,
    system_swap_out_bytes_total: vmStat.swappedOut ?? null,
  } satisfies Record<typeof METRICS[number], number | null>;
  return new Map(METRICS.map((name) => [name, readings[name]]));
}
