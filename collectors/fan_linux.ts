import type { Failure } from "../lib/availability.ts";
import type { MetricName } from "../lib/metrics.ts";
import { parseCountFile } from "../lib/parse.ts";
import type { Root } from "../lib/root.ts";
import { type Chip, findChips, inputNames, inputNumbers } from "./hwmon_linux.ts";
import { nameApart, type Names } from "./name_apart.ts";
import { requirePlausible } from "./plausible.ts";
import { type Sensor, SensorCollector } from "./sensor_collector.ts";
import { listFolders } from "./sysfs.ts";

const MOST_RPM = 100_000;
const FULL_DRIVE = 255;

// NVIDIA's driver of L4T 32 and before.
const PWM_FAN = "/sys/devices/pwm-fan";

// Read by the collectors of GPUs.
const GPU_DRIVERS = ["amdgpu", "i915", "xe"];

/** Parses the speed of a fan, in revolutions per minute. Throws SyntaxError. */
export function parseFanSpeed(text: string): number {
  return requirePlausible(parseCountFile(text, "speed of a fan"), { least: 0, most: MOST_RPM }, "the speed of a fan");
}

/** Parses the pulse width of a fan, of 0 to 255, into percent. Throws SyntaxError. */
export function parseFanDrive(text: string): number {
  const drive = parseCountFile(text, "pwm of a fan");
  return 100 * requirePlausible(drive, { least: 0, most: FULL_DRIVE }, "the pwm of a fan") / FULL_DRIVE;
}

/** Fans of the machine, by `/sys/class/hwmon`, and by the driver of older Jetsons. */
export class FanCollector extends SensorCollector {
  constructor() {
    super({
      name: "fan",
      metrics: ["system_fan_rpm", "system_fan_percent"],
      sources: ["/sys/class/hwmon: fan*_input, pwm*", `${PWM_FAN}: rpm_measured, cur_pwm`],
      find: findFans,
      none: "Cannot find a fan: no chip in /sys/class/hwmon has one",
      remedy: "Many machines have none, or hide it; on others load the driver of the fan (sensors-detect finds it)",
    });
  }
}

interface Fan {
  readonly names: Names;
  readonly files: Partial<Record<"system_fan_rpm" | "system_fan_percent", string>>;
}

/** The speed and the drive of each fan. */
export function findFans(root: Root, onFailure: (failure: Failure) => void): Sensor[] {
  const chips = findChips(root, onFailure).filter(({ name }) => !GPU_DRIVERS.includes(name));
  const fans = [...chips.flatMap((chip) => chipFans(root, chip)), ...jetsonFans(root)];
  const names = nameApart(fans.map((fan) => fan.names));
  return fans.flatMap(({ files }, index) => {
    const labels = { fan: names[index] ?? "" };
    return [
      ...sensorsOf("system_fan_rpm", files.system_fan_rpm, { labels, parse: parseFanSpeed }),
      ...sensorsOf("system_fan_percent", files.system_fan_percent, { labels, parse: parseFanDrive }),
    ];
  });
}

function sensorsOf(metric: MetricName, path: string | undefined, rest: Pick<Sensor, "labels" | "parse">): Sensor[] {
  return path === undefined ? [] : [{ metric, paths: [path], ...rest }];
}

// The drive of a number is nearly always that of the fan of the same number. The tachometer of a Jetson calls its file `rpm`.
function chipFans(root: Root, chip: Chip): Fan[] {
  const { folder, files } = chip;
  if (files.includes("rpm")) return [{ names: [chip.name], files: { system_fan_rpm: `${folder}/rpm` } }];
  return inputNumbers(chip, /^(?:fan(?=\d+_input$)|pwm(?=\d+$))(\d+)/).map((number) => ({
    names: inputNames(root, chip, `fan${number}`),
    files: {
      ...(files.includes(`fan${number}_input`) ? { system_fan_rpm: `${folder}/fan${number}_input` } : {}),
      ...(files.includes(`pwm${number}`) ? { system_fan_percent: `${folder}/pwm${number}` } : {}),
    },
  }));
}

function jetsonFans(root: Root): Fan[] {
  const files = listFolders(root, PWM_FAN);
  const drive = [`${PWM_FAN}/cur_pwm`, `${PWM_FAN}/target_pwm`].find((path) => files.includes(path));
  const speed = files.find((path) => path === `${PWM_FAN}/rpm_measured`);
  return [{
    names: ["pwm-fan"],
    files: {
      ...(speed === undefined ? {} : { system_fan_rpm: speed }),
      ...(drive === undefined ? {} : { system_fan_percent: drive }),
    },
  }];
}
