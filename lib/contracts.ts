import type { Device, Event, ResmonRecord, Status } from "./records.ts";
import type { MetricName } from "./metrics.ts";
import type { MeasuredPhase } from "./phase_summary.ts";
import type { Root } from "./root.ts";
import type { Frame } from "./frame.ts";
import type { Summary } from "./summary.ts";
import type { Tools } from "./tools.ts";

/** A source that is not there: from `open`, not on this machine; from `collect`, gone for good. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
  readonly state: Exclude<Status["state"], "working">;
  /** What the user can do about it. */
  readonly remedy: string | undefined;

  constructor(state: Exclude<Status["state"], "working">, reason: string, remedy?: string) {
    super(reason);
    this.state = state;
    this.remedy = remedy;
  }
}

/** What a collector is opened with. */
export interface Environment {
  readonly root: Root;
  /** The programs of the machine. */
  readonly tools: Tools;
  /** The words that start this program, for a helper of its own; `resmon` where the machine is a fixture. */
  readonly program: readonly string[];
  /** Whether the user asked for it by name: then `open` waits until a slow source has answered or failed. */
  readonly isRequired: boolean;
  /** Nominal seconds between two ticks. */
  readonly interval: number;
  /** Bytes of a page: `getconf PAGESIZE`. */
  readonly pageSize: number;
  /** Clock ticks in a second, the unit of CPU times in /proc: `getconf CLK_TCK`. */
  readonly clockTicks: number;
  /**
   * CPU seconds that a process has used so far, to the nanosecond, by clock_gettime(2); undefined once it is gone. Absent
   * where the machine is a fixture: then clock ticks have to do.
   */
  readonly processCpuSeconds?: (pid: number) => number | undefined;
  /** Says how the collector, or some of its metrics, stand. Each distinct status is recorded once. */
  readonly report: (status: Omit<Status, "collector">) => void;
  /** Says what a device is. Each distinct one is recorded once. */
  readonly introduce: (device: Device) => void;
}

/** One process of the tree, the same object for as long as it lives. */
export interface TreeProcess {
  readonly pid: number;
  /** Start time in clock ticks since boot; with the pid the identity of the process. */
  readonly startTime: number;
  /** The small id of the process in ticks. */
  readonly id: number;
}

/** What the process collector has found in this tick; the other collectors may read it. */
export interface ProcessTree {
  readonly processes: ReadonlyMap<number, TreeProcess>;
}

/** What is watched. */
export interface Target {
  readonly pid: number;
}

/** What one reading gives. */
export interface Reading {
  /** In the order of the collector's `series`; `null` is a gap. */
  readonly values: readonly (number | null)[];
  /** Values in the order of the collector's `processColumns`, by the id of the process. */
  readonly processes?: ReadonlyMap<number, readonly (number | null)[]>;
  /** Things that happened; the recorder adds the time. */
  readonly events?: readonly Omit<Event, "time" | "elapsed">[];
  /** Monotonic seconds of the reading itself, where the source is slower than the tick. */
  readonly at?: number;
}

/** One subject on one platform. A file in `collectors/` holds one, `collectors/mod.ts` lists them all. */
export interface Collector {
  /** Such as `memory`: the key of its values in a tick, and what `--metrics` selects. */
  readonly name: string;
  /** Everything that it may ever give, for the vocabulary and `doctor`. */
  readonly metrics: readonly MetricName[];
  /** Where its numbers come from, the best source first: files, calls, tools. For `doctor` and the documents. */
  readonly sources: readonly string[];
  /** Seconds between two readings, where once a tick would be too often. */
  readonly period?: number | undefined;
  /** The columns of its values. A new array when they change. Valid once open. */
  readonly series: readonly string[];
  /** The columns that it adds to process rows. */
  readonly processColumns?: readonly string[];
  /** The process collector's: the tree as of its last reading, for the collectors after it. */
  readonly tree?: ProcessTree;
  /** Finds what there is to read. Throws {@linkcode Unavailable}, also by rejecting. */
  open(environment: Environment): void | Promise<void>;
  /** The pid to watch is known. */
  begin?(target: Target): void;
  /**
   * Reads now: synchronous and cheap. `now` is monotonic seconds. Throws {@linkcode Unavailable} when gone for good; any other
   * error is a gap of one tick.
   */
  collect(now: number, tree: ProcessTree | undefined): Reading;
  /** A promise, which tests wait for, where something has to end. */
  close(): void | Promise<void>;
}

/** Takes records as they are: a log, a remote server. Opened by its constructor function, before the command starts. */
export interface RecordSink {
  readonly name: string;
  /** Synchronous, and never throws: a sink that fails stops by itself and tells `onFailure` once. */
  write(record: ResmonRecord): void;
  /** Finishes within `deadline` seconds. */
  close(deadline: number): void | Promise<void>;
}

/** Takes ticks with everything spelled out: CSV, report, terminal. */
export interface FrameSink {
  readonly name: string;
  /** The session, before everything else; again where several segments make a log. */
  record?(record: ResmonRecord): void;
  frame(frame: Frame): void;
  event(event: Event): void;
  status(status: Status): void;
  /** Phases of the program that have ended and are measured now, each once: it may be some ticks later. */
  phases?(phases: readonly MeasuredPhase[]): void;
  /** The last call before `close`. */
  end(summary: Summary): void;
  close(deadline: number): void | Promise<void>;
}

/** What a sink is told to call when it can write no more, or has lost something: `reason` says what was wrong and where. */
export type OnFailure = (reason: string) => void;
