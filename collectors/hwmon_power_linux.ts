import type { Failure } from "../lib/availability.ts";
import type { Root } from "../lib/root.ts";
import { type Chip, findChips, inputNumbers } from "./hwmon_linux.ts";
import { findRailChips } from "./jetson_rails_linux.ts";
import { nameApart } from "./name_apart.ts";
import { parseMicrojoules, parseMicrowatts } from "./power_files.ts";
import { type Sensor, SensorCollector } from "./sensor_collector.ts";
import { basename, listFolders, readLine } from "./sysfs.ts";

const POWER = /^power(\d+)_(?:input|average)$/;
const ENERGY = /^energy(\d+)_input$/;

// Read by the collectors of GPUs.
const GPU_DRIVERS = ["amdgpu", "i915", "xe"];

/** Power and energy of the devices that have a chip for it in `/sys/class/hwmon`, such as power supplies and network cards. */
export class HwmonPowerCollector extends SensorCollector {
  constructor() {
    super({
      name: "hwmon_power",
      metrics: ["power_watts", "power_energy_joules_total"],
      sources: ["/sys/class/hwmon: power*_input, power*_average, energy*_input"],
      find: findHwmonPower,
      none: "Cannot find a power sensor: no chip in /sys/class/hwmon has one",
      remedy: "Few machines have one; where there is one, load its driver (sensors-detect of lm-sensors finds it)",
    });
  }
}

/** The power and energy inputs of all chips that no other collector takes. */
export function findHwmonPower(root: Root, onFailure: (failure: Failure) => void): Sensor[] {
  const others = new Set([
    ...listFolders(root, "/sys/class/power_supply").map(basename),
    ...findRailChips(root).map(({ address }) => address),
  ]);
  const chips = findChips(root, onFailure).filter((chip) =>
    !GPU_DRIVERS.includes(chip.name) && !others.has(chip.device) && hasPower(chip)
  );
  const devices = nameApart(chips.map(({ name, device, folder }) => {
    const full = `${name} (${device})`;
    return [name, full, `${full} ${basename(folder)}`];
  }));
  return chips.flatMap((chip, index) => chipSensors(root, chip, devices[index] ?? chip.name));
}

function hasPower(chip: Chip): boolean {
  return inputNumbers(chip, POWER).length > 0 || inputNumbers(chip, ENERGY).length > 0;
}

function chipSensors(root: Root, chip: Chip, device: string): Sensor[] {
  const powers = inputNumbers(chip, POWER);
  const energies = inputNumbers(chip, ENERGY);
  return [
    ...railsOf(root, chip, powers.map((number) => `power${number}`)).map(({ input, rail }): Sensor => ({
      metric: "power_watts",
      labels: { device, rail, scope: "device" },
      paths: [`${chip.folder}/${input}_${chip.files.includes(`${input}_input`) ? "input" : "average"}`],
      parse: parseMicrowatts,
    })),
    ...railsOf(root, chip, energies.map((number) => `energy${number}`)).map(({ input, rail }): Sensor => ({
      metric: "power_energy_joules_total",
      labels: { device, rail, scope: "device" },
      paths: [`${chip.folder}/${input}_input`],
      parse: parseMicrojoules,
    })),
  ];
}

// An energy without a label is that of the power of its number.
function railsOf(
  root: Root,
  { folder }: Chip,
  inputs: readonly string[],
): { readonly input: string; readonly rail: string }[] {
  const rails = nameApart(inputs.map((input) => {
    const power = input.replace("energy", "power");
    const label = readLine(root, `${folder}/${input}_label`) ?? readLine(root, `${folder}/${power}_label`);
    return label === undefined ? [power] : [label, `${label} ${power}`];
  }));
  return inputs.map((input, index) => ({ input, rail: rails[index] ?? input }));
}
