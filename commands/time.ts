import { DiskRoot } from "../lib/disk_root.ts";
import { formatCommand } from "../lib/escape.ts";
import { formatBytes, formatSeconds } from "../lib/format.ts";
import type { Launcher, WrappedCommand } from "../lib/launcher.ts";
import { formatLocalTime } from "../lib/local_time.ts";
import { MarkSender } from "../lib/mark_sender.ts";
import { DenoMarkSurroundings } from "../lib/mark_surroundings_deno.ts";
import { PLATFORM } from "../lib/platform.ts";
import { PortableLauncher } from "../lib/portable_child.ts";
import { parseProcStatus } from "../lib/proc_files.ts";
import { signalName } from "../lib/signals.ts";
import { SpawnError } from "../lib/spawn.ts";
import type { Ended, ExitStatus, ResourceUsage } from "../lib/wait.ts";
import { CommandError, OWN_FAILURE } from "./exit_status.ts";
import { LinuxLauncher } from "./launcher_linux.ts";
import { ownErrorNotice, surviveOwnErrors } from "./own_errors.ts";
import { tell } from "./stderr.ts";

const PATIENCE_MS = 1000;
const MAX_NAME = 100;

/** The options of `resmon time`. */
export interface TimeOptions {
  readonly name?: string;
  readonly quiet?: boolean;
}

/** Runs a command as a phase, tells what it used, and gives its exit status. Throws {@linkcode CommandError} before it starts. */
export async function time(
  command: readonly string[],
  { name, quiet = false }: TimeOptions,
): Promise<ExitStatus> {
  const launcher = createLauncher(command);
  const shown = name ?? formatCommand(launcher.words).slice(0, MAX_NAME);
  const phase = new CommandPhase(shown);
  const started = Date.now() / 1000;
  const start = performance.now();
  const child = await launch(launcher, phase);
  surviveOwnErrors((error) => tell(ownErrorNotice(error)));
  const ownPeakBytes = readOwnPeak();
  await child.ended;
  const seconds = (performance.now() - start) / 1000;
  const ended = child.reap();
  child.close();
  await phase.end(ended?.status);
  if (ended === undefined) {
    throw new CommandError("The command ended, but somebody else took its exit status", OWN_FAILURE);
  }
  if (!quiet) {
    tell(`${shown} started at ${formatLocalTime(started)}`);
    tell(`${shown} ${describeEnd(ended.status, seconds)}${describeUsage(ended, { seconds, ownPeakBytes })}`);
  }
  return ended.status;
}

/** The phase of the command in the run around it, where there is one. */
class CommandPhase {
  readonly #sender = new MarkSender(new DenoMarkSurroundings());
  readonly #name: string;
  readonly #span: string;

  constructor(name: string) {
    this.#name = name;
    this.#span = this.#sender.newSpan();
  }

  start(): void {
    this.#sender.send({ kind: "phase_start", name: this.#name, span: this.#span });
  }

  /** Ends the phase, and waits until the system has taken that. */
  async end(status: ExitStatus | undefined): Promise<void> {
    const error = status === undefined ? "unknown" : errorOf(status);
    const attributes = error === undefined ? {} : { attributes: { error } };
    this.#sender.send({ kind: "phase_end", name: this.#name, span: this.#span, ...attributes });
    await this.#sender.flush(PATIENCE_MS);
    this.#sender.close();
  }
}

function createLauncher(command: readonly string[]): Launcher {
  const options = { adopt: false, forward: true };
  return PLATFORM === "linux" ? new LinuxLauncher(command, options) : new PortableLauncher(command, options);
}

async function launch(launcher: Launcher, phase: CommandPhase): Promise<WrappedCommand> {
  try {
    return await launcher.launch({
      onSpawn: () => phase.start(),
      onChildSignal: nothing,
      onStop: nothing,
      onContinue: nothing,
      onSignal: nothing,
    });
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    await phase.end({ code: error.exitCode });
    throw new CommandError(error.message, error.exitCode);
  }
}

function nothing(): void {
  // Nobody records it here.
}

function errorOf(status: ExitStatus): string | undefined {
  if ("signal" in status) return signalName(status.signal);
  return status.code === 0 ? undefined : `exit status ${status.code}`;
}

function describeEnd(status: ExitStatus, seconds: number): string {
  const after = `after ${formatSeconds(seconds)}`;
  if ("signal" in status) return `was ended ${after} by ${signalName(status.signal)}`;
  return `${status.code === 0 ? "finished" : "failed"} ${after} with exit status ${status.code}`;
}

function describeUsage(
  { usage }: Ended,
  { seconds, ownPeakBytes }: { readonly seconds: number; readonly ownPeakBytes: number },
): string {
  if (usage === undefined) return "";
  const cpu = usage.userSeconds + usage.systemSeconds;
  const cores = seconds > 0 ? ` (${(cpu / seconds).toFixed(1)} cores)` : "";
  return `: ${formatSeconds(cpu)} of CPU time${cores}, ${describePeak(usage, ownPeakBytes)}`;
}

// The kernel takes resmon's own size over into the command's ru_maxrss: a value that is not above it is only a limit.
function describePeak({ maxRssBytes }: ResourceUsage, ownPeakBytes: number): string {
  const limit = maxRssBytes > ownPeakBytes ? "" : "at most ";
  return `largest process ${limit}${formatBytes(maxRssBytes)}`;
}

function readOwnPeak(): number {
  if (PLATFORM !== "linux") return 0;
  return parseProcStatus(new DiskRoot().read("/proc/self/status")).peakRssBytes ?? 0;
}
