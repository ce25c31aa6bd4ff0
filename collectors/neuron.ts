import { openWhole } from "../lib/availability.ts";
import { type Clock, SystemClock } from "../lib/clock.ts";
import { type Collector, type Environment, type ProcessTree, type Reading, Unavailable } from "../lib/contracts.ts";
import { GrowingColumns } from "./growing_columns.ts";
import { NEURON_FOLDERS, NEURON_MONITOR, NeuronMonitor } from "./neuron_monitor.ts";
import type { NeuronReport } from "./neuron_report.ts";
import { NeuronSysfs } from "./neuron_sysfs_linux.ts";
import { NeuronCounts, sharesOf, tellMachine, type Told } from "./neuron_usage.ts";
import { affordablePeriod, measureCost } from "./pace.ts";

const OWN = ["process_neuron_utilization_percent", "process_neuron_memory_bytes"] as const;
const MONITOR_ONLY = [
  "neuron_core_utilization_percent",
  "neuron_host_memory_used_bytes",
  "neuron_execution_latency_seconds",
  ...OWN,
] as const;
const REMEDY = "install aws-neuronx-tools, which has neuron-monitor";

/** AWS Neuron devices by `neuron-monitor`; where there is none, by what the files of the driver tell. */
export class NeuronCollector implements Collector {
  readonly name = "neuron";
  readonly metrics = [
    ...MONITOR_ONLY,
    "neuron_memory_used_bytes",
    "neuron_core_memory_used_bytes",
    "neuron_executions_total",
    "neuron_execution_errors_total",
    "neuron_ecc_errors_total",
    "neuron_power_percent",
  ] as const;
  readonly sources = ["neuron-monitor", "/sys/devices/virtual/neuron_device"];
  readonly processColumns: readonly string[] = OWN;
  period: number | undefined;
  readonly #clock: Clock;
  readonly #columns = new GrowingColumns();
  readonly #counts = new NeuronCounts();
  #environment: Environment | undefined;
  #sysfs: NeuronSysfs | undefined;
  #monitor: NeuronMonitor | undefined;
  #report: NeuronReport | undefined;

  /** The clock of the recorder, where a test brings its own. */
  constructor(clock: Clock = new SystemClock()) {
    this.#clock = clock;
  }

  get series(): readonly string[] {
    return this.#columns.series;
  }

  async open(environment: Environment): Promise<void> {
    this.#environment = environment;
    const { root, tools, isRequired } = environment;
    const sysfs = openWhole(this, () => new NeuronSysfs(root));
    this.#sysfs = sysfs;
    sysfs.introduce(environment);
    const path = tools.find(NEURON_MONITOR, NEURON_FOLDERS);
    if (path === undefined && !sysfs.isThere) {
      throw new Unavailable("absent", "Cannot find an AWS Neuron device");
    }
    if (path === undefined) return this.#useFiles(`Cannot find ${NEURON_MONITOR} on PATH or in ${NEURON_FOLDERS[0]}`);
    this.#monitor = new NeuronMonitor(environment, path, {
      clock: this.#clock,
      onReport: (report) => this.#take(report),
    });
    if (!isRequired) return;
    await this.#monitor.ready().catch((error) => this.#giveUpMonitor(error));
  }

  collect(now: number, tree: ProcessTree | undefined): Reading {
    try {
      if (this.#monitor?.check(now) === false) return { values: this.#columns.place(new Map()) };
    } catch (error) {
      this.#giveUpMonitor(error);
    }
    const { at } = this.#monitor ?? {};
    if (this.#report === undefined || at === undefined) return this.#readFiles();
    return { ...this.#tell(this.#report, tree), at };
  }

  close(): void | Promise<void> {
    return this.#monitor?.close();
  }

  #take(report: NeuronReport): void {
    this.#report = report;
    this.#counts.add(report);
  }

  #tell(report: NeuronReport, tree: ProcessTree | undefined): Reading {
    const told: Told = new Map();
    tellMachine(told, report);
    this.#counts.tell(told);
    this.#sysfs?.tellPower(told);
    const shares = sharesOf(report, tree?.processes);
    if (shares.isForeign) this.#reportForeign();
    OWN.forEach((name, at) => told.set(name, shares.tree[at] ?? null));
    return { values: this.#columns.place(told), processes: shares.processes };
  }

  #readFiles(): Reading {
    const told: Told = new Map();
    this.#sysfs?.tellPower(told);
    this.#sysfs?.tellOthers(told);
    return { values: this.#columns.place(told) };
  }

  // A program that fails is a gap as long as it may recover; then the files have to do, where there are any.
  #giveUpMonitor(error: unknown): void {
    if (!(error instanceof Unavailable) || this.#sysfs?.isThere !== true) throw error;
    this.#monitor = undefined;
    this.#report = undefined;
    this.#useFiles(error.message);
  }

  #useFiles(reason: string): void {
    this.#environment?.report({ state: "absent", metrics: MONITOR_ONLY, reason, remedy: REMEDY });
    this.period = affordablePeriod(measureCost(() => this.#readFiles()), this.#environment?.interval ?? 0);
  }

  #reportForeign(): void {
    this.#environment?.report({
      state: "unsupported",
      metrics: OWN,
      reason: `${NEURON_MONITOR} knows processes by numbers that mean nothing here, as in a container`,
      remedy: "run resmon where neuron-monitor sees the processes, such as on the host",
    });
  }
}
