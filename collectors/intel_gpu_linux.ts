import { parseCountFile } from "../lib/parse.ts";
import type { Root } from "../lib/root.ts";
import { type HwmonSensor, listHwmonSensors } from "./card_hwmon_linux.ts";
import { CardCollector, type CardSensor, counted } from "./card_collector_linux.ts";
import { type DrmCard, findCards, listOrNone } from "./drm_cards_linux.ts";
import { parseMillidegrees } from "./temperature_linux.ts";

const DRIVERS = ["i915", "xe"];

// Of the first graphics unit (GT) of a card and of the one for media, as i915 and xe lay them out; below them older kernels'.
const CLOCKS = [
  { clock: "graphics", files: ["gt/gt0/rps_act_freq_mhz", "device/tile0/gt0/freq0/act_freq", "gt_act_freq_mhz"] },
  { clock: "video", files: ["gt/gt1/rps_act_freq_mhz", "device/tile0/gt1/freq0/act_freq"] },
] as const;
// Of energies the first is the whole card's and the second its chip's; of temperatures i915 has the first, xe the others.
const HWMON: readonly HwmonSensor[] = [
  { file: "energy1_input", metric: "gpu_energy_joules_total", parse: counted("energy", 1e6) },
  { file: "energy2_input", metric: "gpu_energy_joules_total", parse: counted("energy", 1e6) },
  { file: "power1_max", metric: "gpu_power_limit_watts", parse: parseLimit },
  { file: "temp1_input", metric: "gpu_temperature_celsius", labels: { sensor: "gpu" }, parse: parseMillidegrees },
  { file: "temp2_input", metric: "gpu_temperature_celsius", labels: { sensor: "gpu" }, parse: parseMillidegrees },
  { file: "temp3_input", metric: "gpu_temperature_celsius", labels: { sensor: "memory" }, parse: parseMillidegrees },
  { file: "fan1_input", metric: "gpu_fan_rpm", parse: counted("fan speed") },
];

/** The Intel cards of the machine. */
export function findIntelCards(root: Root): DrmCard[] {
  return findCards(root).filter(({ driver }) => driver !== undefined && DRIVERS.includes(driver));
}

/** Intel GPUs by the files of their drivers i915 and xe in `/sys/class/drm/card<N>`. They do not tell how busy the GPU is. */
export class IntelGpuCollector extends CardCollector {
  constructor() {
    super({
      name: "intel_gpu",
      metrics: [
        "gpu_energy_joules_total",
        "gpu_power_limit_watts",
        "gpu_temperature_celsius",
        "gpu_clock_hertz",
        "gpu_fan_rpm",
      ],
      sources: ["/sys/class/drm/card<N>: gt/gt<M>/rps_act_freq_mhz, device/tile0/gt<M>/freq0, device/hwmon"],
      vendor: "Intel",
      remedy: "Where the machine has one, load its driver: sudo modprobe i915, or xe for cards since 2024",
      find: findIntelCards,
      list: listSensors,
    });
  }
}

function listSensors(root: Root, card: DrmCard): CardSensor[] {
  return [...listClocks(root, card), ...listHwmonSensors(root, card, HWMON)];
}

function listClocks(root: Root, { folder }: DrmCard): CardSensor[] {
  return CLOCKS.flatMap(({ clock, files }) => {
    const path = files.map((file) => `${folder}/${file}`).find((each) => exists(root, each));
    if (path === undefined) return [];
    return [{ metric: "gpu_clock_hertz" as const, labels: { clock }, path, parse: counted("clock", 1e-6) }];
  });
}

function exists(root: Root, path: string): boolean {
  const slash = path.lastIndexOf("/");
  return listOrNone(root, path.slice(0, slash)).includes(path.slice(slash + 1));
}

// 0 switches the limit off.
function parseLimit(text: string): number | null {
  return parseCountFile(text, "power limit") / 1e6 || null;
}
