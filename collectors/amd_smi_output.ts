import { amountOf, itemsOf, memberOf, membersOf, textOf } from "../lib/json.ts";
import type { MetricName } from "../lib/metrics.ts";
import { parseDecimal } from "../lib/parse.ts";
import { isPlausible } from "../lib/plausible.ts";

/** What a tool of AMD tells of one GPU. */
export interface AmdSmiGpu {
  /** Its number among the GPUs that the tool sees. */
  readonly index: number;
  /** Place on the PCI bus, where it is told. */
  readonly slot: string | undefined;
  readonly values: readonly AmdSmiValue[];
}

/** A value in the unit of its metric. */
export interface AmdSmiValue {
  readonly metric: MetricName;
  /** Labels beside `gpu`. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Field extends Omit<AmdSmiValue, "value"> {
  /** By the tool's version; the first that tells a number counts. */
  readonly paths: readonly (readonly string[])[];
  /** From the unit of the tool to that of the metric, where it does not say its unit itself. */
  readonly factor?: number;
}

const MEBI = 2 ** 20;
// Sizes in MB are of 2^20 bytes, see the tool's source.
const FACTORS: Readonly<Record<string, number>> = { "%": 1, W: 1, J: 1, C: 1, MB: MEBI, B: 1, MHz: 1e6, RPM: 1 };

const METRIC_FIELDS: readonly Field[] = [
  { metric: "gpu_utilization_percent", paths: [["usage", "gfx_activity"]] },
  { metric: "gpu_memory_busy_percent", paths: [["usage", "umc_activity"]] },
  { metric: "gpu_memory_used_bytes", paths: [["mem_usage", "used_vram"]], factor: MEBI },
  { metric: "gpu_memory_total_bytes", paths: [["mem_usage", "total_vram"]], factor: MEBI },
  { metric: "gpu_shared_memory_used_bytes", paths: [["mem_usage", "used_gtt"]], factor: MEBI },
  { metric: "gpu_shared_memory_total_bytes", paths: [["mem_usage", "total_gtt"]], factor: MEBI },
  { metric: "gpu_power_watts", paths: [["power", "socket_power"], ["power", "average_socket_power"]] },
  { metric: "gpu_energy_joules_total", paths: [["energy", "total_energy_consumption"]] },
  { metric: "gpu_temperature_celsius", labels: { sensor: "gpu" }, paths: [["temperature", "edge"]] },
  { metric: "gpu_temperature_celsius", labels: { sensor: "hotspot" }, paths: [["temperature", "hotspot"]] },
  { metric: "gpu_temperature_celsius", labels: { sensor: "memory" }, paths: [["temperature", "mem"]] },
  { metric: "gpu_clock_hertz", labels: { clock: "graphics" }, paths: [["clock", "gfx_0", "clk"]], factor: 1e6 },
  { metric: "gpu_clock_hertz", labels: { clock: "memory" }, paths: [["clock", "mem_0", "clk"]], factor: 1e6 },
  { metric: "gpu_fan_rpm", paths: [["fan", "rpm"]] },
];

