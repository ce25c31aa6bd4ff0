import { parseCount, splitLines } from "../lib/parse.ts";
import type { Root } from "../lib/root.ts";
import { type HwmonSensor, listHwmonSensors } from "./card_hwmon_linux.ts";
import { CardCollector, type CardSensor, counted } from "./card_collector_linux.ts";
import { type DrmCard, findCards, listOrNone } from "./drm_cards_linux.ts";
import { parseMillidegrees } from "./temperature_linux.ts";

const VENDOR = "1002:";

/** The files beside the driver's own name for the card, see the kernel's gpu/amdgpu/thermal documentation. */
const DEVICE_FILES: readonly (readonly [file: string, metric: CardSensor["metric"]])[] = [
  ["gpu_busy_percent", "gpu_utilization_percent"],
  ["mem_busy_percent", "gpu_memory_busy_percent"],
  ["mem_info_vram_used", "gpu_memory_used_bytes"],
  ["mem_info_vram_total", "gpu_memory_total_bytes"],
  ["mem_info_gtt_used", "gpu_shared_memory_used_bytes"],
  ["mem_info_gtt_total", "gpu_shared_memory_total_bytes"],
];
// On kernels that do not tell the clocks as sensors.
const CLOCKS = [
  { file: "pp_dpm_sclk", labels: { clock: "graphics" } },
  { file: "pp_dpm_mclk", labels: { clock: "memory" } },
] as const;
const HWMON: readonly HwmonSensor[] = [
  { file: "power1_average", metric: "gpu_power_watts", parse: counted("power", 1e6) },
  { file: "power1_input", metric: "gpu_power_watts", parse: counted("power", 1e6) },
  { file: "power1_cap", metric: "gpu_power_limit_watts", parse: counted("power limit", 1e6) },
  { file: "energy1_input", metric: "gpu_energy_joules_total", parse: counted("energy", 1e6) },
  { file: "temp1_input", metric: "gpu_temperature_celsius", labels: { sensor: "gpu" }, parse: parseMillidegrees },
  { file: "temp2_input", metric: "gpu_temperature_celsius", labels: { sensor: "hotspot" }, parse: parseMillidegrees },
  { file: "temp3_input", metric: "gpu_temperature_celsius", labels: { sensor: "memory" }, parse: parseMillidegrees },
  { file: "freq1_input", metric: "gpu_clock_hertz", labels: { clock: "graphics" }, parse: counted("clock") },
  { file: "freq2_input", metric: "gpu_clock_hertz", labels: { clock: "memory" }, parse: counted("clock") },
  { file: "fan1_input", metric: "gpu_fan_rpm", parse: counted("fan speed") },
];

/**
 * Parses a table of clocks such as `pp_dpm_sclk`, lines of `1: 991Mhz *`, into the hertz of the current one, which has the star;
 * null where none has it. Throws SyntaxError.
 */
export function parseDpmClock(text: string): number | null {
  const line = splitLines(text, "clocks").find((each) => each.trimEnd().endsWith("*"));
  if (line === undefined) return null;
  return parseCount(/^\w+: (\d+)mhz \*$/i.exec(line.trimEnd())?.[1], `clock ${JSON.stringify(line)}`) * 1e6;
}

/** The AMD cards of the machine. */
export function findAmdCards(root: Root): DrmCard[] {
  return findCards(root).filter(({ pciId, driver }) => driver === "amdgpu" || pciId?.startsWith(VENDOR));
}

/** AMD GPUs by the files of their driver amdgpu in `/sys/class/drm/card<N>/device`. */
export class AmdGpuCollector extends CardCollector {
  constructor() {
    super({
      name: "amdgpu",
      metrics: [
        ...DEVICE_FILES.map(([, metric]) => metric),
        "gpu_power_watts",
        "gpu_power_limit_watts",
        "gpu_energy_joules_total",
        "gpu_temperature_celsius",
        "gpu_clock_hertz",
        "gpu_fan_rpm",
      ],
      sources: ["/sys/class/drm/card<N>/device: gpu_busy_percent, mem_info_*, pp_dpm_*, hwmon"],
      vendor: "AMD",
      remedy: "Where the machine has one, load its driver: sudo modprobe amdgpu",
      find: findAmdCards,
      list: listAmdSensors,
    });
  }
}

/** The files that tell of a card; none of them is read. */
export function listAmdSensors(root: Root, card: DrmCard): CardSensor[] {
  const files = new Set(listOrNone(root, card.device));
  const own = DEVICE_FILES.filter(([file]) => files.has(file))
    .map(([file, metric]) => ({ metric, path: `${card.device}/${file}`, parse: counted(file) }));
  const hwmon = listHwmonSensors(root, card, HWMON);
  const known = new Set(hwmon.map(({ labels }) => labels?.["clock"]));
  const clocks = CLOCKS.filter(({ file, labels }) => files.has(file) && !known.has(labels.clock))
    .map(({ file, labels }) => ({
      metric: "gpu_clock_hertz" as const,
      labels,
      path: `${card.device}/${file}`,
      parse: parseDpmClock,
    }));
  return [...own, ...hwmon, ...clocks];
}
