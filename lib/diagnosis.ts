import type { Collector } from "./contracts.ts";
import type { Examined } from "./examination.ts";
import { describeMetric, isMetricName, METRIC_NAMES, type MetricName } from "./metrics.ts";
import type { Device, OwnMachine, State, Status } from "./records.ts";
import { parseSeries } from "./series.ts";

/** Version of what `resmon doctor --json` prints. */
export const DIAGNOSIS_SCHEMA = 1;

/** The collectors that every run needs. */
export const CORE: readonly string[] = ["process", "cpu", "memory"];

/** Something that is so on this machine and tells why a number is or is not there. */
export interface Fact {
  readonly topic: "system" | "permissions" | "tools" | "runtime";
  /** Such as `memory pages`. */
  readonly name: string;
  /** Such as `4 KiB`. */
  readonly value: string;
  /** What of resmon does not work so, as a sentence. */
  readonly trouble?: string;
  readonly remedy?: string;
}

/** How one collector stands. */
export interface CollectorFinding {
  readonly name: string;
  /** The word of `--metrics` that chooses it. */
  readonly subject: string;
  /** Whether it is one of several vendors or ways, of which a machine has some. */
  readonly alternative: boolean;
  readonly state: State;
  readonly reason?: string;
  readonly remedy?: string;
  readonly sources: readonly string[];
  /** What stands in the way of some of its metrics or devices. */
  readonly parts: readonly Omit<Status, "collector">[];
  readonly devices: readonly Device[];
  /** Its columns, and how many of them have a value. */
  readonly series: number;
  readonly values: number;
  /** Seconds between two readings, where once a tick would be too often. */
  readonly period_seconds?: number;
  /** What a reading costs here: the median of several. */
  readonly read_microseconds?: number;
  /** Present where a tool is read in the background: a reading only takes over what it said last. */
  readonly background?: true;
}

/** How one metric of the vocabulary stands. */
export interface MetricFinding {
  readonly state: State;
  /** The collectors that give it, or that could. */
  readonly collectors: readonly string[];
  /** The counter that a rate, or the gauge that an integral, is computed from. */
  readonly from?: MetricName;
  readonly reason?: string;
  readonly remedy?: string;
}

/** All that `resmon doctor` tells. */
export interface Diagnosis {
  readonly schema: number;
  readonly version: string;
  readonly platform: string;
  /** Whether what every run needs is there: the process tree, CPU and memory. */
  readonly works: boolean;
  readonly machine?: OwnMachine;
  readonly facts: readonly Fact[];
  readonly collectors: readonly CollectorFinding[];
  readonly metrics: Readonly<Partial<Record<MetricName, MetricFinding>>>;
}

/** Tells how an examined collector stands. */
export function describeCollector(
  examined: Examined,
  place: Pick<CollectorFinding, "subject" | "alternative">,
): CollectorFinding {
  const { collector, state, parts, devices, values, readSeconds, isBackground } = examined;
  return {
    name: collector.name,
    ...place,
    state,
    ...told(examined),
    sources: collector.sources,
    parts,
    devices,
    series: values.size,
    values: [...values.values()].filter((value) => value !== null).length,
    ...(collector.period === undefined ? {} : { period_seconds: collector.period }),
    ...(readSeconds === undefined ? {} : { read_microseconds: Math.round(readSeconds * 1e6) }),
    ...(isBackground ? { background: true } : {}),
  };
}

/** Tells for every metric that a platform can have how it stands: read, computed from another one, or why not. */
export function describeMetrics(all: readonly Examined[]): Partial<Record<MetricName, MetricFinding>> {
  const read = new Map<MetricName, MetricFinding>();
  for (const name of METRIC_NAMES) {
    const givers = all.filter(({ collector }) => collector.metrics.includes(name));
    if (givers.length > 0) read.set(name, bestOf(givers.map((examined) => describeMetricOf(examined, name))));
  }
  const findings = new Map<MetricName, MetricFinding>();
  for (const name of METRIC_NAMES) {
    const finding = computed(name, read, findings);
    if (finding !== undefined) findings.set(name, finding);
  }
  return Object.fromEntries(findings);
}

/** Tells of the metrics that none of a platform's collectors gives; `system` is what people call it. */
export function describeUnknown(
  collectors: readonly Collector[],
  system: string,
): Partial<Record<MetricName, MetricFinding>> {
  const known = new Set<string>(collectors.flatMap(({ metrics }) => metrics));
  const isKnown = (name: MetricName): boolean => [name, ...basesOf(name)].some((each) => known.has(each));
  const reason = `Cannot find it on ${system}: resmon knows no source of it there`;
  const finding: MetricFinding = { state: "unsupported", collectors: [], reason };
  return Object.fromEntries(
    METRIC_NAMES.filter((name) => !isKnown(name) && describeMetric(name).isForeign !== true).map((
      name,
    ) => [name, finding]),
  );
}

function basesOf(name: MetricName): string[] {
  const { rateOf, integralOf } = describeMetric(name);
  return [rateOf, integralOf].filter((base) => base !== undefined);
}

// In the vocabulary what is computed stands after what it is computed from, but for an integral of a later gauge.
function computed(
  name: MetricName,
  read: ReadonlyMap<MetricName, MetricFinding>,
  findings: ReadonlyMap<MetricName, MetricFinding>,
): MetricFinding | undefined {
  const own = read.get(name);
  if (own?.state === "working") return own;
  const { rateOf, integralOf } = describeMetric(name);
  const from = rateOf ?? integralOf;
  if (from === undefined || !isMetricName(from)) return own;
  const base = findings.get(from) ?? read.get(from);
  if (base === undefined || (own !== undefined && base.state !== "working")) return own;
  return { ...base, from };
}

function describeMetricOf(examined: Examined, name: MetricName): MetricFinding {
  const { collector, state, parts, values } = examined;
  const collectors = [collector.name];
  if (state !== "working") return { state, collectors, ...told(examined) };
  const own = [...values].filter(([series]) => parseSeries(series).name === name);
  if (own.some(([, value]) => value !== null)) return { state, collectors };
  const part = parts.find(({ metrics }) => metrics?.includes(name)) ??
    parts.find(({ metrics }) => metrics === undefined);
  if (part !== undefined) return { state: part.state, collectors, ...told(part) };
  const what = own.length > 0 ? "read a value at the moment from" : "find it in";
  return { state: "absent", collectors, reason: `Cannot ${what} ${collector.sources.join(", ")}` };
}

// One that works, or else the failure that says most: that of a source which is there.
function bestOf(findings: readonly MetricFinding[]): MetricFinding {
  const working = findings.filter(({ state }) => state === "working");
  const [best] = working.length > 0 ? working : [...findings].sort((a, b) => weight(a.state) - weight(b.state));
  const collectors = (working.length > 0 ? working : findings).flatMap((finding) => finding.collectors);
  return { ...best, state: best?.state ?? "absent", collectors };
}

function weight(state: State): number {
  return state === "absent" ? 1 : 0;
}

function told({ reason, remedy }: Pick<Status, "reason" | "remedy">): Pick<Status, "reason" | "remedy"> {
  return { ...(reason === undefined ? {} : { reason }), ...(remedy === undefined ? {} : { remedy }) };
}
