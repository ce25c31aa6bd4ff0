import { formatCommand } from "../lib/escape.ts";
import { formatBytes, formatPercent, formatSeconds, formatValue } from "../lib/format.ts";
import { isMetricName, METRICS } from "../lib/metrics.ts";
import { tryParseSeries } from "../lib/series.ts";
import type { MetricSummary, ProcessSummary, Summary } from "../lib/summary.ts";
import { type Column, numberColumn, sortableTable } from "./html_sortable.ts";
import { type Html, markup } from "./html_template.ts";

const PROCESS_COLUMNS: readonly Column<ProcessSummary>[] = [
  { title: "Name", help: "The kernel's name of the process", show: ({ name }) => name },
  { title: "Command", help: "What it was started with", show: commandCell },
  { title: "PID", help: "Process id", number: ({ pid }) => pid, show: ({ pid }) => String(pid) },
  valueColumn("CPU time", "cpu_seconds_total", formatSeconds),
  valueColumn("Max RSS", "memory_rss_bytes", formatBytes),
  valueColumn("Max PSS", "memory_pss_bytes", formatBytes),
  valueColumn("GPU memory", "process_gpu_memory_bytes", formatBytes),
  valueColumn("GPU use", "process_gpu_utilization_percent", formatPercent),
  numberColumn(
    {
      title: "Energy (estimate)",
      help: "Share of the energy of CPU packages and memory, by its share of the busy CPU time",
    },
    ({ energy_estimate_joules }) => energy_estimate_joules,
    (joules) => formatValue(joules, "joules"),
  ),
  valueColumn("Read", "storage_read_bytes_total", formatBytes),
  valueColumn("Written", "storage_write_bytes_total", formatBytes),
  timeColumn("Started", "Time after the start of the run", ({ started }) => started),
  timeColumn("Ended", "Time after the start of the run; empty while it lives", ({ ended }) => ended),
  { title: "Exit", help: "Exit code, or the signal it died by", show: exitText },
];

/** The processes of a run in a table. */
export function processTable({ rows }: Summary["processes"]): Html {
  const name = { id: "processes-table", label: "Processes", style: "processes" };
  return markup`${filterField("processes", "Filter processes")}
${sortableTable(rows, PROCESS_COLUMNS, name)}`;
}

function valueColumn(
  title: string,
  name: keyof typeof METRICS,
  format: (value: number) => string,
): Column<ProcessSummary> {
  return numberColumn({ title, help: METRICS[name].help }, ({ values }) => values[name], format);
}

function timeColumn(
  title: string,
  help: string,
  number: (process: ProcessSummary) => number | undefined,
): Column<ProcessSummary> {
  return numberColumn({ title, help }, number, formatSeconds);
}

function told(value: number | undefined, format: (value: number) => string): string | undefined {
  return value === undefined ? undefined : format(value);
}

function commandCell({ command }: ProcessSummary): Html | undefined {
  if (command === undefined) return undefined;
  const text = formatCommand(command);
  return markup`<span class="command" title="${text}">${text}</span>`;
}

function exitText({ exit_code, signal }: ProcessSummary): string | undefined {
  return signal ?? (exit_code === undefined ? undefined : String(exit_code));
}

const STATISTICS = ["min", "mean", "median", "p95", "max", "total"];

/** Every series of the run with its statistics. */
export function metricsTable(metrics: Summary["metrics"]): Html {
  const heads = STATISTICS.map((title) => markup`<th scope="col" class="number">${title}</th>`);
  const rows = Object.entries(metrics).map(([series, stats]) => metricRow(series, stats));
  return markup`${filterField("metrics", "Filter metrics")}
<div class="scroll" tabindex="0" role="region" aria-label="All metrics"><table class="metrics" id="metrics-table">
<thead><tr><th scope="col">Metric</th><th scope="col">Unit</th>${heads}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

/** A field that hides the rows of the table `<id>-table` that do not hold its words; `choice` chooses among their tags. */
export function filterField(id: string, label: string, choice?: Html): Html {
  return markup`<p class="filtering">${choice}<input type="search" class="filter" aria-controls="${id}-table" aria-label="${label}"
placeholder="Filter"> <output></output></p>`;
}

function metricRow(series: string, { unit, kind, min, mean, p50, p95, max, total }: MetricSummary): Html {
  // The level of a counter says nothing of the run, only its growth does.
  const levels = kind === "counter" ? Array<undefined>(5).fill(undefined) : [min, mean, p50, p95, max];
  const cells = [...levels, total].map((value) =>
    markup`<td class="number">${told(value, (known) => formatValue(known, unit))}</td>`
  );
  return markup`<tr><th scope="row"><code>${series}</code><span class="help">${
    helpOf(series)
  }</span></th><td>${unit}</td>${cells}</tr>`;
}

/** The help text of a series; empty outside the vocabulary. */
export function helpOf(series: string): string {
  const name = tryParseSeries(series)?.name ?? "";
  return isMetricName(name) ? METRICS[name].help : "";
}