const ROCM_FIELDS: readonly Field[] = [
  { metric: "gpu_utilization_percent", paths: [["GPU use (%)"]] },
  { metric: "gpu_memory_busy_percent", paths: [["GPU Memory Read/Write Activity (%)"]] },
  { metric: "gpu_memory_used_bytes", paths: [["VRAM Total Used Memory (B)"]] },
  { metric: "gpu_memory_total_bytes", paths: [["VRAM Total Memory (B)"]] },
  { metric: "gpu_shared_memory_used_bytes", paths: [["GTT Total Used Memory (B)"]] },
  { metric: "gpu_shared_memory_total_bytes", paths: [["GTT Total Memory (B)"]] },
  {
    metric: "gpu_power_watts",
    paths: [["Average Graphics Package Power (W)"], ["Current Socket Graphics Package Power (W)"]],
  },
  { metric: "gpu_power_limit_watts", paths: [["Max Graphics Package Power (W)"]] },
  { metric: "gpu_energy_joules_total", paths: [["Accumulated Energy (uJ)"]], factor: 1e-6 },
  { metric: "gpu_temperature_celsius", labels: { sensor: "gpu" }, paths: [["Temperature (Sensor edge) (C)"]] },
  { metric: "gpu_temperature_celsius", labels: { sensor: "hotspot" }, paths: [["Temperature (Sensor junction) (C)"]] },
  { metric: "gpu_temperature_celsius", labels: { sensor: "memory" }, paths: [["Temperature (Sensor memory) (C)"]] },
  { metric: "gpu_clock_hertz", labels: { clock: "graphics" }, paths: [["sclk clock speed:"]], factor: 1e6 },
  { metric: "gpu_clock_hertz", labels: { clock: "memory" }, paths: [["mclk clock speed:"]], factor: 1e6 },
  { metric: "gpu_fan_rpm", paths: [["Fan RPM"]] },
];

/** Every metric that the tools may tell. */
export const AMD_SMI_METRICS: readonly MetricName[] = [
  ...new Set([...METRIC_FIELDS, ...ROCM_FIELDS].map(({ metric }) => metric)),
];

/**
 * Reads an object of `amd-smi metric --json`: one GPU of its list (ROCm 6), or an object with all (ROCm 7). Throws SyntaxError
 * for an object of another kind.
 */
export function readAmdSmi(output: unknown): AmdSmiGpu[] {
  const list = memberOf(output, "gpu_data");
  const gpus = (list === undefined ? [output] : itemsOf(list)).flatMap((gpu) => {
    const index = amountOf(memberOf(gpu, "gpu"));
    return index === undefined ? [] : [{ index, slot: undefined, values: readFields(gpu, METRIC_FIELDS) }];
  });
  if (gpus.length === 0) throw new SyntaxError("Cannot parse what amd-smi prints: gpu is missing");
  return gpus;
}

/** Reads the object of `rocm-smi --json`, in which all values are texts. Throws SyntaxError for an object of another kind. */
export function readRocmSmi(output: unknown): AmdSmiGpu[] {
  const gpus = membersOf(output).flatMap(([name, card]) => {
    const number = /^card(\d{1,4})$/.exec(name)?.[1];
    if (number === undefined) return [];
    const slot = textOf(memberOf(card, "PCI Bus"))?.toLowerCase();
    return [{ index: parseDecimal(number, "number of the card"), slot, values: readFields(card, ROCM_FIELDS) }];
  });
  if (gpus.length === 0) throw new SyntaxError("Cannot parse what rocm-smi prints: card0 is missing");
  return gpus;
}

function readFields(gpu: unknown, fields: readonly Field[]): AmdSmiValue[] {
  return fields.flatMap(({ paths, factor = 1, ...field }) => {
    const value = paths.map((path) => quantityOf(memberOf(gpu, ...path), factor)).find((each) => each !== undefined);
    return value === undefined || !isPlausible(field.metric, value) ? [] : [{ ...field, value }];
  });
}

// `{"value": 10, "unit": "W"}`, a number, or a text such as "45.0", "(500Mhz)" and "N/A".
function quantityOf(found: unknown, factor: number): number | undefined {
  if (typeof found === "string") return scaled(numberIn(found), factor);
  const unit = memberOf(found, "unit");
  if (unit === undefined) return scaled(amountOf(found), factor);
  return scaled(amountOf(memberOf(found, "value")), FACTORS[textOf(unit) ?? ""]);
}

function scaled(amount: number | undefined, factor: number | undefined): number | undefined {
  return amount === undefined || factor === undefined ? undefined : amount * factor;
}

function numberIn(text: string): number | undefined {
  const number = /^\(?(\d{1,20}(?:\.\d+)?)(?:mhz)?\)?$/i.exec(text.trim())?.[1];
  return number === undefined ? undefined : parseDecimal(number, "number");
}
