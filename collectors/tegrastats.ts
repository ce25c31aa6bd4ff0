import { type Failure, openWhole } from "../lib/availability.ts";
import { type Collector, type Environment, type Reading, Unavailable } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import type { Root } from "../lib/root.ts";
import { formatSeries } from "../lib/series.ts";
import { Feed } from "./feed.ts";
import { GrowingColumns } from "./growing_columns.ts";
import { findEmc } from "./jetson_emc_linux.ts";
import { findJetsonGpu, JETSON_GPU } from "./jetson_gpu_linux.ts";
import { MODULE, railScopes } from "./jetson_rails.ts";
import { findRails } from "./jetson_rails_linux.ts";
import { nameApart } from "./name_apart.ts";
import { readableMetrics, type Sensor } from "./sensor_collector.ts";
import { parseTegrastats, type TegrastatsLine } from "./tegrastats_line.ts";
import { findTemperatures } from "./temperature_linux.ts";

const METRICS = [
  "power_watts",
  "gpu_utilization_percent",
  "gpu_clock_hertz",
  "system_emc_utilization_percent",
  "system_emc_hertz",
  "system_engine_hertz",
  "system_engine_utilization_percent",
  "system_temperature_celsius",
] as const satisfies readonly MetricName[];

const SHORTEST_INTERVAL = 0.1;
const NO_TOOL = "Cannot find tegrastats in PATH";
const NO_TOOL_REMEDY = "It is a part of NVIDIA's Jetson Linux; other machines have none";
const NOTHING_NEW = "Cannot learn from tegrastats what sysfs does not tell already";
const NOTHING_NEW_REMEDY = "Run resmon as root: then tegrastats tells the memory controller and engines too";

/** One number of a line, and the series that it is. */
interface Value {
  readonly metric: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  /** Null while it is off. */
  readonly value: number | null;
}

/**
 * What NVIDIA's tool for Jetson boards tells and sysfs does not: on most boards memory controller and engines, and those for
 * root only; where there is no driver for rails, the power as well. One process that prints a line each interval.
 */
export class TegrastatsCollector implements Collector {
  readonly name = "tegrastats";
  readonly metrics = METRICS;
  readonly sources = ["tegrastats"];
  readonly #columns = new GrowingColumns();
  #feed: Feed | undefined;
  #report: Environment["report"] = () => undefined;
  #told: ReadonlySet<MetricName> = new Set();
  #latest: readonly (number | null)[] = [];
  #hasReportedUnknown = false;

  get series(): readonly string[] {
    return this.#columns.series;
  }

  async open(environment: Environment): Promise<void> {
    openWhole(this, () => this.#start(environment));
    if (environment.isRequired) await this.#feed?.ready();
  }

  collect(now: number): Reading {
    const at = this.#feed?.at;
    if (this.#feed?.check(now) !== true || at === undefined) return { values: [] };
    return { at, values: this.#latest };
  }

  close(): Promise<void> {
    return this.#feed?.close() ?? Promise.resolve();
  }

  #start({ root, tools, interval, report }: Environment): void {
    const path = tools.find("tegrastats");
    if (path === undefined) throw new Unavailable("absent", NO_TOOL, NO_TOOL_REMEDY);
    this.#report = report;
    this.#told = metricsOfSysfs(root);
    const seconds = Math.max(SHORTEST_INTERVAL, interval);
    const words = [path, "--interval", String(Math.round(seconds * 1000))];
    this.#feed = new Feed({ tools, words, interval: seconds, accept: (line) => this.#accept(line) });
    this.#feed.start();
  }

  #accept(text: string): boolean {
    const line = parseTegrastats(text);
    const values = valuesOf(line).filter(({ metric }) => !this.#told.has(metric));
    if (values.length === 0 && this.series.length === 0) {
      throw new Unavailable("unsupported", NOTHING_NEW, NOTHING_NEW_REMEDY);
    }
    const told = values.map(({ metric, labels, value }) => [formatSeries(metric, labels), value] as const);
    this.#latest = this.#columns.place(new Map(told));
    this.#reportUnknown(line);
    return true;
  }

  #reportUnknown({ unknown: [first, ...others] }: TegrastatsLine): void {
    if (first === undefined || this.#hasReportedUnknown) return;
    this.#hasReportedUnknown = true;
    this.#report({
      state: "unsupported",
      metrics: METRICS,
      reason: `Cannot understand ${others.length + 1} words of a line of tegrastats, such as ${JSON.stringify(first)}`,
    });
  }
}

// Whatever has a file of its own is not read from a tool.
function metricsOfSysfs(root: Root): Set<MetricName> {
  const ignored = (_failure: Failure): void => undefined;
  const finders: ((root: Root, onFailure: typeof ignored) => Sensor[])[] = [
    findRails,
    findJetsonGpu,
    findEmc,
    findTemperatures,
  ];
  return readableMetrics(root, finders.flatMap((find) => find(root, ignored)));
}

function valuesOf(line: TegrastatsLine): Value[] {
  return [
    ...railValues(line),
    ...gpuValues(line),
    ...memoryValues(line),
    ...engineValues(line),
    ...temperatureValues(line),
  ];
}

function railValues({ rails }: TegrastatsLine): Value[] {
  const scopes = railScopes(rails.map(({ name }) => name));
  const names = nameApart(rails.map(({ name }, index) => [name, `${name} (rail ${index + 1})`]));
  return rails.map(({ name, watts }, index) => ({
    metric: "power_watts",
    labels: { device: MODULE, rail: names[index] ?? name, scope: scopes[index] ?? "device" },
    value: watts,
  }));
}

function gpuValues({ gpu = {} }: TegrastatsLine): Value[] {
  return [
    ...valueOf("gpu_utilization_percent", gpu.percent, { gpu: JETSON_GPU }),
    ...valueOf("gpu_clock_hertz", gpu.hertz, { gpu: JETSON_GPU, clock: "graphics" }),
  ];
}

function memoryValues({ memoryController = {} }: TegrastatsLine): Value[] {
  return [
    ...valueOf("system_emc_utilization_percent", memoryController.percent),
    ...valueOf("system_emc_hertz", memoryController.hertz),
  ];
}

function engineValues({ engines }: TegrastatsLine): Value[] {
  return [...engines].flatMap(([engine, { percent, hertz }]) => [
    { metric: "system_engine_hertz", labels: { engine }, value: hertz ?? null },
    ...valueOf("system_engine_utilization_percent", percent, { engine }),
  ]);
}

function temperatureValues({ temperatures }: TegrastatsLine): Value[] {
  return [...temperatures].map(([sensor, value]) => ({
    metric: "system_temperature_celsius",
    labels: { sensor },
    value,
  }));
}

function valueOf(metric: MetricName, value: number | undefined, labels: Value["labels"] = {}): Value[] {
  return value === undefined ? [] : [{ metric, labels, value }];
}
