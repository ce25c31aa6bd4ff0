import type { Collector, Environment, Reading } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { parseCounters, parseKeyValues, parseKibibytes } from "../lib/parse.ts";
import { describeFailure, openWhole, orGap } from "../lib/availability.ts";
import { KeptFile } from "./kept_file.ts";

/** The memory of the machine in bytes; undefined is unknown. */
export interface Meminfo {
  readonly total: number;
  readonly available: number;
  readonly free: number;
  readonly cached: number | undefined;
  readonly swapTotal: number | undefined;
  readonly swapFree: number | undefined;
}

/** Parses `/proc/meminfo`, see proc_meminfo(5). Throws SyntaxError where total, free or all of available is missing. */
export function parseMeminfo(text: string): Meminfo {
  const lines = parseKeyValues(text, "/proc/meminfo");
  function required(key: string): number {
    return parseKibibytes(lines.get(key), `${key} of /proc/meminfo`);
  }
  function optional(key: string): number | undefined {
    return lines.has(key) ? required(key) : undefined;
  }
  const total = required("MemTotal");
  const cached = optional("Cached");
  const buffers = optional("Buffers");
  // Kernels before 3.14 have no MemAvailable; this is what their `free` took for it.
  const available = optional("MemAvailable") ??
    required("MemFree") + required("Buffers") + required("Cached") + required("SReclaimable") - required("Shmem");
  if (available < 0) {
    throw new SyntaxError("Cannot parse /proc/meminfo: MemAvailable is missing, Shmem larger than Cached");
  }
  return {
    total,
    available,
    free: required("MemFree"),
    cached: cached === undefined || buffers === undefined ? undefined : cached + buffers,
    swapTotal: optional("SwapTotal"),
    swapFree: optional("SwapFree"),
  };
}

/** The pages swapped in and out since boot in `/proc/vmstat`. */
export interface SwapTraffic {
  readonly pagesIn: number;
  readonly pagesOut: number;
}

/** Parses `/proc/vmstat`, see proc_vmstat(5). Throws SyntaxError where a counter is missing. */
export function parseVmstat(text: string): SwapTraffic {
  const counters = parseCounters(text, "/proc/vmstat");
  const pagesIn = counters.get("pswpin");
  const pagesOut = counters.get("pswpout");
  if (pagesIn === undefined || pagesOut === undefined) {
    throw new SyntaxError("Cannot parse /proc/vmstat: pswpin or pswpout is missing");
  }
  return { pagesIn, pagesOut };
}

const LEVELS = [
  "system_memory_total_bytes",
  "system_memory_available_bytes",
  "system_memory_used_bytes",
  "system_memory_free_bytes",
  "system_memory_cached_bytes",
  "system_swap_total_bytes",
  "system_swap_used_bytes",
] as const satisfies readonly MetricName[];

const SWAP_TRAFFIC = [
  "system_swap_in_bytes_total",
  "system_swap_out_bytes_total",
] as const satisfies readonly MetricName[];

/** Memory and swap of the machine, from `/proc/meminfo`; swap traffic from `/proc/vmstat` where the machine has swap. */
export class MemoryCollector implements Collector {
  readonly name = "memory";
  readonly metrics: readonly MetricName[] = [...LEVELS, ...SWAP_TRAFFIC];
  readonly sources = ["/proc/meminfo", "/proc/vmstat"];
  series: readonly string[] = LEVELS;
  readonly #meminfo = new KeptFile("/proc/meminfo", parseMeminfo);
  readonly #vmstat = new KeptFile("/proc/vmstat", parseVmstat);
  #pageSize = 0;

  open({ root, pageSize, report }: Environment): void {
    const { swapTotal } = openWhole(this, () => this.#meminfo.open(root));
    if (swapTotal === undefined || swapTotal === 0) return;
    this.#pageSize = pageSize;
    try {
      this.#vmstat.open(root);
      this.series = this.metrics;
    } catch (error) {
      report({ ...describeFailure(error), metrics: SWAP_TRAFFIC });
    }
  }

  collect(): Reading {
    const memory = this.#meminfo.read();
    const { total, available, free, cached, swapTotal, swapFree } = memory;
    const [used, swapUsed] = [subtract(total, available), subtract(swapTotal, swapFree)];
    const levels = [total, available, used, free, cached ?? null, swapTotal ?? null, swapUsed];
    return { values: this.series === LEVELS ? levels : [...levels, ...this.#readTraffic()] };
  }

  close(): void {
    this.#meminfo.close();
    this.#vmstat.close();
  }

  #readTraffic(): (number | null)[] {
    const pages = orGap(() => this.#vmstat.read());
    return pages === null ? [null, null] : [pages.pagesIn * this.#pageSize, pages.pagesOut * this.#pageSize];
  }
}

// A container's own /proc may tell of more that is free than there is: then what is used is not known.
function subtract(total: number | undefined, free: number | undefined): number | null {
  return total === undefined || free === undefined || free > total ? null : total - free;
}
