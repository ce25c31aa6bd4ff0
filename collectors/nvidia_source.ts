import type { GpuColumns, GpuReading } from "./nvidia_reading.ts";

/** Seconds for which a driver without persistence mode may wake up eight GPUs, one after the other, before anybody can read. */
export const WAKING_SECONDS = 30;

/** One way to read the NVIDIA GPUs of a machine. */
export interface NvidiaSource {
  /** What reads: its name for people. */
  readonly name: string;
  /** Starts to read; nothing is there yet. */
  start(): void;
  /** Resolves with the first numbers. Rejects with Unavailable where none come. */
  ready(): Promise<void>;
  /** The last numbers at `now`; undefined before the first. Throws Unavailable where none come any more, Error for a gap. */
  read(now: number): NvidiaNumbers | undefined;
  /** Resolves once nothing of it runs any more. */
  close(): Promise<void>;
}

/** What was read last. */
export interface NvidiaNumbers {
  /** The same object until the columns change. */
  readonly columns: GpuColumns;
  readonly reading: GpuReading;
  /** Monotonic seconds. */
  readonly at: number;
}
