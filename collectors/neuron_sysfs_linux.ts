import { orGap } from "../lib/availability.ts";
import type { Environment } from "../lib/contracts.ts";
import { parseCount, parseCountFile, parseDecimal, splitLines } from "../lib/parse.ts";
import type { Root } from "../lib/root.ts";
import { formatSeries } from "../lib/series.ts";
import { listOrNone } from "./drm_cards_linux.ts";
import { sumOrNull, type Told } from "./neuron_usage.ts";
import { byNumber, readLine } from "./sysfs.ts";

const DEVICES = "/sys/devices/virtual/neuron_device";
// As neuron-monitor names them.
const RESULTS: Readonly<Record<string, string>> = {
  success: "completed",
  failure: "failed",
  timeout: "timed_out",
  exec_bad_input: "incorrect_input",
  execute_completed_with_error: "completed_with_err",
  execute_completed_with_num_error: "completed_with_num_err",
  infer_completed_with_error: "completed_with_err",
  infer_completed_with_num_error: "completed_with_num_err",
};
// Of all categories together.
const SUMS = ["total", "present", "peak"];
const ERROR = /^(\w+)_error$/;
const ECC = /^(mem|sram)_ecc_(corrected|uncorrected)$/;

/**
 * Parses `stats/power/utilization` of a Neuron device, `STATUS,time,least,most,mean`, into the mean percent of the most power of
 * the last minute; null where the device says that it is not valid. Throws SyntaxError.
 */
export function parseNeuronPower(text: string): number | null {
  const [line = ""] = splitLines(text, "power of the Neuron device");
  const [status, time, , , mean] = line.split(",");
  if (status !== "POWER_STATUS_VALID") return null;
  parseCount(time, "time of the power of the Neuron device");
  return parseDecimal(mean, "power of the Neuron device");
}

/** AWS Neuron devices by the files of their driver. They are read only: writing resets the counters. */
export class NeuronSysfs {
  readonly #root: Root;
  readonly #devices: readonly Device[];

  /** Finds the files. Throws SystemError. */
  constructor(root: Root) {
    this.#root = root;
    this.#devices = listNumbered(root, DEVICES, /^neuron(\d+)$/).map((device) => findDevice(root, device));
  }

  /** Whether there is a device. */
  get isThere(): boolean {
    return this.#devices.length > 0;
  }

  /** Says what the devices are. */
  introduce({ introduce }: Environment): void {
    for (const { number, path } of this.#devices) {
      const [name, instance] = ["device_name", "instance_type"]
        .map((file) => readLine(this.#root, `${path}/info/architecture/${file}`));
      const attributes = instance === undefined ? {} : { attributes: { instance } };
      introduce({ label: "device", id: number, name: name ?? `neuron${number}`, ...attributes });
    }
  }

  /** The power of the devices, which nothing else tells. */
  tellPower(told: Told): void {
    for (const { number: device, path } of this.#devices) {
      const percent = orGap(() => parseNeuronPower(this.#root.read(`${path}/stats/power/utilization`)));
      told.set(formatSeries("neuron_power_percent", { device }), percent);
    }
  }

  /** What the files tell of the rest: memory, executions and errors, of all programs together. */
  tellOthers(told: Told): void {
    const cores = this.#devices.flatMap((device) => device.cores);
    const isWhole = this.#devices.every((device) => device.cores.length === device.count);
    for (const { errors } of this.#devices) for (const file of errors) told.set(file.series, this.#read(file));
    told.set("neuron_memory_used_bytes", isWhole ? this.#tellMemory(told, cores) : null);
    for (const series of new Set(cores.flatMap(({ counts }) => counts.map((file) => file.series)))) {
      const counts = cores.map((core) => this.#sum(core.counts.filter((file) => file.series === series)));
      told.set(series, isWhole ? sumOrNull(counts) : null);
    }
  }

  #tellMemory(told: Told, cores: readonly Core[]): number | null {
    for (const file of cores.flatMap(({ memory }) => memory)) told.set(file.series, this.#read(file));
    return sumOrNull(cores.map(({ memory }) => sumOrNull(memory.map(({ series }) => told.get(series) ?? null))));
  }

  // A core that does not tell it makes the sum unknown.
  #sum(files: readonly CountFile[]): number | null {
    return files.length === 0 ? null : sumOrNull(files.map((file) => this.#read(file)));
  }

  #read({ path }: CountFile): number | null {
    return orGap(() => parseCountFile(this.#root.read(path), path));
  }
}

interface CountFile {
  readonly series: string;
  readonly path: string;
}

interface Numbered {
  readonly number: string;
  readonly path: string;
}

interface Device extends Numbered {
  readonly errors: readonly CountFile[];
  readonly cores: readonly Core[];
  /** How many cores there should be. */
  readonly count: number;
}

interface Core {
  readonly memory: readonly CountFile[];
  /** Executions and errors; several files may be of one series. */
  readonly counts: readonly CountFile[];
}

function listNumbered(root: Root, folder: string, form: RegExp): Numbered[] {
  return listOrNone(root, folder).sort(byNumber).flatMap((name) => {
    const number = form.exec(name)?.[1];
    return number === undefined ? [] : [{ number, path: `${folder}/${name}` }];
  });
}

// Cores are numbered on from device to device.
function findDevice(root: Root, device: Numbered): Device {
  const folders = listNumbered(root, device.path, /^neuron_core(\d+)$/);
  const count = orGap(() => parseCountFile(root.read(`${device.path}/core_count`), "core_count")) ?? folders.length;
  const first = parseCount(device.number, "device") * count;
  const cores = folders.map(({ number, path }) => ({
    memory: findMemory(root, path, String(first + parseCount(number, "core"))),
    counts: findCounts(root, path),
  }));
  return { ...device, errors: findErrors(root, device), cores, count };
}

function findErrors(root: Root, { number: device, path }: Numbered): CountFile[] {
  const folder = `${path}/stats/hardware`;
  return listOrNone(root, folder).sort(byNumber).flatMap((name) => {
    const [, place, kind] = ECC.exec(name) ?? [];
    const series = formatSeries("neuron_ecc_errors_total", { device, kind: `${place}_${kind}` });
    return kind === undefined ? [] : [{ series, path: `${folder}/${name}/total` }];
  });
}

function findMemory(root: Root, folder: string, core: string): CountFile[] {
  const memory = `${folder}/stats/memory_usage/device_mem`;
  return listOrNone(root, memory).filter((name) => !SUMS.includes(name)).sort(byNumber).map((category) => ({
    series: formatSeries("neuron_core_memory_used_bytes", { core, category }),
    path: `${memory}/${category}/total`,
  }));
}

function findCounts(root: Root, folder: string): CountFile[] {
  const status = `${folder}/stats/status`;
  return listOrNone(root, status).sort(byNumber).flatMap((name) => {
    const result = RESULTS[name];
    const kind = ERROR.exec(name)?.[1];
    const path = `${status}/${name}/total`;
    if (result !== undefined) return [{ series: formatSeries("neuron_executions_total", { result }), path }];
    return kind === undefined ? [] : [{ series: formatSeries("neuron_execution_errors_total", { kind }), path }];
  });
}
