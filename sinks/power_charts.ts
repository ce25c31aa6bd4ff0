import { tryParseSeries } from "../lib/series.ts";
import type { Summary } from "../lib/summary.ts";
import { shade } from "../report/data.ts";
import { type ChartSpec, line, lines, type LineSpec, sensorChart, seriesOf } from "./chart_lines.ts";

const MOST_RAILS = 8;

/** The charts of power: what the run's energy is the sum of, and what else tells a power, most of it parts of that. */
export function powerCharts(summary: Summary): ChartSpec[] {
  const counted = (summary.energy?.devices ?? []).map(({ power_series }, at) =>
    line(shade(at), railLabel(power_series), power_series)
  );
  return [
    lines({ id: "power", title: "Power, all programs" }, counted.slice(0, MOST_RAILS)),
    railsChart(summary, counted),
    sensorChart(summary, { id: "battery", title: "Battery", name: "battery_charge_percent" }),
    sensorChart(summary, { id: "fan", title: "Fans", name: "system_fan_rpm" }),
    lines({ id: "emc", title: "Memory controller" }, [line("first", "in use", "system_emc_utilization_percent")]),
  ];
}

function railsChart({ metrics }: Summary, counted: readonly LineSpec[]): ChartSpec {
  const others = [...seriesOf(metrics, "power_watts"), ...seriesOf(metrics, "gpu_power_watts")]
    .filter(({ series }) => !counted.some((each) => each.series === series))
    .sort((a, b) => (metrics[b.series]?.max ?? 0) - (metrics[a.series]?.max ?? 0));
  const specs = others.slice(0, MOST_RAILS).map(({ series }, at) => line(shade(at), railLabel(series), series));
  return lines(
    { id: "rails", title: counted.length > 0 ? "Power of other rails and devices" : "Power of rails" },
    specs,
  );
}

function railLabel(series: string): string {
  const { device = "", rail = "", gpu } = tryParseSeries(series)?.labels ?? {};
  if (gpu !== undefined) return `GPU ${gpu}`;
  return device === rail || rail === "" ? device : `${device} ${rail}`;
}
