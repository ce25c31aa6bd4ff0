import { type Collector, type Environment, type Reading, Unavailable } from "../lib/contracts.ts";
import { parseIntegerFile } from "../lib/parse.ts";
import type { OpenFile, Root } from "../lib/root.ts";
import { formatSeries } from "../lib/series.ts";
import { describeFailure, type Failure, openWhole } from "../lib/availability.ts";
import { affordablePeriod, measureCost } from "./pace.ts";
import { findSensors, type SensorPath } from "./temperature_sensors_linux.ts";

const NO_SENSOR = "Cannot find a temperature sensor: /sys/class/hwmon and /sys/class/thermal have none";
const REMEDY =
  "Virtual machines have none; on hardware load the driver of its sensors (sensors-detect of lm-sensors finds it)";

// What Tegra's driver gives for a block that is powered down.
const GATED_CELSIUS = -256;

/** Parses a temperature of hwmon or of a thermal zone, in thousandths of a degree; null where it is off. Throws SyntaxError. */
export function parseMillidegrees(text: string): number | null {
  const celsius = parseIntegerFile(text, "temperature") / 1000;
  return celsius === GATED_CELSIUS ? null : celsius;
}

interface Sensor {
  readonly name: string;
  readonly file: OpenFile;
}

/**
 * Temperatures of the machine, from `/sys/class/hwmon` and, for zones that have no sensor there, `/sys/class/thermal`. Some
 * sensors answer slowly: then all are read less often than once a tick.
 */
export class TemperatureCollector implements Collector {
  readonly name = "temperature";
  readonly metrics = ["system_temperature_celsius"] as const;
  readonly sources = ["/sys/class/hwmon", "/sys/class/thermal"];
  series: readonly string[] = [];
  period?: number;
  #environment: Environment | undefined;
  #sensors: readonly Sensor[] = [];
  #moved = false;

  open(environment: Environment): void {
    this.#environment = environment;
    openWhole(this, () => {
      this.#find(environment);
      const period = affordablePeriod(measureCost(() => this.collect()), environment.interval);
      if (period !== undefined) this.period = period;
    }, REMEDY);
  }

  collect(): Reading {
    const environment = this.#environment;
    if (environment === undefined) throw new Error("Cannot read temperatures: the collector is not open");
    // A driver that was loaded anew has its sensors at other paths.
    if (this.#moved) this.#find(environment);
    return { values: this.#sensors.map((sensor) => this.#read(sensor, environment)) };
  }

  close(): void {
    for (const { file } of this.#sensors) file.close();
    this.#sensors = [];
    this.series = [];
  }

  #find({ root, report }: Environment): void {
    this.close();
    const failures: Failure[] = [];
    const paths = findSensors(root, (failure) => failures.push(failure));
    this.#sensors = paths.flatMap((path) => openSensor(root, path, failures));
    const [first] = failures;
    if (this.#sensors.length === 0) {
      throw new Unavailable(first?.state ?? "absent", first?.reason ?? NO_SENSOR, REMEDY);
    }
    for (const failure of failures) report({ ...failure, metrics: this.metrics });
    this.#moved = false;
    this.series = this.#sensors.map(({ name }) => formatSeries("system_temperature_celsius", { sensor: name }));
  }

  #read({ file }: Sensor, { report }: Environment): number | null {
    try {
      return parseMillidegrees(file.read());
    } catch (error) {
      const failure = describeFailure(error);
      if (failure.state === "absent") this.#moved = true;
      else report({ ...failure, metrics: this.metrics });
      return null;
    }
  }
}

// A sensor that is off may come on later; one that gives nothing else is left out.
function openSensor(root: Root, { name, path }: SensorPath, failures: Failure[]): Sensor[] {
  try {
    const file = root.open(path);
    return isUsable(file, failures) ? [{ name, file }] : [];
  } catch (error) {
    failures.push(describeFailure(error));
    return [];
  }
}

function isUsable(file: OpenFile, failures: Failure[]): boolean {
  try {
    parseMillidegrees(file.read());
    return true;
  } catch (error) {
    const failure = describeFailure(error);
    failures.push(failure);
    if (failure.state === "off") return true;
    file.close();
    return false;
  }
}
