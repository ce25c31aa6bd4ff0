import type { Frame, ProcessSample } from "../lib/frame.ts";
import { isMetricName, METRIC_NAMES, METRICS } from "../lib/metrics.ts";
import { Samples, SeriesList } from "../lib/samples.ts";
import { parseSeries } from "../lib/series.ts";
import { type MetricSummary, type ProcessSummary, type Summary, SUMMARY_SCHEMA } from "../lib/summary.ts";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

/** A summary that knows nothing but that a command ran for 10 s on 8 cores and 16 GiB; tests put in what they tell. */
export function bareSummary(parts: Partial<Summary> = {}): Summary {
  return {
    schema: SUMMARY_SCHEMA,
    run: {
      id: "019aa5c2-7d10-7000-8000-000000000001",
      mode: "run",
      command: ["true"],
      cwd: "/home/ada",
      host: "workshop",
      started: "2026-11-21T09:12:33.250Z",
      wall_seconds: 10,
      exit_code: 0,
      interval_seconds: 1,
      tags: {},
      attributes: {},
      version: "0.1.0",
    },
    machine: {
      os: "linux",
      kernel: "6.18.0",
      architecture: "x86_64",
      cpu_model: "AMD EPYC 7B13",
      cpus: 8,
      cpus_usable: 8,
      memory_bytes: 16 * GIB,
      memory_usable_bytes: 16 * GIB,
    },
    devices: [],
    exact: { sources: {} },
    metrics: {},
    processes: { seen: 1, rows: [] },
    events: [],
    phases: [],
    unavailable: [],
    incomplete: [],
    monitor: { ticks: 12, ticks_skipped: 0 },
    ...parts,
  };
}

/** The statistics of a gauge that was always `value`, or of what `parts` say. */
export function gauge(value: number, parts: Partial<MetricSummary> = {}): MetricSummary {
  const same = { min: value, mean: value, p50: value, p95: value, max: value, last: value };
  return { unit: "", kind: "gauge", count: 12, ...same, ...parts };
}

/** The statistics of a counter that grew from 0 to `total`. */
export function counter(total: number, parts: Partial<MetricSummary> = {}): MetricSummary {
  return { unit: "", kind: "counter", count: 12, min: 0, max: total, last: total, total, ...parts };
}

const SECONDS = 200;

/** A training of 200 s on 8 cores: one process loads, four workers compute, two checkpoints are written. */
export function trainingFrames(): Frame[] {
  const ramp = [0, 0.05, 0.1, 0.2, 0.4, 0.7];
  const times = [...ramp, ...Array.from({ length: SECONDS }, (_, second) => second + 1)];
  const list = new SeriesList();
  for (const [series] of samplesAt(0)) list.add(series);
  return times.map((elapsed) => ({
    time: 1_795_252_353.25 + elapsed,
    elapsed,
    samples: new Samples(list, samplesAt(elapsed).map(([, value]) => value)),
    spans: new Samples(list, list.noValues()),
    processes: processesAt(elapsed),
  }));
}

const PROCESS_METRICS = new SeriesList();
PROCESS_METRICS.add("cpu_percent");
PROCESS_METRICS.add("memory_rss_bytes");

function processesAt(elapsed: number): ProcessSample[] {
  const loading = elapsed < 25;
  const main = { id: 1, pid: 4711, name: "python", values: [loading ? 98 : 12, 6.4 * GIB * Math.min(1, elapsed / 25)] };
  const workers = [0, 1, 2, 3].map((index) => ({
    id: 2 + index,
    pid: 4720 + index,
    name: "python",
    values: [90 + 5 * Math.sin(elapsed / 3 + index), (0.6 + 0.1 * index) * GIB],
  }));
  const living = elapsed > 199 ? [] : loading ? [main] : [main, ...workers];
  return living.map(({ values, ...process }) => ({ ...process, values: new Samples(PROCESS_METRICS, values) }));
}

