import { formatBytes, formatCount, formatPercent, formatSeconds, formatValue } from "../lib/format.ts";
import type { PhaseFigures } from "../lib/phase_summary.ts";
import { type Column, numberColumn } from "./html_sortable.ts";

/** A part of a run, of so many seconds. */
export type Part = PhaseFigures & { readonly seconds: number };

/** The columns that tell what was used in a part of a run. */
export const FIGURE_COLUMNS: readonly Column<Part>[] = [
  numberColumn(
    { title: "CPU time", help: "Of all processes of the command together, sampled", hasBar: true },
    ({ cpu_seconds }) => cpu_seconds,
    formatSeconds,
  ),
  numberColumn(
    { title: "Cores", help: "Cores in use on average: CPU time by time" },
    ({ cpu_seconds, seconds }) => cpu_seconds === undefined || seconds <= 0 ? undefined : cpu_seconds / seconds,
    formatCount,
  ),
  numberColumn(
    { title: "Energy", help: "Of what the energy of the run covers, whatever ran there", hasBar: true },
    ({ joules }) => joules,
    (joules) => formatValue(joules, "joules"),
  ),
  numberColumn(
    { title: "Peak RSS", help: "The most resident memory of all processes of the command together", hasBar: true },
    ({ memory_rss_max_bytes }) => memory_rss_max_bytes,
    formatBytes,
  ),
  numberColumn(
    { title: "Mean RSS", help: "Resident memory of all processes of the command together, on average" },
    ({ memory_rss_mean_bytes }) => memory_rss_mean_bytes,
    formatBytes,
  ),
  numberColumn(
    { title: "GPU use", help: "Mean over all GPUs, all programs together" },
    ({ gpu_percent }) => gpu_percent,
    formatPercent,
  ),
  numberColumn(
    { title: "GPU memory", help: "The most of the GPU that was fullest, all programs together" },
    ({ gpu_memory_max_bytes }) => gpu_memory_max_bytes,
    formatBytes,
  ),
  numberColumn(
    { title: "Read", help: "From storage, by the command" },
    ({ storage_read_bytes }) => storage_read_bytes,
    formatBytes,
  ),
  numberColumn(
    { title: "Written", help: "To storage, by the command" },
    ({ storage_write_bytes }) => storage_write_bytes,
    formatBytes,
  ),
];
