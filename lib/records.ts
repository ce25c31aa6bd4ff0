/**
 * The records: the one stream that every source of resmon produces and every sink consumes, and what `log.jsonl` holds, one
 * record a line. `docs/format.md` describes every field for readers outside resmon.
 */

/** Version of the record format. A reader accepts logs of this version and of older ones. */
export const SCHEMA_VERSION = 1;

/** What the machine and the run are, told once at the beginning. */
export interface SessionRecord {
  readonly type: "session";
  readonly seq: number;
  readonly schema: number;
  /** resmon's own version. */
  readonly version: string;
  /** Identity of the run: a UUIDv7. */
  readonly run: string;
  readonly mode: "run" | "attach";
  readonly command: readonly string[];
  readonly cwd: string;
  readonly host: string;
  readonly boot_id?: string;
  /** Wall clock in Unix seconds, some milliseconds before elapsed 0. */
  readonly started: number;
  /** Nominal seconds between two ticks; no rate is ever computed from it. */
  readonly interval: number;
  readonly machine: Machine;
  /** Given by the user: `--tag key=value`. */
  readonly tags: Readonly<Record<string, string>>;
  /** Given by the user: `--message`. */
  readonly message?: string;
  /** Found by resmon: SLURM_JOB_ID, RANK, git commit and the like. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** The machine as far as it does not change during a run; of a run of another system nothing may be known. */
export interface Machine {
  /** Such as `linux`. */
  readonly os?: string;
  /** Such as `6.18.0`. */
  readonly kernel?: string;
  /** `x86_64` or `aarch64`. */
  readonly architecture?: string;
  readonly cpu_model?: string;
  /** CPUs that are online. */
  readonly cpus?: number;
  /** CPUs that the command may use: the least of online, affinity and the quota of its control groups. */
  readonly cpus_usable?: number;
  readonly memory_bytes?: number;
  /** Memory that the command may use: the least of the machine's and the limit of its control groups. */
  readonly memory_usable_bytes?: number;
}

/** The machine that resmon itself runs on. */
export type OwnMachine = Machine & Required<Omit<Machine, "kernel" | "cpu_model">>;

/** The five ways in which a source can stand. */
export type State = "working" | "unsupported" | "denied" | "absent" | "off" | "lost";

/** How a collector or a sink stands: why its numbers are not there. */
export interface StatusRecord extends Status {
  readonly type: "status";
  readonly seq: number;
}

/** The content of a status record. */
export interface Status {
  /** The collector, or `sink:<name>`. */
  readonly collector: string;
  readonly state: State;
  /** The metrics concerned, where it is not the whole collector. */
  readonly metrics?: readonly string[];
  readonly reason?: string;
  /** What the user can do about it. */
  readonly remedy?: string;
}

/** An accelerator or another device that was found, told once; a repetition replaces it. */
export interface DeviceRecord extends Device {
  readonly type: "device";
  readonly seq: number;
}

/** What a device is. */
export interface Device {
  /** The label that its series have, such as `gpu`, and its value there, such as `0`. */
  readonly label: string;
  readonly id: string;
  /** What people call it, such as `NVIDIA H200`. */
  readonly name: string;
  /** What else is known, such as `uuid`, `driver`, `bus`. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** What the machine drew before the command started, measured for `--baseline`. */
export interface BaselineRecord extends Baseline {
  readonly type: "baseline";
  readonly seq: number;
}

/** The content of a baseline record. */
export interface Baseline {
  /** How long it was measured. */
  readonly seconds: number;
  /** Mean power in watts by series, such as `gpu_power_watts{gpu="0"}`. */
  readonly watts: Readonly<Record<string, number>>;
}

/** The order of a collector's values from here on. */
export interface ColumnsRecord {
  readonly type: "columns";
  readonly seq: number;
  readonly collector: string;
  readonly series: readonly string[];
  /**
   * The columns that this collector adds to each process row. A row is its id, then the columns of every collector that has
   * some, in the order in which their first columns records came.
   */
  readonly processes?: readonly string[];
}

/** A process row: its id, then one value a column; `null` is unknown. */
export type ProcessRow = readonly [id: number, ...values: (number | null)[]];

/** The id of the row that adds up the processes beyond the largest ones; its counters may fall as its members change. */
export const OTHERS = 0;

/** What was read at one instant. */
export interface TickRecord {
  readonly type: "tick";
  readonly seq: number;
  /** Wall clock as read, in Unix seconds; never used in arithmetic. */
  readonly time: number;
  /** Monotonic seconds since just before the command started. */
  readonly elapsed: number;
  /** Values of the collectors that were read, in the order of their columns; `null` is a gap. */
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
  /** Elapsed of a collector's own reading, where it is not the tick's. */
  readonly at?: Readonly<Record<string, number>>;
  /** Rows of the processes that changed. */
  readonly processes?: readonly ProcessRow[];
}

/** What happened at one instant. */
export interface EventRecord extends Event {
  readonly type: "event";
  readonly seq: number;
}

/** What a program marks on its own timeline. */
export const MARK_KINDS = ["tag", "phase_start", "phase_end", "checkpoint", "log", "progress"] as const;

/** One of {@linkcode MARK_KINDS}. */
export type MarkKind = (typeof MARK_KINDS)[number];

/** The kinds of events: what resmon itself sees, and what a program marks. */
export type EventKind =
  | "process_start"
  | "process_exec"
  | "process_exit"
  | "stop"
  | "continue"
  | "signal"
  | MarkKind;

/** The content of an event record. */
export interface Event extends Partial<MarkContent> {
  readonly kind: EventKind;
  /** Wall clock of the sender, in Unix seconds. */
  readonly time: number;
  /** Elapsed of the recorder, see {@linkcode TickRecord}; of a mark, when its sender made it. */
  readonly elapsed: number;
  /** Of a mark: as the sender sees itself. */
  readonly pid?: number;
  readonly tid?: number;
  /** The small id that stands for the process in ticks: 1, 2, … within the run. */
  readonly id?: number;
  /** The id of the parent process, where it is in the tree. */
  readonly parent?: number;
  readonly attributes?: Attributes;
}

/** What is told of something beside its name. */
export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** What marks tell, each kind its part. */
export interface MarkContent {
  /** How it came: through the socket, the file for shells, or a line of the command's output. */
  readonly source: MarkSource;
  /** Label of a tag, name of a phase or checkpoint, message of a progress, logger of a log. */
  readonly name: string;
  /** The parts of a checkpoint's name, where it has several. */
  readonly names: readonly string[];
  /** Pairs the start of a phase with its end; names a progress. */
  readonly span: string;
  readonly level: Level;
  /** Of a log: texts, tables and objects. */
  readonly messages: readonly Message[];
  /** Where in the source a log was made. */
  readonly path: string;
  readonly line: number;
  /** Of a progress: the whole, where it is known, and how much of it is done. */
  readonly total: number;
  readonly completed: number;
  readonly state: ProgressState;
}

/** How a mark came. */
export type MarkSource = "socket" | "file" | "stdout" | "stderr";

/** The levels of logs, as in Python. */
export const LEVELS = ["debug", "info", "warning", "error", "critical"] as const;

/** One of {@linkcode LEVELS}. */
export type Level = (typeof LEVELS)[number];

/** The states of a progress. */
export const PROGRESS_STATES = ["running", "done", "failed"] as const;

/** One of {@linkcode PROGRESS_STATES}. */
export type ProgressState = (typeof PROGRESS_STATES)[number];

/** A part of a log: a text, a table, or anything that JSON can tell. */
export type Message = string | { readonly table: Table } | { readonly json: unknown };

/** A table within a log. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
}

/** How the command ended and what the kernel accounts exactly for it. */
export interface EndRecord {
  readonly type: "end";
  readonly seq: number;
  readonly time: number;
  readonly elapsed: number;
  /** Exit code, absent if the command died by a signal or its end was not seen. */
  readonly exit_code?: number;
  /** Name of the signal that the command died by, such as `SIGKILL` or `SIGRTMIN+3`. */
  readonly signal?: string;
  /** Why there is neither, such as the command still running after Ctrl-C of `attach`. */
  readonly reason?: string;
  readonly exact: Exact;
}

/** What the kernel accounts exactly; each value stands with its source in `sources`, an unknown one is absent. */
export interface Exact {
  readonly cpu_seconds?: number;
  readonly cpu_user_seconds?: number;
  readonly cpu_system_seconds?: number;
  readonly storage_read_bytes?: number;
  readonly storage_write_bytes?: number;
  readonly syscall_read_bytes?: number;
  readonly syscall_write_bytes?: number;
  readonly minor_faults?: number;
  readonly major_faults?: number;
  readonly voluntary_context_switches?: number;
  readonly involuntary_context_switches?: number;
  /** Largest single process, as far as is known: see `memory_peak_limit_bytes`. */
  readonly memory_peak_bytes?: number;
  /**
   * Where the kernel cannot tell the largest process, because resmon itself was larger when it started the command: its peak
   * is no more than this, and no less than what was sampled.
   */
  readonly memory_peak_limit_bytes?: number;
  /** The largest memory of everything in the command's own control group together, page cache included: with `--cgroup`. */
  readonly cgroup_memory_peak_bytes?: number;
  /** Where each value above comes from, such as `wait4` or `wait4, sampled`. */
  readonly sources: Readonly<Partial<Record<ExactName, string>>>;
}

/** The names of the exact values. */
export type ExactName = Exclude<keyof Exact, "sources" | "memory_peak_limit_bytes">;

/** Any record but the summary, which is derived from the others (`lib/summary.ts`). */
export type ResmonRecord =
  | SessionRecord
  | StatusRecord
  | DeviceRecord
  | BaselineRecord
  | ColumnsRecord
  | TickRecord
  | EventRecord
  | EndRecord;

/** A record before the stream has numbered it. */
export type Unnumbered<R> = R extends { readonly seq: number } ? Omit<R, "seq"> : never;
