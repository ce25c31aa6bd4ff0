import { describeMetric, type MetricName } from "./metrics.ts";

/** One series as its name and labels, in the order in which they are spelt. */
export interface SeriesId {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Spells a series as Prometheus does: `disk_read_bytes_total{disk="nvme0n1"}`. */
export function formatSeries(name: MetricName, labels: Readonly<Record<string, string>> = {}): string {
  const wanted = describeMetric(name).labels ?? [];
  const given = Object.keys(labels);
  if (given.length !== wanted.length || wanted.some((label) => labels[label] === undefined)) {
    throw new RangeError(`Cannot spell ${name}: labels are ${given.join(", ")}, expected ${wanted.join(", ")}`);
  }
  return spellSeries({ name, labels: Object.fromEntries(wanted.map((label) => [label, labels[label] ?? ""])) });
}

/** Spells any series, in or outside the vocabulary. */
export function spellSeries({ name, labels }: SeriesId): string {
  const parts = Object.entries(labels).map(([label, value]) => `${label}="${escapeLabel(value)}"`);
  return parts.length === 0 ? name : `${name}{${parts.join(",")}}`;
}

const SERIES = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?$/s;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(,|$)/gsy;

/** Reads a series as {@linkcode spellSeries} spells it. Throws SyntaxError for anything else. */
export function parseSeries(text: string): SeriesId {
  const match = SERIES.exec(text);
  if (match === null) throw new SyntaxError(`Cannot parse series ${JSON.stringify(text)}: not name{label="value"}`);
  const labels: Record<string, string> = {};
  const inside = match[2] ?? "";
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < inside.length) {
    const label = LABEL.exec(inside);
    if (label === null) throw new SyntaxError(`Cannot parse series ${JSON.stringify(text)}: bad labels`);
    labels[label[1] ?? ""] = unescapeLabel(label[2] ?? "");
  }
  return { name: match[1] ?? "", labels };
}

/** Reads a series as {@linkcode parseSeries} does; `undefined` for anything else, as a log of another program may hold. */
export function tryParseSeries(text: string): SeriesId | undefined {
  try {
    return parseSeries(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function unescapeLabel(text: string): string {
  return text.replace(/\\(.)/gs, (_, char: string) => char === "n" ? "\n" : char);
}