function samplesAt(elapsed: number): [string, number][] {
  const loading = elapsed < 25;
  const checkpoint = [85, 150].some((start) => elapsed >= start && elapsed < start + 8);
  const wave = Math.sin(elapsed / 3) * 12 + Math.sin(elapsed * 1.7) * 9;
  const cpu = elapsed === 0 ? NaN : loading ? 98 + wave / 20 : checkpoint ? 105 + wave / 8 : 398 + wave;
  const rss = (loading ? 0.4 + elapsed * 0.24 : checkpoint ? 8.4 : 7.1 + Math.min(3, elapsed / 60)) * GIB;
  const pss = Math.round(elapsed) % 2 === 0 ? rss * 0.78 : NaN;
  const writes = checkpoint ? (180 + wave) * MIB : loading ? 0 : 40 * 1024;
  const reads = loading && elapsed > 1 ? (310 + 3 * wave) * MIB : 0;
  return [
    ["cpu_percent", cpu],
    ["memory_rss_bytes", rss],
    ["memory_pss_bytes", pss],
    ["processes", loading ? 1 : 5],
    ["threads", loading ? 9 : 41],
    ["storage_read_bytes_per_second", reads],
    ["storage_write_bytes_per_second", writes],
    ["system_cpu_percent", cpu + 21 + wave / 5],
    ["system_memory_used_bytes", rss * 0.8 + 2.1 * GIB],
    ['disk_read_bytes_per_second{disk="nvme0n1"}', reads * 0.9],
    ['disk_write_bytes_per_second{disk="nvme0n1"}', writes * 1.02],
    ['network_receive_bytes_per_second{interface="eth0"}', loading ? 1.5 * MIB : 12 * 1024 + 400 * wave],
    ['network_transmit_bytes_per_second{interface="eth0"}', loading ? 60 * 1024 : 9 * 1024 + 300 * wave],
    ['network_receive_bytes_per_second{interface="lo"}', 2048],
    ...coresAt(elapsed, cpu),
    ['system_pressure_percent{resource="cpu",kind="some"}', loading ? 1 : 14 + wave / 3],
    ['system_pressure_percent{resource="io",kind="some"}', loading || checkpoint ? 38 + wave / 2 : 0.2],
    ['system_pressure_percent{resource="memory",kind="some"}', 0],
  ];
}

// The scheduler moves the work about: at each time another core has most of it.
function coresAt(elapsed: number, cpu: number): [string, number][] {
  return Array.from({ length: 8 }, (_, core) => {
    const share = cpu / 100 - (core + Math.floor(elapsed / 20)) % 8;
    return [`system_cpu_core_percent{cpu="${core}"}`, Math.min(100, Math.max(4, 100 * share))];
  });
}

/** The summary of {@linkcode trainingFrames}, with everything that a report can tell. */
export function trainingSummary(parts: Partial<Summary> = {}): Summary {
  const bare = bareSummary();
  return {
    ...bare,
    run: {
      ...bare.run,
      command: ["python", "train.py", "--data", "/data/images of cats", "--epochs", "12", "--workers", "4"],
      cwd: "/home/ada/cats",
      wall_seconds: SECONDS,
      tags: { model: "resnet50", fold: "3" },
      message: "baseline with the larger batch",
      attributes: { SLURM_JOB_ID: "481516", git_commit: "9f1c2ab" },
    },
    exact: {
      cpu_seconds: 640.2,
      cpu_user_seconds: 611.4,
      cpu_system_seconds: 28.8,
      storage_read_bytes: 7.2 * GIB,
      storage_write_bytes: 2.81 * GIB,
      minor_faults: 4_512_334,
      major_faults: 212,
      voluntary_context_switches: 183_220,
      involuntary_context_switches: 12_004,
      memory_peak_bytes: 6.42 * GIB,
      sources: { cpu_seconds: "wait4", memory_peak_bytes: "ru_maxrss" },
      memory_peak_source: "ru_maxrss",
      sampled_cpu_seconds: 638.9,
    },
    metrics: { ...statistics(trainingFrames()), ...trainingCounters() },
    processes: { seen: 17, short_lived_cpu_percent: 0.8, rows: trainingProcesses() },
    unavailable: [
      {
        collector: "temperature",
        state: "absent",
        reason: "this machine has no sensors that the kernel shows",
      },
      {
        collector: "cgroup",
        state: "denied",
        metrics: ["cgroup_memory_peak_bytes"],
        reason: "Cannot read /sys/fs/cgroup/memory.peak: permission denied (EACCES)",
        remedy: "run as root, or in a control group of your own: systemd-run --user --scope",
      },
      { collector: "gpu", state: "unsupported", reason: "its driver is older than what can be read" },
    ],
    monitor: {
      cpu_seconds: 0.62,
      memory_peak_bytes: 58 * MIB,
      ticks: 206,
      ticks_skipped: 1,
      tick_p50_seconds: 0.0011,
      tick_p99_seconds: 0.0042,
    },
    ...parts,
  };
}

