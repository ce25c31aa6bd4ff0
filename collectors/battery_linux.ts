import type { Failure } from "../lib/availability.ts";
import { parseCountFile, parseIntegerFile } from "../lib/parse.ts";
import type { Root } from "../lib/root.ts";
import { POWER_BOUNDS, requirePlausible } from "./plausible.ts";
import { type Sensor, SensorCollector } from "./sensor_collector.ts";
import { basename, listFolders, readLine } from "./sysfs.ts";

const POWER_SUPPLY = "/sys/class/power_supply";

// Of the kernel's ABI/testing/sysfs-class-power.
const STATES = ["Unknown", "Charging", "Discharging", "Not charging", "Full"];

/** Parses the charge of a battery, in percent. Throws SyntaxError. */
export function parseBatteryCharge(text: string): number {
  return requirePlausible(parseCountFile(text, "charge of a battery"), { least: 0, most: 100 }, "the charge");
}

/** Parses the state of a battery: 1 while it discharges, else 0; null where it does not know. Throws SyntaxError. */
export function parseBatteryState(text: string): number | null {
  const state = text.endsWith("\n") ? text.slice(0, -1) : "";
  if (!STATES.includes(state)) throw new SyntaxError(`Cannot parse state of a battery: ${JSON.stringify(state)}`);
  return state === "Unknown" ? null : state === "Discharging" ? 1 : 0;
}

/**
 * Parses what a battery gives or takes, in µW, or in µV and µA, into watts. Drivers disagree about the sign of what it gives:
 * it is left out. Throws SyntaxError.
 */
export function parseBatteryPower(power: string, current?: string): number {
  const watts = current === undefined
    ? parseIntegerFile(power, "power of a battery") / 1e6
    : parseIntegerFile(power, "voltage of a battery") * parseIntegerFile(current, "current of a battery") / 1e12;
  return requirePlausible(Math.abs(watts), POWER_BOUNDS, "the power of a battery");
}

/**
 * Batteries of the machine, by the kernel's power_supply class. What one gives while it discharges is what the whole machine
 * draws; drivers ask the battery only every few seconds.
 */
export class BatteryCollector extends SensorCollector {
  constructor() {
    super({
      name: "battery",
      metrics: ["battery_charge_percent", "battery_discharging", "power_watts"],
      sources: [`${POWER_SUPPLY}: capacity, status, power_now, current_now, voltage_now`],
      find: findBatteries,
      none: `Cannot find a battery: ${POWER_SUPPLY} has none of the machine's own`,
      remedy: "Only portable machines have one",
    });
  }
}

/** What each battery tells, except those of mice and other devices. */
export function findBatteries(root: Root, onFailure: (failure: Failure) => void): Sensor[] {
  const folders = listFolders(root, POWER_SUPPLY).filter((folder) =>
    !basename(folder).startsWith("ucsi-source-psy") && readLine(root, `${folder}/type`, onFailure) === "Battery" &&
    readLine(root, `${folder}/scope`) !== "Device" && readLine(root, `${folder}/present`) !== "0"
  );
  return folders.flatMap((folder) => batterySensors(root, folder));
}

function batterySensors(root: Root, folder: string): Sensor[] {
  const battery = basename(folder);
  const told = root.list(folder).includes("power_now") ? ["power_now"] : ["voltage_now", "current_now"];
  return [
    {
      metric: "battery_charge_percent",
      labels: { battery },
      paths: [`${folder}/capacity`],
      parse: parseBatteryCharge,
    },
    { metric: "battery_discharging", labels: { battery }, paths: [`${folder}/status`], parse: parseBatteryState },
    {
      metric: "power_watts",
      labels: { device: battery, rail: "battery", scope: "machine" },
      paths: ["status", ...told].map((file) => `${folder}/${file}`),
      parse: dischargePower,
    },
  ];
}

// A machine that runs draws something: 0 is a driver that does not know.
function dischargePower(state: string, power: string, current?: string): number | null {
  const watts = parseBatteryState(state) === 1 ? parseBatteryPower(power, current) : 0;
  return watts > 0 ? watts : null;
}
