import { describeFailure, type Failure, openWhole } from "../lib/availability.ts";
import { type Collector, type Environment, type Reading, Unavailable } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import type { OpenFile, Root } from "../lib/root.ts";
import { formatSeries } from "../lib/series.ts";
import { affordablePeriod, measureCost } from "./pace.ts";

/** One number that the kernel tells in a file, or in several. */
export interface Sensor {
  readonly metric: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  readonly paths: readonly string[];
  /** Takes what the files hold, in their order; null where the sensor is off. Throws SyntaxError. */
  readonly parse: (...texts: string[]) => number | null;
}

/** What a collector of sensors is made of. */
export interface SensorOptions extends Pick<Collector, "name" | "metrics" | "sources"> {
  /** Tells those that are there but cannot be read to `onFailure`. Throws SystemError. */
  readonly find: (root: Root, onFailure: (failure: Failure) => void) => readonly Sensor[];
  /** What it means that there is none. */
  readonly none: string;
  /** What the user can do where there is none. */
  readonly remedy?: string;
}

const GRANT = "Run resmon as root, or let this user read the file";

interface OpenSensor extends Sensor {
  readonly files: readonly OpenFile[];
}

/**
 * A collector of sensors, with their files kept open. One that is off gives gaps until it is on; one that cannot be read is
 * left out, with its reason; when one has gone, as after its driver was loaded anew, all are found again. Where they answer
 * slowly, they are read less often than once a tick.
 */
export class SensorCollector implements Collector {
  readonly name: string;
  readonly metrics: readonly MetricName[];
  readonly sources: readonly string[];
  series: readonly string[] = [];
  period: number | undefined;
  readonly #options: SensorOptions;
  #environment: Environment | undefined;
  #sensors: readonly OpenSensor[] = [];
  #moved = false;

  constructor(options: SensorOptions) {
    this.name = options.name;
    this.metrics = options.metrics;
    this.sources = options.sources;
    this.#options = options;
  }

  open(environment: Environment): void {
    this.#environment = environment;
    openWhole(this, () => {
      this.#find(environment);
      this.period = affordablePeriod(measureCost(() => this.collect()), environment.interval);
    }, this.#options.remedy);
  }

  collect(): Reading {
    const environment = this.#environment;
    if (environment === undefined) throw new Error("Cannot read sensors: they are not open");
    if (this.#moved) this.#find(environment);
    return { values: this.#sensors.map((sensor) => this.#read(sensor, environment)) };
  }

  close(): void {
    for (const sensor of this.#sensors) closeAll(sensor.files);
    this.#sensors = [];
    this.series = [];
  }

  #find({ root, report }: Environment): void {
    this.close();
    const { find, none } = this.#options;
    const failures: Failure[] = [];
    const found = find(root, (failure) => failures.push(failure));
    this.#sensors = found.flatMap((sensor) => openSensor(root, sensor, failures));
    const [first] = failures;
    if (this.#sensors.length === 0) {
      const { state = "absent", reason = none } = first ?? {};
      throw new Unavailable(state, reason, this.#remedyOf(state));
    }
    for (const { state, reason } of failures) {
      report({ state, reason, metrics: this.metrics, ...(state === "denied" ? { remedy: GRANT } : {}) });
    }
    this.#moved = false;
    this.series = this.#sensors.map(({ metric, labels }) => formatSeries(metric, labels));
  }

  #remedyOf(state: Failure["state"]): string | undefined {
    return state === "denied" ? GRANT : this.#options.remedy;
  }

  #read(sensor: OpenSensor, { report }: Environment): number | null {
    try {
      return valueOf(sensor);
    } catch (error) {
      const failure = describeFailure(error);
      if (failure.state === "absent") this.#moved = true;
      else report({ ...failure, metrics: [sensor.metric] });
      return null;
    }
  }
}

/** The metrics of sensors that can be read, or could if they were on. */
export function readableMetrics(root: Root, sensors: readonly Sensor[]): Set<MetricName> {
  const opened = sensors.flatMap((sensor) => openSensor(root, sensor, []));
  for (const { files } of opened) closeAll(files);
  return new Set(opened.map(({ metric }) => metric));
}

function valueOf({ files, parse }: OpenSensor): number | null {
  return parse(...files.map((file) => file.read()));
}

// A sensor that is off may come on later; one that gives nothing else is left out.
function openSensor(root: Root, sensor: Sensor, failures: Failure[]): OpenSensor[] {
  const files: OpenFile[] = [];
  try {
    for (const path of sensor.paths) files.push(root.open(path));
    const opened = { ...sensor, files };
    valueOf(opened);
    return [opened];
  } catch (error) {
    const failure = describeFailure(error);
    failures.push(failure);
    if (failure.state === "off" && files.length === sensor.paths.length) return [{ ...sensor, files }];
    closeAll(files);
    return [];
  }
}

function closeAll(files: readonly OpenFile[]): void {
  for (const file of files) file.close();
}
