import { describeMetric, isMetricName, METRIC_NAMES, type MetricName } from "../lib/metrics.ts";
import { spellSeries } from "../lib/series.ts";

/** The formats in which a server of Prometheus takes metrics. */
export type ExpositionFormat = "text" | "openmetrics";

/** What HTTP calls the formats. */
export const CONTENT_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** One metric with its series, as it is exposed. */
export interface Family {
  /** A counter's ends in `_total`. */
  readonly name: string;
  readonly type: "gauge" | "counter" | "info";
  readonly help: string;
  /** The unit that the name ends with; absent where there is none. */
  readonly unit?: string;
  /** A series without its name, such as `{disk="sda"}` or nothing, and its value. */
  readonly samples: readonly (readonly [labels: string, value: number])[];
}

const PREFIX = "resmon_";

/** Renders metrics, see https://prometheus.io/docs/instrumenting/exposition_formats and https://openmetrics.io. */
export function renderExposition(families: readonly Family[], format: ExpositionFormat): string {
  const isOpen = format === "openmetrics";
  return `${families.map((family) => renderFamily(family, isOpen)).join("")}${isOpen ? "# EOF\n" : ""}`;
}

function renderFamily({ name, type, help, unit, samples }: Family, isOpen: boolean): string {
  // OpenMetrics names a family without what its samples end with.
  const family = isOpen ? name.replace(/_total$|_info$/, "") : name;
  const told = !isOpen && type === "info" ? "gauge" : type;
  const lines = [
    `# HELP ${family} ${escapeHelp(help, isOpen)}`,
    `# TYPE ${family} ${told}`,
    ...(isOpen && unit !== undefined ? [`# UNIT ${family} ${unit}`] : []),
    ...samples.map(([labels, value]) => `${name}${labels} ${value}`),
  ];
  return `${lines.join("\n")}\n`;
}

function escapeHelp(help: string, isOpen: boolean): string {
  const escaped = help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  return isOpen ? escaped.replaceAll('"', '\\"') : escaped;
}

/** Groups series by metric in the order of the vocabulary, with its units and helps; `resmon_` stands before every name. */
export function familiesOf(series: Iterable<readonly [series: string, value: number]>): Family[] {
  const samples = new Map<MetricName, (readonly [labels: string, value: number])[]>();
  for (const [text, value] of series) {
    const brace = text.indexOf("{");
    const name = brace < 0 ? text : text.slice(0, brace);
    // Collectors give what is in the vocabulary, and nothing else has a help.
    if (!isMetricName(name)) continue;
    const labels = brace < 0 ? "" : text.slice(brace);
    const known = samples.get(name);
    if (known === undefined) samples.set(name, [[labels, value]]);
    else known.push([labels, value]);
  }
  return METRIC_NAMES.flatMap((name): Family[] => {
    const found = samples.get(name);
    if (found === undefined) return [];
    const { kind, help, unit } = describeMetric(name);
    return [{ name: `${PREFIX}${name}`, type: kind, help, ...(unit !== "" && { unit }), samples: found }];
  });
}

/** What is told of the run, as a series that others are joined with: it is 1. */
export function runFamily(labels: Readonly<Record<string, string>>): Family {
  const spelt = spellSeries({ name: "run", labels }).slice("run".length);
  return { name: `${PREFIX}run_info`, type: "info", help: "The run that is recorded", samples: [[spelt, 1]] };
}
