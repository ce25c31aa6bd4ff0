import type { ProcessOptions } from "../collectors/command_collector.ts";
import { MonitorCollector } from "../collectors/monitor_linux.ts";
import { ProcessCollector } from "../collectors/process_linux.ts";
import type { Launcher, LaunchOptions } from "../lib/launcher.ts";
import type { RecorderStatistics } from "../lib/recorder.ts";
import { LinuxAttachment } from "./attachment_linux.ts";
import { LinuxLauncher } from "./launcher_linux.ts";
import type { Attachment, OwnCollectors, Platform } from "./platform.ts";

/** Linux: everything by /proc and the C library. */
export class LinuxPlatform implements Platform {
  prepare(command: readonly string[], options: LaunchOptions): Launcher {
    return new LinuxLauncher(command, options);
  }

  attach(pid: number): Promise<Attachment> {
    return Promise.resolve().then(() => new LinuxAttachment(pid));
  }

  createOwnCollectors(options: ProcessOptions, statistics: () => RecorderStatistics): OwnCollectors {
    return { process: new ProcessCollector(options), monitor: new MonitorCollector(statistics) };
  }
}
