import { describeFailure, openWhole, orGap } from "../lib/availability.ts";
import { Cgroup } from "../lib/cgroup.ts";
import { readCgroupLimits } from "../lib/cgroup_limits.ts";
import { type Collector, type Environment, type Reading, Unavailable } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { isGone } from "../lib/root.ts";
import { CGROUP_FILES, type CgroupFile, type CgroupValues } from "./cgroup_files_linux.ts";
import { KeptFile } from "./kept_file.ts";

const USAGE = [
  "cgroup_cpu_seconds_total",
  "cgroup_cpu_periods_total",
  "cgroup_cpu_throttled_periods_total",
  "cgroup_cpu_throttled_seconds_total",
  "cgroup_memory_used_bytes",
  "cgroup_memory_working_set_bytes",
  "cgroup_memory_peak_bytes",
  "cgroup_swap_used_bytes",
  "cgroup_oom_kills_total",
  "cgroup_processes",
] as const satisfies readonly MetricName[];

const LIMITS = [
  "cgroup_cpu_limit",
  "cgroup_memory_limit_bytes",
  "cgroup_processes_limit",
] as const satisfies readonly MetricName[];

// Limits seldom change, and take a read in every group up to the root.
const LIMITS_PERIOD = 10;

/**
 * The control group that resmon and its command run in, of version 1, 2 or both at once: what it used, and the limits that
 * hold for it. What is unlimited is absent. A root group is the whole machine, without limits.
 */
export class CgroupCollector implements Collector {
  readonly name = "cgroup";
  readonly metrics: readonly MetricName[] = [...USAGE, ...LIMITS];
  readonly sources = ["/sys/fs/cgroup: cpu.stat, cpu.max, memory.current, memory.max, memory.events, pids.current"];
  series: readonly MetricName[] = [];
  #environment: Environment | undefined;
  #cgroup: Cgroup | undefined;
  #files: readonly KeptFile<CgroupValues>[] = [];
  #limits: CgroupValues = {};
  #limitsDue = -Infinity;

  open(environment: Environment): void {
    this.#environment = environment;
    openWhole(this, () => this.#openFiles(environment));
    this.#tellMissing(environment);
  }

  collect(now: number): Reading {
    if (now >= this.#limitsDue && this.#environment !== undefined && this.#cgroup !== undefined) {
      this.#limits = readLimits(this.#cgroup, this.#environment);
      this.#limitsDue = now + LIMITS_PERIOD;
    }
    const values = this.#read();
    this.#widen(values);
    return { values: this.series.map((metric) => values[metric] ?? null) };
  }

  close(): void {
    for (const file of this.#files) file.close();
    this.#files = [];
  }

  #openFiles(environment: Environment): void {
    const cgroup = new Cgroup(environment.root);
    this.#cgroup = cgroup;
    this.#files = CGROUP_FILES.map((file) => openFile(file, cgroup, environment)).filter((file) => file !== null);
    this.#limits = readLimits(cgroup, environment);
    this.#widen(this.#read());
    if (this.series.length === 0) {
      throw new Unavailable("absent", "Cannot find resmon's control group: no mount in /proc/self/mountinfo shows it");
    }
  }

  #read(): CgroupValues {
    const values: CgroupValues = { ...this.#limits };
    for (const file of this.#files) Object.assign(values, orGap(() => file.read()));
    const { cgroup_memory_used_bytes: used, inactive_file: inactive } = values;
    // The two are read one after the other, so the difference may fall below zero.
    if (used !== undefined && inactive !== undefined) {
      values.cgroup_memory_working_set_bytes = Math.max(0, used - inactive);
    }
    return values;
  }

  // A limit may be set while the command runs.
  #widen(values: CgroupValues): void {
    const known = this.metrics.filter((metric) => values[metric] !== undefined || this.series.includes(metric));
    if (known.length > this.series.length) this.series = known;
  }

  #tellMissing({ report }: Environment): void {
    const usage = USAGE.filter((metric) => !this.series.includes(metric));
    const limits = LIMITS.filter((metric) => !this.series.includes(metric));
    if (usage.length > 0) report({ state: "absent", metrics: usage, reason: "The control group does not account it" });
    if (limits.length > 0) report({ state: "absent", metrics: limits, reason: "The control group sets no such limit" });
  }
}

function openFile(
  { version, controller, name, parse }: CgroupFile,
  cgroup: Cgroup,
  { root, report }: Environment,
): KeptFile<CgroupValues> | null {
  try {
    const place = cgroup.find(controller);
    if (place?.version !== version) return null;
    const file = new KeptFile(`${place.folders[0]}/${name}`, parse);
    file.open(root);
    return file;
  } catch (error) {
    if (!isGone(error)) report({ ...describeFailure(error), metrics: USAGE });
    return null;
  }
}

function readLimits(cgroup: Cgroup, { root, report }: Environment): CgroupValues {
  try {
    const { cpus, memoryBytes, processes } = readCgroupLimits(root, cgroup);
    return {
      ...(cpus === undefined ? {} : { cgroup_cpu_limit: cpus }),
      ...(memoryBytes === undefined ? {} : { cgroup_memory_limit_bytes: memoryBytes }),
      ...(processes === undefined ? {} : { cgroup_processes_limit: processes }),
    };
  } catch (error) {
    report({ ...describeFailure(error), metrics: LIMITS });
    return {};
  }
}
