/** Files of sysfs that tell power: integers of a thousandth or millionth of a unit, and a newline. */

import { parseCountFile, parseIntegerFile } from "../lib/parse.ts";
import { POWER_BOUNDS, requirePlausible } from "./plausible.ts";

/** Parses µW, as of hwmon and powercap, into watts. Throws SyntaxError. */
export function parseMicrowatts(text: string): number {
  return requirePlausible(parseIntegerFile(text, "power") / 1e6, POWER_BOUNDS, "power");
}

/** Parses mW, as of the driver ina3221x, into watts. Throws SyntaxError. */
export function parseMilliwatts(text: string): number {
  return requirePlausible(parseIntegerFile(text, "power") / 1e3, POWER_BOUNDS, "power");
}

/** Parses mV and mA, as of the driver ina3221, into watts. Throws SyntaxError. */
export function parseMillivoltsAndMilliamperes(voltage: string, current: string): number {
  const watts = parseIntegerFile(voltage, "voltage") * parseIntegerFile(current, "current") / 1e6;
  return requirePlausible(watts, POWER_BOUNDS, "power");
}

/** Parses µJ, as of hwmon and powercap, into joules. Throws SyntaxError. */
export function parseMicrojoules(text: string): number {
  return parseCountFile(text, "energy") / 1e6;
}
