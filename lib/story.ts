import { type Finding, findingsOf } from "./findings.ts";
import { formatBytes, formatCores, formatCount, formatPercent, formatSeconds } from "./format.ts";
import { energyFact } from "./energy_fact.ts";
import { gpuFact } from "./gpu_fact.ts";
import { memoryFact } from "./memory_fact.ts";
import type { MetricName } from "./metrics.ts";
import type { Status } from "./records.ts";
import { formatSeries, tryParseSeries } from "./series.ts";
import type { MetricSummary, MonitorSummary, RunSummary, Summary } from "./summary.ts";

/** What a run used, in plain words: the report and the terminal tell the same story. A fact that is not known is not told. */
export interface Story {
  readonly outcome: Outcome;
  /** How long it ran, such as `3 min 20 s`. */
  readonly duration: string;
  /** The duration after the outcome: `in 3 min 20 s`, `after 3 min 20 s`, `for 3 min 20 s`. */
  readonly lasted: string;
  readonly facts: readonly Fact[];
  /** What limited the run, and what its numbers leave out. */
  readonly findings: readonly Finding[];
  /** What was not recorded although the machine has it: a matter of rights or settings, or lost on the way. */
  readonly missing: readonly Status[];
  /** What resmon itself cost, in one sentence. */
  readonly cost: string;
}

/** How the command ended; of one that resmon did not start no more is expected than that it was `recorded`. */
export interface Outcome {
  readonly state: "succeeded" | "failed" | "killed" | "recorded" | "unknown";
  /** Such as `succeeded`, `failed with exit code 7`, `killed by SIGKILL`, `recorded`. */
  readonly text: string;
  /** Why no more is known of the end, in a sentence. */
  readonly note?: string;
}

/** One number that people remember of a run. */
export interface Fact {
  readonly subject: "cpu" | "memory" | "gpu" | "energy" | "storage" | "network" | "processes";
  readonly label: string;
  /** Such as `3.2 of 8 cores (40 %)`. */
  readonly figure: string;
  /** What the figure is, in a few words. */
  readonly note?: string;
  /** The rest, in sentences. */
  readonly detail?: string;
  /** Where exact numbers come from, such as `wait4`. */
  readonly source?: string;
  /** What the figure is the sum of, the largest first, where that is worth a line each. */
  readonly parts?: readonly FactPart[];
  /** What belongs beside the figure and is no part of it. */
  readonly asides?: readonly FactPart[];
}

/** One part of a figure. */
export interface FactPart {
  readonly name: string;
  readonly figure: string;
  readonly note: string;
}

// Machines always receive and send a little; less than this says nothing about the command.
const REMARKABLE_TRAFFIC = 1024 ** 2;

/** Tells the story of a run. */
export function tellStory(summary: Summary): Story {
  const facts = [cpuFact, memoryFact, gpuFact, energyFact, storageFact, networkFact, processesFact]
    .map((fact) => fact(summary));
  const outcome = outcomeOf(summary.run);
  const duration = formatSeconds(summary.run.wall_seconds);
  return {
    outcome,
    duration,
    lasted: `${PREPOSITIONS[outcome.state]} ${duration}`,
    facts: facts.filter((fact) => fact !== undefined),
    findings: findingsOf(summary),
    missing: summary.unavailable.filter(isMissed),
    cost: costOf(summary.monitor, summary.run.wall_seconds),
  };
}

const PREPOSITIONS: Readonly<Record<Outcome["state"], string>> = {
  succeeded: "in",
  failed: "after",
  killed: "after",
  recorded: "for",
  unknown: "for",
};

// What this machine or its kernel does not have is nothing that the user could change.
function isMissed({ state }: Status): boolean {
  return state === "denied" || state === "off" || state === "lost";
}

/** How the command ended, in words. */
export function outcomeOf(run: Pick<RunSummary, "mode" | "exit_code" | "signal" | "end_unknown">): Outcome {
  if (typeof run.signal === "string") return { state: "killed", text: `killed by ${run.signal}` };
  if (run.exit_code === 0) return { state: "succeeded", text: "succeeded" };
  if (typeof run.exit_code === "number") return { state: "failed", text: `failed with exit code ${run.exit_code}` };
  const reason = run.end_unknown;
  if (run.mode === "attach") {
    return { state: "recorded", text: "recorded", ...(reason !== undefined && { note: reason }) };
  }
  const note = `The end of the command is not known${reason === undefined ? "" : `: ${reason}`}`;
  return { state: "unknown", text: "recorded", note };
}

/** The mean use of the CPUs that the command may use: exact CPU seconds / wall seconds, sampled where exact is unknown. */
export function cpuFact({ run, machine, exact, metrics }: Summary): Fact | undefined {
  const seconds = exact.cpu_seconds ?? totalOf(metrics, "cpu_seconds_total");
  if (seconds === undefined || run.wall_seconds <= 0) return undefined;
  const user = exact.cpu_user_seconds ?? totalOf(metrics, "cpu_user_seconds_total");
  const system = exact.cpu_system_seconds ?? totalOf(metrics, "cpu_system_seconds_total");
  const split = user === undefined || system === undefined
    ? ""
    : `: ${formatSeconds(user)} in its own code and ${formatSeconds(system)} in the kernel`;
  const source = exact.cpu_seconds === undefined ? undefined : exact.sources.cpu_seconds;
  const how = exact.cpu_seconds === undefined ? "sampled" : "exact, by the kernel's accounts";
  return {
    subject: "cpu",
    label: "CPU",
    figure: formatCores(seconds / run.wall_seconds, machine.cpus_usable),
    note: `${formatSeconds(seconds)} of CPU`,
    detail: `${formatSeconds(seconds)} of CPU time${split} (${how}).`,
    ...(source !== undefined && { source }),
  };
}

