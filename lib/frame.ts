import type { Samples } from "./samples.ts";

/** A tick with everything spelled out: full series names, and the rates that `lib/derive.ts` adds. */
export interface Frame {
  /** Wall clock as read, in Unix seconds. */
  readonly time: number;
  /** Monotonic seconds since just before the command started. */
  readonly elapsed: number;
  /** Gauges, counters and rates by series; a series without a value in this tick is absent. */
  readonly samples: Samples;
  /**
   * The seconds over which each rate in `samples` was taken, and each energy was counted: a gap or a slow source makes them
   * more than one tick.
   */
  readonly spans: Samples;
  /** The processes that have a row in this tick: those that changed. */
  readonly processes: readonly ProcessSample[];
}

/** One process in one frame. */
export interface ProcessSample {
  /** The small id of the process; {@linkcode OTHERS} (0) for the sum of the smaller processes. */
  readonly id: number;
  readonly pid?: number;
  /** The kernel's name of the process, at most 15 bytes. */
  readonly name: string;
  /** Values by metric name: the columns of the row, and the rates since the process's previous row. */
  readonly values: Samples;
}