function trainingCounters(): Record<string, MetricSummary> {
  return {
    cpu_seconds_total: counter(638.9, { unit: "seconds" }),
    cgroup_cpu_periods_total: counter(2000),
    cgroup_cpu_throttled_periods_total: counter(118),
    cgroup_cpu_throttled_seconds_total: counter(9.4, { unit: "seconds" }),
    'network_receive_bytes_total{interface="eth0"}': counter(40.1 * MIB, { unit: "bytes" }),
    'network_transmit_bytes_total{interface="eth0"}': counter(3.2 * MIB, { unit: "bytes" }),
    'disk_read_bytes_total{disk="nvme0n1"}': counter(6.9 * GIB, { unit: "bytes" }),
    'disk_write_bytes_total{disk="nvme0n1"}': counter(2.9 * GIB, { unit: "bytes" }),
  };
}

function trainingProcesses(): ProcessSummary[] {
  const main = {
    id: 1,
    pid: 4711,
    name: "python",
    command: ["python", "train.py", "--data", "/data/images of cats", "--epochs", "12", "--workers", "4"],
    started: 0,
    ended: 200,
    exit_code: 0,
    values: values(96.1, 6.42, 5.1, [7.2, 2.81]),
  };
  const workers = [0, 1, 2, 3].map((index) => ({
    id: 2 + index,
    pid: 4720 + index,
    parent: 1,
    name: "python",
    command: ["python", "-c", "from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=6, pipe_handle=8)"],
    started: 25 + index / 10,
    ended: 199.2,
    exit_code: 0,
    values: values(134 + index * 1.3, 1.02, 0.61, [0, 0]),
  }));
  const helper = {
    id: 6,
    pid: 4731,
    parent: 1,
    name: "nvidia-smi",
    started: 61,
    ended: 61.4,
    exit_code: 9,
    values: { cpu_seconds_total: 0.04, memory_rss_bytes: 14 * MIB },
  };
  return [...workers.toReversed(), main, helper];
}

function values(cpu: number, rss: number, pss: number, [read, written]: [number, number]): Record<string, number> {
  return {
    cpu_seconds_total: cpu,
    memory_rss_bytes: rss * GIB,
    memory_pss_bytes: pss * GIB,
    storage_read_bytes_total: read * GIB,
    storage_write_bytes_total: written * GIB,
  };
}

/** Statistics of every series in the frames, each tick counted alike: near enough for a sample. */
export function statistics(frames: readonly Frame[]): Record<string, MetricSummary> {
  const columns = new Map<string, number[]>();
  for (const { samples } of frames) {
    for (const [series, value] of samples) columns.set(series, [...columns.get(series) ?? [], value]);
  }
  const order = (series: string): number => METRIC_NAMES.findIndex((name) => name === parseSeries(series).name);
  const sorted = [...columns].sort(([a], [b]) => order(a) - order(b));
  return Object.fromEntries(sorted.map(([series, column]) => [series, statisticsOf(series, column)]));
}

function statisticsOf(series: string, column: readonly number[]): MetricSummary {
  const { name } = parseSeries(series);
  if (!isMetricName(name)) throw new RangeError(`Cannot describe ${series}: not in the vocabulary`);
  const { unit, kind } = METRICS[name];
  const sorted = column.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? NaN;
  const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
  const last = column.at(-1) ?? NaN;
  return { unit, kind, count: column.length, min: at(0), mean, p50: at(0.5), p95: at(0.95), max: at(1), last };
}
