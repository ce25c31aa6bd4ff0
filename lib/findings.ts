import { formatBytes, formatCores, formatCount, formatPercent, formatSeconds } from "./format.ts";
import { findGpuMemory, findGpuThrottling, findIdleGpu } from "./gpu_findings.ts";
import type { MetricName } from "./metrics.ts";
import { formatSeries } from "./series.ts";
import type { MetricSummary, Summary } from "./summary.ts";

/** Something about a run that is worth knowing, with the numbers that say so. */
export interface Finding {
  /** What and how much, such as `Throttled in 34 % of the periods`: stands alone where there is little room. */
  readonly lead: string;
  /** What it means, or how it is known. */
  readonly evidence: string;
}

/** Looks for one thing in a summary; `undefined` where the numbers do not say it. */
export type Find = (summary: Summary) => Finding | undefined;

const NEARLY_FULL = 90;
const FEWEST_TICKS = 5;
// Percent of one core: who computes less than that is not held up by others.
const LEAST_WANTED = 20;

/** What the numbers of a run say beyond its totals, the most telling first. */
export function findingsOf(summary: Summary): Finding[] {
  return FINDS.map((find) => find(summary)).filter((finding) => finding !== undefined);
}

const FINDS: readonly Find[] = [
  findOomKills,
  findThrottling,
  findMemoryLimit,
  findSwap,
  findMemoryPressure,
  findBusyMachine,
  findAllCores,
  findOneCore,
  findDiskWait,
  findMajorFaults,
  findGpuMemory,
  findGpuThrottling,
  findIdleGpu,
  findBetweenTicks,
  findSamplingGap,
  findSkippedTicks,
  findUnmatchedEnds,
  findIncomplete,
];

/** The kernel killed processes of the control group. */
export function findOomKills({ metrics }: Summary): Finding | undefined {
  const kills = statsOf(metrics, "cgroup_oom_kills_total")?.total ?? 0;
  if (kills === 0) return undefined;
  const limit = statsOf(metrics, "cgroup_memory_limit_bytes")?.last;
  const bound = limit === undefined ? "no more memory" : `no more than ${formatBytes(limit)}`;
  const killed = kills === 1 ? "1 process" : `${formatCount(kills)} processes`;
  return { lead: `Out of memory, ${killed} killed`, evidence: `its cgroup had ${bound}` };
}

/** The quota of the control group stopped it in more than 1 % of the periods. */
export function findThrottling({ metrics }: Summary): Finding | undefined {
  const periods = statsOf(metrics, "cgroup_cpu_periods_total")?.total ?? 0;
  const throttled = statsOf(metrics, "cgroup_cpu_throttled_periods_total")?.total ?? 0;
  if (periods === 0 || throttled / periods <= 0.01) return undefined;
  const seconds = statsOf(metrics, "cgroup_cpu_throttled_seconds_total")?.total;
  const time = seconds === undefined ? "" : `, ${formatSeconds(seconds)} in all`;
  const share = formatPercent(100 * throttled / periods);
  return { lead: `Throttled in ${share} of the periods`, evidence: `by its CPU quota${time}` };
}

/** The tree, or its control group, came within 10 % of what it may use. */
export function findMemoryLimit({ metrics, exact, machine }: Summary): Finding | undefined {
  const tree = Math.max(
    statsOf(metrics, "memory_pss_bytes")?.max ?? statsOf(metrics, "memory_rss_bytes")?.max ?? 0,
    exact.memory_peak_bytes ?? 0,
  );
  const group = statsOf(metrics, "cgroup_memory_working_set_bytes")?.max ?? 0;
  const groupLimit = statsOf(metrics, "cgroup_memory_limit_bytes")?.last ?? Infinity;
  const usable = machine.memory_usable_bytes ?? Infinity;
  const [used, limit] = group / groupLimit > tree / usable ? [group, groupLimit] : [tree, usable];
  const percent = 100 * used / limit;
  if (!(limit > 0 && percent >= NEARLY_FULL)) return undefined;
  return {
    lead: `Memory was nearly used up, ${formatPercent(percent)} at the peak`,
    evidence: `it may use ${formatBytes(limit)}`,
  };
}

/** More than 1 MiB of the tree was swapped out. */
export function findSwap({ metrics }: Summary): Finding | undefined {
  const most = statsOf(metrics, "memory_swap_bytes")?.max ?? 0;
  if (most < 1024 ** 2) return undefined;
  return { lead: `Up to ${formatBytes(most)} swapped out`, evidence: "memory that has to come back from storage" };
}

/** Tasks of the machine stood still for want of memory at least 5 % of the time. */
export function findMemoryPressure({ metrics }: Summary): Finding | undefined {
  const mean = pressureOf(metrics, "memory");
  if (mean === undefined || mean < 5) return undefined;
  return {
    lead: `The machine ran short of memory ${formatPercent(mean)} of the time`,
    evidence: "tasks stood still for it",
  };
}

/** Every CPU that it may use was busy at least half of the time. */
export function findAllCores({ metrics, machine }: Summary): Finding | undefined {
  const cpu = statsOf(metrics, "cpu_percent");
  const { cpus_usable: cores = Infinity } = machine;
  if (cpu?.p50 === undefined || cpu.count < FEWEST_TICKS || cpu.p50 < NEARLY_FULL * cores) return undefined;
  return {
    lead: cores === 1 ? "Its one core was the limit" : `All of its ${formatCount(cores)} cores were busy`,
    evidence: `median CPU use ${formatPercent(cpu.p50)} of ${formatPercent(100 * cores)}`,
  };
}

