/** What nvidia-smi prints with `--format=csv,noheader,nounits`; `nvidia-smi --help-query-gpu` describes every field. */

import type { MetricName } from "../lib/metrics.ts";
import { parseCount, parseDecimal, parseMask } from "../lib/parse.ts";
import { gpuSeries, plausible, THROTTLE_REASONS, throttleStates } from "./nvidia_reading.ts";

/** Why a field holds no number: never, not for this user, not this time, or because the GPU is gone. */
export type SmiAbsence = "unsupported" | "denied" | "later" | "lost";

/** A field of `--query-gpu` and what resmon makes of it. */
export interface SmiField {
  readonly field: string;
  readonly metric: MetricName;
  /** The series that it fills. */
  readonly series: (gpu: string) => readonly string[];
  /** Its values in base units. Throws SyntaxError. */
  readonly read: (text: string) => readonly (number | null)[];
}

/** Who a GPU is. The name comes last: of a line that was cut off, every number is whole. */
const IDENTITY = ["index", "uuid", "pci.bus_id", "driver_version"] as const;

/** A line of `--query-gpu`. */
export interface SmiLine {
  readonly gpu: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** In the order of the fields that were asked for. */
  readonly texts: readonly string[];
}

const MIB = 2 ** 20;
const MHZ = 1_000_000;

/** The fields with numbers. Old drivers know them by these names, and new ones still do; one that is refused is left out. */
export const SMI_FIELDS: readonly SmiField[] = [
  number("utilization.gpu", "gpu_utilization_percent", (value) => plausible(value, "percent")),
  number("utilization.memory", "gpu_memory_busy_percent", (value) => plausible(value, "percent")),
  number("utilization.encoder", "gpu_encoder_percent", (value) => plausible(value, "percent")),
  number("utilization.decoder", "gpu_decoder_percent", (value) => plausible(value, "percent")),
  number("memory.used", "gpu_memory_used_bytes", (value) => plausible(value * MIB, "bytes")),
  number("memory.total", "gpu_memory_total_bytes", (value) => plausible(value * MIB, "bytes")),
  number("power.draw", "gpu_power_watts", (value) => plausible(value, "watts")),
  number("enforced.power.limit", "gpu_power_limit_watts", (value) => plausible(value, "watts")),
  temperature("temperature.gpu", "gpu"),
  temperature("temperature.memory", "memory"),
  clock("clocks.gr", "graphics"),
  clock("clocks.sm", "sm"),
  clock("clocks.mem", "memory"),
  clock("clocks.video", "video"),
  number("fan.speed", "gpu_fan_percent", (value) => plausible(value, "fan")),
  {
    field: "clocks_throttle_reasons.active",
    metric: "gpu_throttle",
    series: (gpu) => Object.keys(THROTTLE_REASONS).map((state) => gpuSeries("gpu_throttle", gpu, { state })),
    read: (text) => throttleStates(Number(bigMask(text))),
  },
  ...["corrected", "uncorrected"].map((kind): SmiField => ({
    field: `ecc.errors.${kind}.volatile.total`,
    metric: "gpu_ecc_errors_total",
    series: (gpu) => [gpuSeries("gpu_ecc_errors_total", gpu, { kind })],
    read: (text) => [parseCount(text, kind)],
  })),
];

/** The words that make nvidia-smi print some fields of every GPU, again and again. */
export function smiArguments(fields: readonly SmiField[], milliseconds: number): string[] {
  const names = [...IDENTITY, ...fields.map(({ field }) => field), "name"];
  return [`--query-gpu=${names.join(",")}`, "--format=csv,noheader,nounits", "-lms", `${milliseconds}`];
}

/** Reads a line that was asked for by {@linkcode smiArguments}. Throws SyntaxError. */
export function parseSmiLine(line: string, fields: readonly SmiField[]): SmiLine {
  const all = line.split(", ").map((text) => text.trim());
  if (all.length !== IDENTITY.length + fields.length + 1) {
    throw new SyntaxError(`Cannot parse a line of nvidia-smi: ${JSON.stringify(line.slice(0, 120))}`);
  }
  const [index, uuid = "", bus = "", driver = "", ...texts] = all;
  const name = texts.pop() ?? "";
  const gpu = `${parseCount(index, "index of nvidia-smi")}`;
  return { gpu, name, attributes: { uuid, bus, driver }, texts };
}

const ABSENCES: Readonly<Record<string, SmiAbsence>> = {
  "N/A": "unsupported",
  "[N/A]": "unsupported",
  "[Not Supported]": "unsupported",
  "[Requested functionality has been deprecated]": "unsupported",
  "[Insufficient Permissions]": "denied",
  "[Unknown Error]": "later",
  "[GPU requires reset]": "lost",
  "[GPU is lost]": "lost",
};

/** Reads one of the ways in which nvidia-smi says that there is no number; undefined for anything else. */
export function parseSmiAbsence(text: string): SmiAbsence | undefined {
  return ABSENCES[text] ?? (/^\[.+\]$/.test(text) ? "later" : undefined);
}

const FAILURES =
  /^(?:NVIDIA-SMI has failed|Failed to initialize NVML|No devices were found|Unable to determine the device)/;

/** Whether a line says that nvidia-smi can read nothing: it prints that to stdout, where the numbers should be. */
export function isSmiFailure(line: string): boolean {
  return FAILURES.test(line);
}

/** The field that nvidia-smi does not know, in the text in which it says so. */
export function refusedSmiField(line: string): string | undefined {
  return /Field "(.+)" is not a valid field to query/.exec(line)?.[1];
}

function number(field: string, metric: MetricName, convert: (value: number) => number | null): SmiField {
  return {
    field,
    metric,
    series: (gpu) => [gpuSeries(metric, gpu)],
    read: (text) => [convert(parseDecimal(text, field))],
  };
}

function temperature(field: string, sensor: string): SmiField {
  return {
    field,
    metric: "gpu_temperature_celsius",
    series: (gpu) => [gpuSeries("gpu_temperature_celsius", gpu, { sensor })],
    read: (text) => [plausible(parseDecimal(text, field), "celsius")],
  };
}

function clock(field: string, name: string): SmiField {
  return {
    field,
    metric: "gpu_clock_hertz",
    series: (gpu) => [gpuSeries("gpu_clock_hertz", gpu, { clock: name })],
    read: (text) => {
      const megahertz = plausible(parseDecimal(text, field), "megahertz");
      return [megahertz === null ? null : megahertz * MHZ];
    },
  };
}

function bigMask(text: string): bigint {
  return parseMask(text.replace(/^0x/, ""), "clock reasons of nvidia-smi");
}
