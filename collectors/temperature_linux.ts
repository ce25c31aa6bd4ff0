import type { Failure } from "../lib/availability.ts";
import { parseIntegerFile } from "../lib/parse.ts";
import type { Root } from "../lib/root.ts";
import { type Sensor, SensorCollector } from "./sensor_collector.ts";
import { findSensors } from "./temperature_sensors_linux.ts";

// What Tegra's driver gives for a block that is powered down.
const GATED_CELSIUS = -256;

/** Parses a temperature of hwmon or of a thermal zone, in thousandths of a degree; null where it is off. Throws SyntaxError. */
export function parseMillidegrees(text: string): number | null {
  const celsius = parseIntegerFile(text, "temperature") / 1000;
  return celsius === GATED_CELSIUS ? null : celsius;
}

/** Temperatures of the machine, from `/sys/class/hwmon` and, for zones that have no sensor there, `/sys/class/thermal`. */
export class TemperatureCollector extends SensorCollector {
  constructor() {
    super({
      name: "temperature",
      metrics: ["system_temperature_celsius"],
      sources: ["/sys/class/hwmon", "/sys/class/thermal"],
      find: findTemperatures,
      none: "Cannot find a temperature sensor: /sys/class/hwmon and /sys/class/thermal have none",
      remedy: "Virtual machines have none; on hardware load the driver of its sensors (sensors-detect finds it)",
    });
  }
}

/** The temperatures of the machine, see {@linkcode findSensors}. */
export function findTemperatures(root: Root, onFailure: (failure: Failure) => void): Sensor[] {
  return findSensors(root, onFailure).map(({ name, path }) => ({
    metric: "system_temperature_celsius",
    labels: { sensor: name },
    paths: [path],
    parse: parseMillidegrees,
  }));
}