/** Other programs kept at least half of the machine busy, all of it was, and tasks waited for a CPU. */
export function findBusyMachine({ run, exact, metrics, machine }: Summary): Finding | undefined {
  const busy = statsOf(metrics, "system_cpu_percent");
  const waited = pressureOf(metrics, "cpu");
  const seconds = exact.cpu_seconds ?? statsOf(metrics, "cpu_seconds_total")?.total;
  const { cpus = NaN } = machine;
  if (busy?.mean === undefined || waited === undefined || seconds === undefined) return undefined;
  const own = 100 * seconds / run.wall_seconds;
  const others = busy.mean - own;
  const isWanted = own >= LEAST_WANTED && waited >= 10 && busy.count >= FEWEST_TICKS;
  if (!isWanted || !(busy.mean >= 80 * cpus && others >= 50 * cpus)) return undefined;
  return {
    lead: `Other programs used ${formatCores(others / 100, cpus)}`,
    evidence: `tasks waited for a CPU ${formatPercent(waited)} of the time: alone it may be faster`,
  };
}

/** One core was busy nearly all the time, and others were there. */
export function findOneCore({ metrics, machine }: Summary): Finding | undefined {
  const cpu = statsOf(metrics, "cpu_percent");
  if (cpu?.p50 === undefined || cpu.p95 === undefined || cpu.count < FEWEST_TICKS) return undefined;
  const { cpus_usable: cores = 0 } = machine;
  if (cores < 2 || cpu.p50 < NEARLY_FULL || cpu.p95 > 115) return undefined;
  return {
    lead: `It kept one of ${formatCount(cores)} cores busy`,
    evidence: `CPU use ${formatPercent(cpu.p50)} (median), ${formatPercent(cpu.p95)} (p95)`,
  };
}

/** Tasks of the machine waited for storage at least 10 % of the time. */
export function findDiskWait({ metrics }: Summary): Finding | undefined {
  const mean = pressureOf(metrics, "io");
  if (mean === undefined || mean < 10) return undefined;
  return { lead: `The machine waited for storage ${formatPercent(mean)} of the time`, evidence: "tasks stood still" };
}

/** At least 100 page faults, and 10 a second, waited for storage. */
export function findMajorFaults({ exact, metrics, run }: Summary): Finding | undefined {
  const faults = exact.major_faults ?? statsOf(metrics, "major_faults_total")?.total ?? 0;
  if (faults < 100 || faults < 10 * run.wall_seconds) return undefined;
  return { lead: `${formatCount(faults)} major page faults`, evidence: "each waited for a read from storage" };
}

/** At least 5 % of the CPU time, and 0.1 s, is in no row of a process: nobody saw who used it. */
export function findBetweenTicks({ run, exact, metrics, processes }: Summary): Finding | undefined {
  const percent = processes.short_lived_cpu_percent ?? 0;
  const total = exact.cpu_seconds ?? statsOf(metrics, "cpu_seconds_total")?.total ?? 0;
  if (percent < 5 || percent / 100 * total < 0.1) return undefined;
  const interval = formatSeconds(run.interval_seconds);
  return {
    lead: `${formatPercent(percent)} of the CPU time fell between two ticks`,
    evidence: `processes shorter than ${interval}, and the last moments of others; a shorter --interval tells it apart`,
  };
}

// CPU times tick in hundredths of a second, so less than two ticks is no gap.
const CLOCK_RESOLUTION = 0.02;

/** Sampled and exact CPU time differ by more than 1 %. */
export function findSamplingGap({ exact }: Summary): Finding | undefined {
  const { cpu_seconds: whole, sampled_cpu_seconds: sampled } = exact;
  if (whole === undefined || sampled === undefined) return undefined;
  const gap = Math.abs(whole - sampled);
  if (gap <= CLOCK_RESOLUTION || gap <= 0.01 * whole) return undefined;
  return {
    lead: `Sampling saw ${formatSeconds(sampled)} of ${formatSeconds(whole)} of CPU time`,
    evidence: "the totals are exact, the charts are not",
  };
}

/** More than 1 % of the ticks, and 10, were left out because resmon could not run in time. */
export function findSkippedTicks({ run, monitor: { ticks, ticks_skipped: skipped } }: Summary): Finding | undefined {
  const percent = 100 * skipped / (ticks + skipped);
  if (skipped < 10 || percent <= 1) return undefined;
  return {
    lead: `${formatPercent(percent)} of the ticks came too late`,
    evidence: `they were left out; the machine was too busy for an --interval of ${
      formatSeconds(run.interval_seconds)
    }`,
  };
}

/** The program ended phases that it had not begun. */
export function findUnmatchedEnds({ phase_troubles: troubles }: Summary): Finding | undefined {
  const { ends_without_start: ends = 0, unmatched_names: names = [] } = troubles ?? {};
  if (ends === 0) return undefined;
  return {
    lead: `${formatCount(ends)} ${ends === 1 ? "end of a phase" : "ends of phases"} that had not begun`,
    evidence: names.length === 0 ? "no phase was open" : names.join(", "),
  };
}

/** An output lost data. */
export function findIncomplete({ incomplete }: Summary): Finding | undefined {
  if (incomplete.length === 0) return undefined;
  const outputs = incomplete.map(({ output }) => output).join(", ");
  const reasons = [...new Set(incomplete.map(({ reason }) => reason))].join("; ");
  return { lead: `Incomplete ${incomplete.length === 1 ? "output" : "outputs"} ${outputs}`, evidence: reasons };
}

function statsOf(metrics: Summary["metrics"], name: MetricName): MetricSummary | undefined {
  return metrics[name];
}

function pressureOf(metrics: Summary["metrics"], resource: string): number | undefined {
  return metrics[formatSeries("system_pressure_percent", { resource, kind: "some" })]?.mean;
}
