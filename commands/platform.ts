import type { CommandCollector, ProcessOptions } from "../collectors/command_collector.ts";
import type { Collector } from "../lib/contracts.ts";
import type { Launcher, LaunchOptions } from "../lib/launcher.ts";
import type { MarkHome } from "../lib/mark_place.ts";
import { PLATFORM } from "../lib/platform.ts";
import type { RecorderStatistics } from "../lib/recorder.ts";
import { CommandError } from "./exit_status.ts";
import { LinuxPlatform } from "./platform_linux.ts";
import { darwinPlatform, windowsPlatform } from "./platform_portable.ts";

/** What `run` and `attach` need of the operating system. */
export interface Platform {
  /** Makes ready to start a command. Throws {@linkcode CommandError}. */
  prepare(command: readonly string[], options: LaunchOptions): Launcher;
  /** Makes ready to watch a process that runs already. Rejects with {@linkcode CommandError}. */
  attach(pid: number): Promise<Attachment>;
  /** The collectors that every recording has, first and last. */
  createOwnCollectors(options: ProcessOptions, statistics: () => RecorderStatistics): OwnCollectors;
}

/** The collector of the command's processes, and that of resmon's own cost. */
export interface OwnCollectors {
  readonly process: CommandCollector;
  readonly monitor: Collector;
}

/** A process that runs already and is to be watched. */
export interface Attachment {
  readonly command: readonly string[];
  /** Empty where it is not told. */
  readonly cwd: string;
  /** What may not be read of it, for the user. */
  readonly denied: string | undefined;
  /** Descriptors that resmon may keep open beside those that it needs for itself. */
  readonly keptFiles: number;
  /** Where the process looks for those who take its marks; undefined where that is not resmon's to write to. */
  readonly markHome: MarkHome | undefined;
  /** Calls back for signals that end resmon otherwise. */
  listen(onSignal: (signal: Deno.Signal) => void): Promise<void>;
  /** Resolves when the process has ended; to false where only readings of it can tell. */
  ended(): Promise<boolean>;
  /** Stops listening. */
  close(): void;
}

const PLATFORMS: Readonly<Record<string, () => Platform>> = {
  linux: () => new LinuxPlatform(),
  darwin: darwinPlatform,
  windows: windowsPlatform,
};

/** A system as `Deno.build.os` names it; undefined for one that cannot be recorded. */
export function platformOf(name: string): Platform | undefined {
  return PLATFORMS[name]?.();
}

/** The system that resmon runs on. Throws {@linkcode CommandError} for one that cannot be recorded. */
export function openPlatform(exitCode: number): Platform {
  const platform = platformOf(PLATFORM);
  if (platform !== undefined) return platform;
  throw new CommandError(`Cannot record on ${PLATFORM}: known are ${Object.keys(PLATFORMS).join(", ")}`, exitCode);
}