/** What the command had read from storage and written to it. */
export function storageFact({ exact, metrics }: Summary): Fact | undefined {
  const read = exact.storage_read_bytes ?? totalOf(metrics, "storage_read_bytes_total");
  const written = exact.storage_write_bytes ?? totalOf(metrics, "storage_write_bytes_total");
  const parts = [
    ...(read === undefined ? [] : [`read ${formatBytes(read)}`]),
    ...(written === undefined ? [] : [`wrote ${formatBytes(written)}`]),
  ];
  if (parts.length === 0) return undefined;
  const calls = [
    ...callsPart("read", exact.syscall_read_bytes ?? totalOf(metrics, "syscall_read_bytes_total")),
    ...callsPart("wrote", exact.syscall_write_bytes ?? totalOf(metrics, "syscall_write_bytes_total")),
  ];
  const detail = calls.length === 0 ? {} : { detail: `By system calls, cached or not, it ${calls.join(" and ")}.` };
  return { subject: "storage", label: "Storage", figure: parts.join(", "), ...detail };
}

function callsPart(verb: string, bytes: number | undefined): string[] {
  return bytes === undefined ? [] : [`${verb} ${formatBytes(bytes)}`];
}

/** The busiest network interface, if more than 1 MiB passed through it: all programs together. */
export function networkFact({ metrics }: Summary): Fact | undefined {
  const [name] = ranked(metrics, ["network_receive_bytes_total", "network_transmit_bytes_total"], "interface");
  if (name === undefined) return undefined;
  const received = metrics[formatSeries("network_receive_bytes_total", { interface: name })]?.total ?? 0;
  const sent = metrics[formatSeries("network_transmit_bytes_total", { interface: name })]?.total ?? 0;
  if (received + sent < REMARKABLE_TRAFFIC) return undefined;
  return {
    subject: "network",
    label: "Network",
    figure: `received ${formatBytes(received)}, sent ${formatBytes(sent)}`,
    note: `${name}, all programs`,
    detail: `On ${name}, all programs together: the kernel does not count traffic by process.`,
  };
}

/** How many processes there were; undefined where nobody has counted them. */
export function processesFact({ processes, metrics }: Summary): Fact | undefined {
  if (processes.seen === 0) return undefined;
  const most = metrics["processes"]?.max;
  const threads = metrics["threads"]?.max;
  const atOnce = [
    ...(most === undefined ? [] : [`at most ${formatCount(most)} at once`]),
    ...(threads === undefined ? [] : [`up to ${formatCount(threads)} ${threads === 1 ? "thread" : "threads"}`]),
  ];
  const figure = `${formatCount(processes.seen)} seen`;
  return { subject: "processes", label: "Processes", figure, ...(atOnce.length > 0 && { note: atOnce.join(", ") }) };
}

/** What resmon itself cost, in one sentence. */
export function costOf(monitor: MonitorSummary, wallSeconds: number): string {
  const { cpu_seconds, memory_peak_bytes, ticks, ticks_skipped, tick_p50_seconds, tick_p99_seconds } = monitor;
  // Of a command of some milliseconds, what resmon needs to start at all would be thousands of percent.
  const share = cpu_seconds === undefined || wallSeconds < 1
    ? ""
    : ` (${formatPercent(100 * cpu_seconds / wallSeconds)} of one core)`;
  const used = [
    ...(cpu_seconds === undefined ? [] : [`${formatSeconds(cpu_seconds)} of CPU time${share}`]),
    ...(memory_peak_bytes === undefined ? [] : [`${formatBytes(memory_peak_bytes)} of memory`]),
  ];
  const skipped = ticks_skipped === 0 ? "" : `, ${formatCount(ticks_skipped)} skipped`;
  const took = tick_p50_seconds === undefined || tick_p99_seconds === undefined
    ? ""
    : ` of ${formatSeconds(tick_p50_seconds)} (99 % within ${formatSeconds(tick_p99_seconds)})`;
  const number = `${formatCount(ticks)} ${ticks === 1 ? "tick" : "ticks"}${took}${skipped}`;
  return used.length === 0 ? `${number}.` : `resmon itself used ${used.join(" and ")} for ${number}.`;
}

/** The label values, such as disks, whose counters grew, the one that grew most first; the loopback interface does not count. */
export function ranked(
  metrics: Readonly<Record<string, MetricSummary>>,
  names: readonly MetricName[],
  label: string,
): string[] {
  const grown = new Map<string, number>();
  for (const [series, { total }] of Object.entries(metrics)) {
    const { name, labels } = tryParseSeries(series) ?? {};
    const value = labels?.[label];
    if (value === undefined || value === "lo" || !names.some((each) => each === name)) continue;
    grown.set(value, (grown.get(value) ?? 0) + (total ?? 0));
  }
  return [...grown].filter(([, bytes]) => bytes > 0).sort(([, a], [, b]) => b - a).map(([value]) => value);
}

function totalOf(metrics: Readonly<Record<string, MetricSummary>>, name: MetricName): number | undefined {
  return metrics[name]?.total;
}
