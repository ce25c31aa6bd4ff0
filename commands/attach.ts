import type { Host } from "../lib/host.ts";
import { makeAttachmentFolder, removeDeadFolders } from "../lib/mark_place.ts";
import type { ExitStatus } from "../lib/wait.ts";
import { CommandError, FAILURE } from "./exit_status.ts";
import type { RecordingOptions } from "./options.ts";
import { ownErrorNotice, surviveOwnErrors } from "./own_errors.ts";
import { openOutputFolder } from "./output_folder.ts";
import { openOutputs, type Outputs } from "./outputs.ts";
import { openHost } from "./machine_host.ts";
import { type Attachment, openPlatform, type Platform } from "./platform.ts";
import { Recording } from "./recording.ts";

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
  const { output: wanted, force = false, pid } = options;
  if (pid === Deno.pid) throw new CommandError(`Cannot attach to process ${pid}: it is resmon itself`, FAILURE);
  const platform = openPlatform(FAILURE);
  const machine = openHost(options.root, FAILURE);
  const target = await platform.attach(pid);
  const host = Deno.hostname();
  const folder = openOutputFolder({ wanted, force, command: target.command, host, pid, now: new Date() });
  const outputs = await openOutputs(folder, options);
  if (target.denied !== undefined) outputs.notices.add(target.denied);
  const ended: Ending = Promise.withResolvers();
  const recording = makeRecording(options, { platform, target, machine, outputs, ended });
  try {
    await recording.open();
  } catch (error) {
    folder.discard();
    throw error;
  }
  surviveOwnErrors((error) => outputs.notices.add(ownErrorNotice(error)));
  recording.listenForMarks(() => makeMarkFolder(target, pid));
  const reason = await watch(options, { recording, ended, target });
  if (reason !== undefined) outputs.notices.add(reason);
  outputs.notices.flush();
  return { code: 0 };
}

// Throws where the process could not find it.
function makeMarkFolder({ markHome }: Attachment, pid: number): string {
  if (markHome === undefined) throw new Error(`process ${pid} belongs to another user: run resmon as that user`);
  const folder = makeAttachmentFolder(markHome, { target: pid, own: Deno.pid });
  if (folder !== undefined) return folder;
  throw new Error(`process ${pid} has no private folder: neither XDG_RUNTIME_DIR nor HOME is its own`);
}

/** Resolves when the recording is to end: to the reason, where the process still runs. */
type Ending = PromiseWithResolvers<string | undefined>;

function makeRecording(
  options: AttachOptions,
  { platform, target, machine, outputs, ended }: {
    readonly platform: Platform;
    readonly target: Attachment;
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
    platform,
    process: { startsCommand: false, adopts: false, maxOpenFiles: target.keptFiles },
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
  { recording, ended, target }: {
    readonly recording: Recording;
    readonly ended: Ending;
    readonly target: Attachment;
  },
): Promise<string | undefined> {
  await target.listen((signal) => ended.resolve(`Process ${pid} still runs: ${signal} ended the recording`));
  recording.recorder.watch({ pid }, recording.clock.now());
  recording.recorder.tick();
  target.ended().then((isKnown) => isKnown && !waitAll && ended.resolve(undefined));
  const reason = await ended.promise;
  recording.markEnd();
  await recording.drainMarks();
  recording.recorder.stop();
  recording.recorder.tick();
  target.close();
  await recording.finish({ reason: reason ?? NO_STATUS, exact: recording.process.exact() });
  if (target.markHome !== undefined) await removeDeadFolders(target.markHome);
  return reason;
}
