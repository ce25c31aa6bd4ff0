import { formatBytes, formatCount, formatPercent } from "../lib/format.ts";
import { formatSeries } from "../lib/series.ts";
import { ranked } from "../lib/story.ts";
import type { Summary } from "../lib/summary.ts";
import { shade } from "../report/data.ts";
import { acceleratorCharts } from "./accelerator_charts.ts";
import { type Bare, type ChartSpec, line, lines, type LineSpec, sensorChart, seriesOf } from "./chart_lines.ts";
import { powerCharts } from "./power_charts.ts";

// A line needs a few readings.
const FEWEST_READINGS = 3;
// Below this share of the limit its line would press everything else to the ground.
const LIMIT_FITS = 0.2;
// What others use is left out where it would press the command's own lines to the ground.
const MOST_CONTEXT = 3;
const MOST_TICKS = 0.8;
const MOST_DEVICES = 3;

/** The charts of series that a run deserves: those that have something to show. */
export function chartSpecs(summary: Summary): ChartSpec[] {
  const specs = [
    cpuChart(summary),
    coresChart(summary),
    memoryChart(summary),
    lines({ id: "memory-percent", title: "Memory, share of the machine's" }, [
      line("first", "the command", "memory_percent"),
    ]),
    ...acceleratorCharts(summary),
    ...powerCharts(summary),
    storageChart(),
    faultsChart(summary),
    ...deviceCharts(summary),
    pressureChart(summary),
    throttlingChart(summary),
    sensorChart(summary, { id: "temperature", title: "Temperature", name: "system_temperature_celsius" }),
    sensorChart(summary, { id: "frequency", title: "CPU frequency", name: "system_cpu_frequency_hertz" }),
    processesChart(),
  ];
  return specs.map((spec) => withKnownLines(spec, summary)).filter(({ lines }) => lines.length > 0);
}

const COMPARED: readonly (Bare & { readonly series: string })[] = [
  { id: "cpu", title: "CPU", series: "cpu_percent" },
  { id: "memory", title: "Memory (PSS)", series: "memory_pss_bytes" },
  { id: "memory-rss", title: "Memory (RSS)", series: "memory_rss_bytes" },
  { id: "gpu", title: "GPU 0", series: formatSeries("gpu_utilization_percent", { gpu: "0" }) },
  { id: "gpu-memory", title: "Memory of GPU 0", series: formatSeries("gpu_memory_used_bytes", { gpu: "0" }) },
  { id: "gpu-power", title: "Power of GPU 0", series: formatSeries("gpu_power_watts", { gpu: "0" }) },
  { id: "storage-read", title: "Read from storage", series: "storage_read_bytes_per_second" },
  { id: "storage-write", title: "Written to storage", series: "storage_write_bytes_per_second" },
  { id: "processes", title: "Processes", series: "processes" },
  { id: "threads", title: "Threads", series: "threads" },
  { id: "system-cpu", title: "CPU, whole machine", series: "system_cpu_percent" },
  { id: "system-memory", title: "Memory, whole machine", series: "system_memory_used_bytes" },
  {
    id: "pressure-io",
    title: "Pressure: waiting for storage, whole machine",
    series: formatSeries("system_pressure_percent", { resource: "io", kind: "some" }),
  },
];

/** The charts of one of several runs: one line each, so that those of the other runs join it. */
export function comparedSpecs(summary: Summary, run: { readonly label: string; readonly index: number }): ChartSpec[] {
  const specs = COMPARED.map(({ series, ...chart }) => lines(chart, [line(shade(run.index), run.label, series)]));
  return specs.map((spec) => withKnownLines(spec, summary)).filter((spec) => spec.lines.length > 0);
}

function withKnownLines({ limit, ...spec }: ChartSpec, { metrics }: Summary): ChartSpec {
  const lines = spec.lines.filter(({ series }) => (metrics[series]?.count ?? 0) >= FEWEST_READINGS);
  const highest = Math.max(0, ...lines.map(({ series }) => metrics[series]?.max ?? 0));
  const isNear = limit !== undefined && highest >= LIMIT_FITS * limit.value;
  return { ...spec, lines, ...(isNear && { limit }) };
}

function cpuChart({ machine: { cpus_usable: cores } }: Summary): ChartSpec {
  return {
    ...lines({ id: "cpu", title: "CPU" }, [
      line("first", "the command", "cpu_percent"),
      line("context", "whole machine", "system_cpu_percent"),
    ]),
    ...(cores !== undefined && {
      limit: { label: `${formatCount(cores)} ${cores === 1 ? "core" : "cores"} may be used`, value: 100 * cores },
    }),
  };
}

function coresChart({ metrics }: Summary): ChartSpec {
  const cores = seriesOf(metrics, "system_cpu_core_percent");
  cores.sort((a, b) => a.label.localeCompare(b.label, "en", { numeric: true }));
  const rows = cores.map(({ label, series }) => line("first", `CPU ${label}`, series));
  return { ...lines({ id: "cores", title: "Each core of the machine" }, rows.length < 2 ? [] : rows), kind: "rows" };
}

