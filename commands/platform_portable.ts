import type { ProcessOptions } from "../collectors/command_collector.ts";
import { PortableMonitorCollector } from "../collectors/monitor_portable.ts";
import { PsSource } from "../collectors/process_darwin.ts";
import { CimSource } from "../collectors/process_windows.ts";
import { type ProcessSource, SampledProcessCollector } from "../collectors/sampled_processes.ts";
import type { Launcher, LaunchOptions } from "../lib/launcher.ts";
import { PortableLauncher } from "../lib/portable_child.ts";
import type { RecorderStatistics } from "../lib/recorder.ts";
import { PortableAttachment } from "./attachment_portable.ts";
import type { Attachment, OwnCollectors, Platform } from "./platform.ts";

/** macOS: processes by ps(1). */
export function darwinPlatform(): Platform {
  return new PortablePlatform(() => new PsSource());
}

/** Windows: processes by CIM. */
export function windowsPlatform(): Platform {
  return new PortablePlatform(() => new CimSource());
}

/** A system where commands are started by the runtime, and processes are told by tables of all of them. */
class PortablePlatform implements Platform {
  readonly #createSource: () => ProcessSource;

  constructor(createSource: () => ProcessSource) {
    this.#createSource = createSource;
  }

  prepare(command: readonly string[], options: LaunchOptions): Launcher {
    return new PortableLauncher(command, options);
  }

  attach(pid: number): Promise<Attachment> {
    return PortableAttachment.find(pid, this.#createSource());
  }

  createOwnCollectors({ startsCommand }: ProcessOptions, statistics: () => RecorderStatistics): OwnCollectors {
    const process = new SampledProcessCollector(this.#createSource(), { startsCommand });
    return { process, monitor: new PortableMonitorCollector(() => process.ownCpuSeconds, statistics) };
  }
}
