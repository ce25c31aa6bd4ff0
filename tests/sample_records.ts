import type {
  ColumnsRecord,
  EndRecord,
  EventRecord,
  ResmonRecord,
  SessionRecord,
  StatusRecord,
  TickRecord,
} from "../lib/records.ts";

const GIB = 1024 ** 3;
const STARTED = 1_795_252_353.25;

/** A session as `resmon run -- python train.py` would record it. */
export function sampleSession(parts: Partial<SessionRecord> = {}): SessionRecord {
  return {
    type: "session",
    seq: 1,
    schema: 1,
    version: "0.1.0",
    run: "019aa5c2-7d10-7000-8000-000000000001",
    mode: "run",
    command: ["python", "train.py", "--name", "naïve \u001b[31m"],
    cwd: "/home/ada",
    host: "workshop",
    boot_id: "6a3f0c1e-1f0b-4b4e-9d0c-0c8a4e0f6c11",
    started: STARTED,
    interval: 1,
    machine: {
      os: "linux",
      kernel: "6.18.0",
      architecture: "x86_64",
      cpu_model: "AMD EPYC 7B13",
      cpus: 8,
      cpus_usable: 4,
      memory_bytes: 16 * GIB,
      memory_usable_bytes: 8 * GIB,
    },
    tags: { model: "resnet50" },
    message: "baseline",
    attributes: { SLURM_JOB_ID: "481516" },
    ...parts,
  };
}

/** A status record. */
export function sampleStatus(parts: Partial<StatusRecord>): StatusRecord {
  return { type: "status", seq: 2, collector: "temperature", state: "working", ...parts };
}

/** A columns record. */
export function sampleColumns(parts: Partial<ColumnsRecord>): ColumnsRecord {
  return { type: "columns", seq: 3, collector: "process", series: [], ...parts };
}

/** A tick with its wall clock in step with elapsed. */
export function sampleTick(elapsed: number, parts: Partial<TickRecord> = {}): TickRecord {
  return { type: "tick", seq: 4, time: STARTED + elapsed, elapsed, values: {}, ...parts };
}

/** An event with its wall clock in step with elapsed. */
export function sampleEvent(kind: EventRecord["kind"], elapsed: number, parts: Partial<EventRecord> = {}): EventRecord {
  return { type: "event", seq: 5, kind, time: STARTED + elapsed, elapsed, ...parts };
}

/** The end of a command that succeeded. */
export function sampleEnd(elapsed: number, parts: Partial<EndRecord> = {}): EndRecord {
  return { type: "end", seq: 6, time: STARTED + elapsed, elapsed, exit_code: 0, exact: { sources: {} }, ...parts };
}

/**
 * A whole run of `seconds` ticks on one second each: one process that keeps one core busy and grows by 1 GiB, a disk that
 * appears after 2 s, and no sensors.
 */
export function sampleRun(seconds: number): ResmonRecord[] {
  const ticks = Array.from({ length: seconds + 1 }, (_, elapsed) => runTick(elapsed));
  const head: ResmonRecord[] = [
    sampleSession(),
    sampleStatus({ collector: "process" }),
    sampleStatus({ collector: "temperature", state: "absent", reason: "no sensors", remedy: "load their driver" }),
    sampleColumns({
      series: ["cpu_seconds_total", "memory_rss_bytes"],
      processes: ["cpu_seconds_total", "memory_rss_bytes"],
    }),
    sampleColumns({ collector: "monitor", series: ["monitor_cpu_seconds_total", "monitor_tick_seconds"] }),
    sampleEvent("process_start", 0, {
      pid: 4711,
      id: 1,
      attributes: { name: "python", command: ["python", "train.py"], started: 0.002 },
    }),
  ];
  const tail: ResmonRecord[] = [
    sampleEvent("process_exit", seconds, { pid: 4711, id: 1, attributes: { exit_code: 0 } }),
    ...ticks.slice(-1),
    sampleEnd(seconds, {
      exact: {
        cpu_seconds: seconds,
        cpu_user_seconds: seconds,
        cpu_system_seconds: 0,
        memory_peak_bytes: 2 * GIB,
        sources: { cpu_seconds: "wait4", memory_peak_bytes: "ru_maxrss" },
      },
    }),
  ];
  const disk = sampleColumns({ collector: "disk", series: ['disk_read_bytes_total{disk="nvme0n1"}'] });
  const body = [...ticks.slice(0, 2), disk, ...ticks.slice(2, -1)];
  return [...head, ...body, ...tail].map((record, at) => ({ ...record, seq: at + 1 }));
}

function runTick(elapsed: number): TickRecord {
  const memory = GIB + elapsed * 1024 ** 2;
  return sampleTick(elapsed, {
    values: {
      process: [elapsed, memory],
      ...(elapsed < 2 ? {} : { disk: [elapsed * 4096] }),
      monitor: [0.05 + elapsed / 1000, elapsed === 0 ? null : 0.0004],
    },
    processes: [[1, elapsed, memory]],
  });
}

/** The records as `log.jsonl` holds them. */
export function formatLog(records: readonly ResmonRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}
