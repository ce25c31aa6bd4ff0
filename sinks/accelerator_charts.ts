import { formatBytes } from "../lib/format.ts";
import { byGpu } from "../lib/gpu_fact.ts";
import type { MetricName } from "../lib/metrics.ts";
import { formatSeries, tryParseSeries } from "../lib/series.ts";
import type { Summary } from "../lib/summary.ts";
import { shade } from "../report/data.ts";
import { type Bare, type ChartSpec, line, lines, type LineSpec, sensorChart, seriesOf } from "./chart_lines.ts";

const MOST_GPUS = 8;

/** The charts of GPUs and other accelerators, where a run has any. */
export function acceleratorCharts(summary: Summary): ChartSpec[] {
  return [
    useChart(summary),
    memoryChart(summary),
    engineChart(summary),
    clockChart(summary),
    temperatureChart(summary),
    sensorChart(summary, { id: "neuron", title: "NeuronCores", name: "neuron_core_utilization_percent" }),
    sensorChart(summary, { id: "neuron-memory", title: "Neuron memory", name: "neuron_memory_used_bytes" }),
  ];
}

function useChart(summary: Summary): ChartSpec {
  const all = gpuLines(summary, "gpu_utilization_percent");
  const own = all.length === 1 ? ownLine(summary, "process_gpu_utilization_percent") : [];
  return lines({ id: "gpu", title: own.length === 0 ? "GPU, all programs" : "GPU" }, [...own, ...contextual(all, own)]);
}

function memoryChart(summary: Summary): ChartSpec {
  const all = gpuLines(summary, "gpu_memory_used_bytes");
  const own = all.length === 1 ? ownLine(summary, "process_gpu_memory_bytes") : [];
  const [total, ...others] = [...byGpu(summary.metrics, "gpu_memory_total_bytes").values()].map(({ last }) => last);
  const isShared = total !== undefined && others.every((each) => each === total);
  const bare = { id: "gpu-memory", title: own.length === 0 ? "GPU memory, all programs" : "GPU memory" };
  return {
    ...lines(bare, [...own, ...contextual(all, own)]),
    ...(isShared && { limit: { label: `${formatBytes(total)} on the GPU`, value: total } }),
  };
}

function engineChart(summary: Summary): ChartSpec {
  const bare: Bare = { id: "gpu-engines", title: "GPU engines, the command" };
  return sensorChart(summary, { ...bare, name: "process_gpu_engine_percent" });
}

// Memory clocks do not move; the graphics or SM clock tells what a limit of power or heat does.
function clockChart({ metrics, devices }: Summary): ChartSpec {
  const clocks = ["sm", "graphics"].map((clock) =>
    [...byGpu(metrics, "gpu_utilization_percent").keys(), ...byGpu(metrics, "gpu_memory_used_bytes").keys()]
      .filter((gpu, at, all) => all.indexOf(gpu) === at)
      .map((gpu) => [gpu, formatSeries("gpu_clock_hertz", { gpu, clock })] as const)
      .filter(([, series]) => metrics[series] !== undefined)
  );
  const known = clocks.find((each) => each.length > 0) ?? [];
  const specs = known.map(([gpu, series], at) => line(shade(at), gpuLabel(devices, gpu), series));
  return lines({ id: "gpu-clock", title: "GPU clock" }, specs.slice(0, MOST_GPUS));
}

function temperatureChart(summary: Summary): ChartSpec {
  const bare: Bare = { id: "gpu-temperature", title: "GPU temperature" };
  // The chips first, where there are more sensors than lines.
  const all = seriesOf(summary.metrics, "gpu_temperature_celsius");
  const isChip = ({ series }: { readonly series: string }): boolean => series.includes('sensor="gpu"');
  const sensors = [...all.filter(isChip), ...all.filter((sensor) => !isChip(sensor))].slice(0, MOST_GPUS);
  const specs = sensors.map(({ series }, at) => {
    const { gpu = "", sensor = "gpu" } = tryParseSeries(series)?.labels ?? {};
    const label = gpuLabel(summary.devices, gpu);
    return line(shade(at), sensor === "gpu" ? label : `${label}, ${sensor}`, series);
  });
  return lines(bare, specs);
}

function gpuLines({ metrics, devices }: Summary, name: MetricName): LineSpec[] {
  const gpus = [...byGpu(metrics, name).keys()].slice(0, MOST_GPUS);
  return gpus.map((gpu, at) => line(shade(at), gpuLabel(devices, gpu), formatSeries(name, { gpu })));
}

function ownLine({ metrics }: Summary, name: MetricName): LineSpec[] {
  const [gpu] = byGpu(metrics, name).keys();
  return gpu === undefined ? [] : [line("first", "the command", formatSeries(name, { gpu }))];
}

function contextual(all: readonly LineSpec[], own: readonly LineSpec[]): readonly LineSpec[] {
  return own.length === 0 ? all : all.map((each) => ({ ...each, color: "context", label: "all programs" }));
}

/** What people call a GPU: `GPU 0`, and a single one by its name. */
function gpuLabel(devices: Summary["devices"], gpu: string): string {
  const gpus = devices.filter(({ label }) => label === "gpu");
  return gpus.length === 1 && gpus[0]?.id === gpu ? gpus[0].name : `GPU ${gpu}`;
}
