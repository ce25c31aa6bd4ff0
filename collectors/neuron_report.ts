import { amountOf, itemsOf, memberOf, membersOf, textOf } from "../lib/json.ts";

/** Amounts by name: percent, bytes, counts or seconds. */
export type Amounts = ReadonlyMap<string, number>;

/** What `neuron-monitor` tells once a period. A group that is undefined could not be read, or is unknown to this version. */
export interface NeuronReport {
  /** Programs that use Neuron devices, one each. */
  readonly runtimes: readonly NeuronRuntime[];
  /** Errors of the memory of each device, by their kind such as `mem_corrected`. */
  readonly devices: ReadonlyMap<string, Amounts>;
  /** Cores of the machine, where it is told. */
  readonly cores: number | undefined;
}

/** What one program does. */
export interface NeuronRuntime {
  readonly pid: number | undefined;
  /** Whether `neuron-monitor` knows the process by a number that means nothing where it runs, as in a container. */
  readonly isForeign: boolean;
  /** Percent of each core. */
  readonly utilization: Amounts | undefined;
  readonly hostBytes: number | undefined;
  readonly deviceBytes: number | undefined;
  /** Bytes of the devices by core, by what they hold. */
  readonly coreBytes: ReadonlyMap<string, Amounts>;
  /** Executions of the period by their result. */
  readonly executions: Amounts;
  /** Errors of the period by their kind. */
  readonly errors: Amounts;
  /** Seconds by percentile such as `p50`, of the latencies `total` and `device`. */
  readonly latencies: ReadonlyMap<string, Amounts>;
}

const MOST_CORES = 4096;
const ECC = /^(mem|sram)_ecc_(corrected|uncorrected)$/;
const LATENCIES = ["total", "device"];

/**
 * Reads an object that `neuron-monitor` prints, of any of its generations: the groups are told apart by their names, which
 * have changed with the years. Throws SyntaxError for an object of another kind.
 */
export function readNeuronReport(output: unknown): NeuronReport {
  const runtimes = memberOf(output, "neuron_runtime_data") ?? memberOf(output, "runtime_data");
  if (!Array.isArray(runtimes)) throw new SyntaxError("Cannot parse what neuron-monitor prints: no runtime data");
  return {
    runtimes: runtimes.map(readRuntime),
    devices: readDevices(groupOf(memberOf(output, "system_data"), "neuron_hw_counters")),
    cores: countCores(groupOf(output, "neuron_hardware_info")),
  };
}

function readRuntime(runtime: unknown): NeuronRuntime {
  const report = textOf(memberOf(runtime, "error")) === undefined ? memberOf(runtime, "report") : undefined;
  const counters = groupOf(report, "neuroncore_counters") ?? groupOf(report, "nc_counters");
  const executions = groupOf(report, "execution_stats") ?? groupOf(report, "inference_stats");
  const memory = groupOf(report, "memory_used");
  const used = memberOf(memory, "neuron_runtime_used_bytes") ?? memberOf(memory, "runtime_memory");
  return {
    // The runtime of 2021 was a daemon, without a process of its own for each program.
    pid: amountOf(memberOf(runtime, "pid")) || undefined,
    isForeign: textOf(memberOf(report, "neuron_runtime_vcpu_usage", "error")) !== undefined,
    utilization: counters === undefined ? undefined : readUtilization(memberOf(counters, "neuroncores_in_use")),
    hostBytes: amountOf(memberOf(used, "host")),
    deviceBytes: amountOf(memberOf(used, "neuron_device") ?? memberOf(used, "device")),
    coreBytes: byCore(memberOf(used, "usage_breakdown", "neuroncore_memory_usage"), amountsOf),
    executions: amountsOf(memberOf(executions, "execution_summary") ?? memberOf(executions, "inference_summary")),
    errors: amountsOf(memberOf(executions, "error_summary")),
    latencies: readLatencies(memberOf(executions, "latency_stats")),
  };
}

// A group that failed says why, and its numbers mean nothing.
function groupOf(value: unknown, name: string): unknown {
  const group = memberOf(value, name);
  return textOf(memberOf(group, "error")) === undefined ? group : undefined;
}

function readUtilization(cores: unknown): Amounts {
  const amounts = byCore(cores, (core) => amountOf(memberOf(core, "neuroncore_utilization")));
  return new Map([...amounts].map(([core, percent]) => [core, Math.min(100, percent)]));
}

function byCore<T>(cores: unknown, read: (core: unknown) => T | undefined): Map<string, T> {
  const found = new Map<string, T>();
  for (const [core, value] of membersOf(cores)) {
    const told = /^\d{1,4}$/.test(core) ? read(value) : undefined;
    if (told !== undefined) found.set(core, told);
  }
  return found;
}

function amountsOf(value: unknown): Amounts {
  const amounts = new Map<string, number>();
  for (const [name, each] of membersOf(value)) {
    const amount = amountOf(each);
    if (amount !== undefined) amounts.set(name, amount);
  }
  return amounts;
}

function readLatencies(stats: unknown): Map<string, Amounts> {
  return new Map(LATENCIES.map((name) => [name, amountsOf(memberOf(stats, `${name}_latency`))]));
}

function readDevices(counters: unknown): Map<string, Amounts> {
  const devices = new Map<string, Amounts>();
  for (const device of itemsOf(memberOf(counters, "neuron_devices"))) {
    const index = amountOf(memberOf(device, "neuron_device_index"));
    const errors = [...amountsOf(device)].flatMap(([name, count]) => {
      const [, place, kind] = ECC.exec(name) ?? [];
      return kind === undefined ? [] : [[`${place}_${kind}`, count] as const];
    });
    if (index !== undefined) devices.set(String(index), new Map(errors));
  }
  return devices;
}

function countCores(info: unknown): number | undefined {
  const devices = amountOf(memberOf(info, "neuron_device_count"));
  const each = amountOf(memberOf(info, "neuroncore_per_device_count"));
  const cores = devices === undefined || each === undefined ? undefined : devices * each;
  return cores !== undefined && Number.isInteger(cores) && cores <= MOST_CORES ? cores : undefined;
}
