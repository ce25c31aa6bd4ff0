import type { Downsample } from "../lib/downsample.ts";
import type { MetricName, Unit } from "../lib/metrics.ts";
import { describeMetric } from "../lib/metrics.ts";
import { formatSeries } from "../lib/series.ts";
import { busiest } from "../lib/story.ts";
import type { Summary } from "../lib/summary.ts";
import { formatBytes, formatCount } from "../lib/format.ts";
import { type ChartData, type LineData, type LineRole, packNumbers } from "../report/data.ts";

/** The metrics that charts may show: what is bucketed during the run. */
export const CHARTED: ReadonlySet<string> = new Set<MetricName>([
  "cpu_percent",
  "system_cpu_percent",
  "memory_pss_bytes",
  "memory_rss_bytes",
  "system_memory_used_bytes",
  "cgroup_memory_working_set_bytes",
  "storage_read_bytes_per_second",
  "storage_write_bytes_per_second",
  "disk_read_bytes_per_second",
  "disk_write_bytes_per_second",
  "network_receive_bytes_per_second",
  "network_transmit_bytes_per_second",
  "processes",
  "threads",
]);

interface LineSpec {
  readonly role: LineRole;
  readonly label: string;
  readonly name: MetricName;
  readonly labels?: Readonly<Record<string, string>>;
}

interface ChartSpec {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly LineSpec[];
  readonly limit?: { readonly label: string; readonly value: number };
  readonly beyond?: string;
}

// Below this share of the limit its line would press everything else to the ground.
const LIMIT_FITS = 0.2;
// What others use is left out where it would press the command's own lines to the ground.
const MOST_CONTEXT = 3;
const FEWEST_POINTS = 3;

/** The charts of a run: only those that have something to show, and enough points to show it. */
export function chartsOf(history: Downsample, summary: Summary): ChartData[] {
  const specs = [cpuChart(summary), memoryChart(history, summary), storageChart(), ...deviceCharts(summary)];
  return specs.map((spec) => chartOf(history, spec)).filter((chart) => chart.lines.length > 0);
}

function cpuChart({ machine }: Summary): ChartSpec {
  const cores = formatCount(machine.cpus_usable);
  return {
    id: "cpu",
    title: "CPU",
    lines: [
      { role: "first", label: "the command", name: "cpu_percent" },
      { role: "context", label: "whole machine", name: "system_cpu_percent" },
    ],
    limit: { label: `${cores} ${cores === "1" ? "core" : "cores"} may be used`, value: 100 * machine.cpus_usable },
  };
}

function memoryChart(history: Downsample, { machine }: Summary): ChartSpec {
  const knowsPss = history.buckets("memory_pss_bytes") !== undefined;
  const limited = machine.memory_usable_bytes < machine.memory_bytes;
  const command: LineSpec[] = [
    { role: "first", label: "PSS of the command", name: "memory_pss_bytes" },
    { role: knowsPss ? "second" : "first", label: "RSS of the command", name: "memory_rss_bytes" },
  ];
  const context: LineSpec = limited
    ? { role: "context", label: "whole control group", name: "cgroup_memory_working_set_bytes" }
    : { role: "context", label: "whole machine", name: "system_memory_used_bytes" };
  const own = highestOf(history, command);
  const whole = highestOf(history, [context]);
  const fits = own === 0 || whole <= MOST_CONTEXT * own;
  return {
    id: "memory",
    title: "Memory",
    lines: fits ? [...command, context] : command,
    ...(!fits && { beyond: `${context.label}: up to ${formatBytes(whole)}, beyond this scale` }),
    limit: { label: `${formatBytes(machine.memory_usable_bytes)} may be used`, value: machine.memory_usable_bytes },
  };
}

function storageChart(): ChartSpec {
  return {
    id: "storage",
    title: "Storage, the command",
    lines: [
      { role: "first", label: "read", name: "storage_read_bytes_per_second" },
      { role: "second", label: "written", name: "storage_write_bytes_per_second" },
    ],
  };
}

function deviceCharts({ metrics }: Summary): ChartSpec[] {
  const disk = busiest(metrics, ["disk_read_bytes_total", "disk_write_bytes_total"], "disk");
  const network = busiest(metrics, ["network_receive_bytes_total", "network_transmit_bytes_total"], "interface");
  return [
    ...(disk === undefined ? [] : [diskChart(disk)]),
    ...(network === undefined ? [] : [networkChart(network)]),
    {
      id: "processes",
      title: "Processes and threads",
      lines: [
        { role: "first", label: "threads", name: "threads" },
        { role: "second", label: "processes", name: "processes" },
      ],
    },
  ];
}

function diskChart(disk: string): ChartSpec {
  return {
    id: "disk",
    title: `Disk ${disk}, all programs`,
    lines: [
      { role: "first", label: "read", name: "disk_read_bytes_per_second", labels: { disk } },
      { role: "second", label: "written", name: "disk_write_bytes_per_second", labels: { disk } },
    ],
  };
}

function networkChart(name: string): ChartSpec {
  const labels = { interface: name };
  return {
    id: "network",
    title: `Network ${name}, all programs`,
    lines: [
      { role: "first", label: "received", name: "network_receive_bytes_per_second", labels },
      { role: "second", label: "sent", name: "network_transmit_bytes_per_second", labels },
    ],
  };
}

function chartOf(history: Downsample, { id, title, lines, limit, beyond }: ChartSpec): ChartData {
  const drawn = lines.flatMap((line) => lineOf(history, line));
  const highest = highestOf(history, lines);
  const unit: Unit = lines[0] === undefined ? "" : describeMetric(lines[0].name).unit;
  const isNear = limit !== undefined && highest >= LIMIT_FITS * limit.value;
  return { id, title, unit, lines: drawn, ...(isNear && { limit }), ...(beyond !== undefined && { beyond }) };
}

function lineOf(history: Downsample, { role, label, name, labels }: LineSpec): LineData[] {
  const series = formatSeries(name, labels);
  const buckets = history.buckets(series);
  if (buckets === undefined || buckets.mean.filter((value) => !Number.isNaN(value)).length < FEWEST_POINTS) return [];
  const max = history.ticksPerBucket > 1 ? { max: packNumbers(buckets.max) } : {};
  return [{ series, label, role, mean: packNumbers(buckets.mean), ...max }];
}

function highestOf(history: Downsample, lines: readonly LineSpec[]): number {
  const peaks = lines.map(({ name, labels }) => history.buckets(formatSeries(name, labels))?.max ?? []);
  return peaks.flatMap((max) => [...max]).reduce((peak, value) => value > peak ? value : peak, 0);
}
