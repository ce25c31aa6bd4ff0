import { orGap } from "../lib/availability.ts";
import { DiskRoot } from "../lib/disk_root.ts";
import { FileLimit } from "../lib/file_limit.ts";
import type { Host } from "../lib/host.ts";
import { parseCommandLine, parseProcStat } from "../lib/proc_files.ts";
import { isGone, type Root } from "../lib/root.ts";
import { SignalListeners } from "../lib/signal_listeners.ts";
import { type ExitStatus, waitForForeignEnd, warmUpThreadPool } from "../lib/wait.ts";
import { CommandError, FAILURE } from "./exit_status.ts";
import type { RecordingOptions } from "./options.ts";
import { ownErrorNotice, surviveOwnErrors } from "./own_errors.ts";
import { openOutputFolder } from "./output_folder.ts";
import { openOutputs, type Outputs } from "./outputs.ts";
import { openHost } from "./machine_host.ts";
import { Recording, requireLinux } from "./recording.ts";

const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const NO_STATUS = "attach does not start the process, so its exit status and exact totals go to its parent";

/** The options of `resmon attach`. */
export interface AttachOptions extends RecordingOptions {
  readonly pid: number;
}

/** Records a process that runs already, and its tree, until it ends or a signal ends resmon. Throws {@linkcode CommandError}. */
export async function attach(options: AttachOptions): Promise<ExitStatus> {
  try {
    return await record(options);
  } catch (error) {
    // 125 is for `run`, whose other exit codes belong to the command.
    throw error instanceof CommandError ? new CommandError(error.message, FAILURE) : error;
  }
}

async function record(options: AttachOptions): Promise<ExitStatus> {
  requireLinux(FAILURE);
  const machine = openHost(options.root, FAILURE);
  const signals = new SignalListeners(new DiskRoot());
  const target = readTarget(new DiskRoot(), options.pid);
  const host = Deno.hostname();
  const { output: wanted, force = false, pid } = options;
  const folder = openOutputFolder({ wanted, force, command: target.command, host, pid, now: new Date() });
  const outputs = await openOutputs(folder, options);
  if (target.denied !== undefined) outputs.notices.add(target.denied);
  const ended: Ending = Promise.withResolvers();
  const recording = makeRecording(options, { target, machine, outputs, ended });
  try {
    await recording.open();
  } catch (error) {
    folder.discard();
    throw error;
  }
  surviveOwnErrors((error) => outputs.notices.add(ownErrorNotice(error)));
  const reason = await watch(options, { recording, ended, signals });
  if (reason !== undefined) outputs.notices.add(reason);
  outputs.notices.flush();
  return { code: 0 };
}

interface AttachTarget {
  readonly command: readonly string[];
  readonly cwd: string;
  /** What may not be read, for the user. */
  readonly denied: string | undefined;
}

function readTarget(root: Root, pid: number): AttachTarget {
  if (pid === Deno.pid) throw new CommandError(`Cannot attach to process ${pid}: it is resmon itself`, FAILURE);
  const name = readName(root, pid);
  const command = orGap(() => parseCommandLine(root.read(`/proc/${pid}/cmdline`))) ?? [];
  const mayRead = orGap(() => root.read(`/proc/${pid}/io`)) !== null;
  const denied =
    `Process ${pid} (${name}) may be read in part only: CPU time, resident memory, threads and faults are recorded, ` +
    "I/O, proportional memory and, before Linux 6.2, open files are not; run resmon as its user, or as root with CAP_SYS_PTRACE";
  return {
    command: command.length > 0 ? command : [name],
    cwd: orGap(() => root.readLink(`/proc/${pid}/cwd`)) ?? "",
    denied: mayRead ? undefined : denied,
  };
}

function readName(root: Root, pid: number): string {
  try {
    const { name, state } = parseProcStat(root.read(`/proc/${pid}/stat`));
    if (state !== "Z" && state !== "X") return name;
    throw new CommandError(`Cannot attach to process ${pid} (${name}): it has ended and waits for its parent`, FAILURE);
  } catch (error) {
    if (!isGone(error)) throw error;
    throw new CommandError(`Cannot attach to process ${pid}: there is none${hiddenHint(root)}`, FAILURE);
  }
}

function hiddenHint(root: Root): string {
  const mounts = orGap(() => root.read("/proc/self/mounts")) ?? "";
  const isHidden = /^proc \/proc proc \S*hidepid=(?:[12]|noaccess|invisible|ptraceable)/m.test(mounts);
  return isHidden ? ", or /proc is mounted with hidepid and it belongs to another user: try as root" : "";
}

/** Resolves when the recording is to end: to the reason, where the process still runs. */
type Ending = PromiseWithResolvers<string | undefined>;

function makeRecording(
  options: AttachOptions,
  { target, machine, outputs, ended }: {
    readonly target: AttachTarget;
    readonly machine: Host;
    readonly outputs: Outputs;
    readonly ended: Ending;
  },
): Recording {
  const recording = new Recording({
    mode: "attach",
    command: target.command,
    cwd: target.cwd,
    interval: options.interval,
    metrics: options.metrics,
    tags: options.tag,
    message: options.message,
    process: { startsCommand: false, adopts: false, maxOpenFiles: new FileLimit().kept },
    machine,
    outputs,
    onTick: () => {
      const { process } = recording;
      if (options.waitAll ? process.living === 0 : !process.isTargetAlive) ended.resolve(undefined);
    },
  });
  return recording;
}

async function watch(
  { pid, waitAll }: AttachOptions,
  { recording, ended, signals }: {
    readonly recording: Recording;
    readonly ended: Ending;
    readonly signals: SignalListeners;
  },
): Promise<string | undefined> {
  await warmUpThreadPool();
  for (const signal of ENDING_SIGNALS) {
    signals.listen(signal, () => ended.resolve(`Process ${pid} still runs: ${signal} ended the recording`));
  }
  signals.ignoreDebuggerSignal();
  recording.recorder.watch({ pid }, recording.clock.now());
  recording.recorder.tick();
  waitForForeignEnd(pid).then((isKnown) => isKnown && !waitAll && ended.resolve(undefined));
  const reason = await ended.promise;
  recording.markEnd();
  recording.recorder.stop();
  recording.recorder.tick();
  signals.close();
  await recording.finish({ reason: reason ?? NO_STATUS, exact: recording.process.exact(0) });
  return reason;
}