function memoryChart({ machine, metrics }: Summary): ChartSpec {
  const knowsPss = (metrics["memory_pss_bytes"]?.count ?? 0) >= FEWEST_READINGS;
  const swaps = (metrics["memory_swap_bytes"]?.max ?? 0) > 0;
  const usable = machine.memory_usable_bytes;
  const limited = usable !== machine.memory_bytes;
  const command = [
    line("first", `PSS of the command${readInPart(metrics)}`, "memory_pss_bytes"),
    line(knowsPss ? "second" : "first", "RSS of the command", "memory_rss_bytes"),
    ...(swaps ? [line("third", "swapped out", "memory_swap_bytes")] : []),
  ];
  const context = limited
    ? line("context", "whole control group", "cgroup_memory_working_set_bytes")
    : line("context", "whole machine", "system_memory_used_bytes");
  const own = Math.max(0, ...command.map(({ series }) => metrics[series]?.max ?? 0));
  const whole = metrics[context.series]?.max ?? 0;
  const fits = own === 0 || whole <= MOST_CONTEXT * own;
  return {
    ...lines({ id: "memory", title: "Memory" }, fits ? [...command, context] : command),
    ...(!fits && { beyond: `${context.label}: up to ${formatBytes(whole)}, beyond this scale` }),
    ...(usable !== undefined && { limit: { label: `${formatBytes(usable)} may be used`, value: usable } }),
  };
}

// It is read within a budget of time: whoever looks for a peak must know that most ticks may lack it.
function readInPart(metrics: Summary["metrics"]): string {
  const [pss, rss] = [metrics["memory_pss_bytes"]?.count ?? 0, metrics["memory_rss_bytes"]?.count ?? 0];
  return pss >= MOST_TICKS * rss ? "" : `, read in ${formatPercent(100 * pss / rss)} of the ticks`;
}

function storageChart(): ChartSpec {
  return lines({ id: "storage", title: "Storage, the command" }, [
    line("first", "read", "storage_read_bytes_per_second"),
    line("second", "written", "storage_write_bytes_per_second"),
  ]);
}

function faultsChart({ metrics }: Summary): ChartSpec {
  const faults = line("first", "each a read from storage", "major_faults_per_second");
  return lines({ id: "faults", title: "Major page faults" }, someOf(metrics, [faults]));
}

function deviceCharts({ metrics }: Summary): ChartSpec[] {
  const disks = ranked(metrics, ["disk_read_bytes_total", "disk_write_bytes_total"], "disk");
  const interfaces = ranked(metrics, ["network_receive_bytes_total", "network_transmit_bytes_total"], "interface");
  return [
    ...disks.slice(0, MOST_DEVICES).map(diskChart),
    ...interfaces.slice(0, MOST_DEVICES).map(networkChart),
  ];
}

// The first keeps a simple name, so that links to it work for every run.
function idOf(subject: string, index: number): string {
  return index === 0 ? subject : `${subject}-${index + 1}`;
}

function diskChart(disk: string, index: number): ChartSpec {
  return lines({ id: idOf("disk", index), title: `Disk ${disk}, all programs` }, [
    line("first", "read", formatSeries("disk_read_bytes_per_second", { disk })),
    line("second", "written", formatSeries("disk_write_bytes_per_second", { disk })),
  ]);
}

function networkChart(name: string, index: number): ChartSpec {
  const labels = { interface: name };
  return lines({ id: idOf("network", index), title: `Network ${name}, all programs` }, [
    line("first", "received", formatSeries("network_receive_bytes_per_second", labels)),
    line("second", "sent", formatSeries("network_transmit_bytes_per_second", labels)),
  ]);
}

function pressureChart({ metrics }: Summary): ChartSpec {
  const resources = [["first", "cpu", "a CPU"], ["second", "io", "storage"], ["third", "memory", "memory"]] as const;
  const all = resources.map(([color, resource, label]) =>
    line(color, `waiting for ${label}`, formatSeries("system_pressure_percent", { resource, kind: "some" }))
  );
  return lines(
    { id: "pressure", title: "Pressure on the machine" },
    someOf(metrics, all),
  );
}

function throttlingChart({ metrics }: Summary): ChartSpec {
  const throttled = line("first", "held back by its CPU quota", "cgroup_cpu_throttled_percent");
  return lines({ id: "throttling", title: "Throttling" }, someOf(metrics, [throttled]));
}

function processesChart(): ChartSpec {
  return lines({ id: "processes", title: "Processes and threads" }, [
    line("first", "threads", "threads"),
    line("second", "processes", "processes"),
  ]);
}

/** The lines, or none at all where they would be 0 throughout. */
function someOf(metrics: Summary["metrics"], specs: readonly LineSpec[]): readonly LineSpec[] {
  return specs.some(({ series }) => (metrics[series]?.max ?? 0) > 0) ? specs : [];
}
