import { CgroupLeaf, CgroupLeafError } from "../lib/cgroup_leaf.ts";
import { exactOfCgroup } from "../lib/cgroup_totals.ts";
import { formatSeconds } from "../lib/format.ts";
import type { Host } from "../lib/host.ts";
import type { Launcher, WrappedCommand } from "../lib/launcher.ts";
import { makeRunFolder, markHomeOf, removeDeadFolders } from "../lib/mark_place.ts";
import type { Exact } from "../lib/records.ts";
import { SpawnError } from "../lib/spawn.ts";
import { describeStatus, type Ended, type ExitStatus } from "../lib/wait.ts";
import { type CommandOutput, openCommandOutput, type OutputOptions } from "./command_output.ts";
import { CommandError, OWN_FAILURE } from "./exit_status.ts";
import type { RecordingOptions } from "./options.ts";
import { ownErrorNotice, surviveOwnErrors } from "./own_errors.ts";
import { openOutputFolder } from "./output_folder.ts";
import { openOutputs, type Outputs } from "./outputs.ts";
import { openHost } from "./machine_host.ts";
import { openPlatform, type Platform } from "./platform.ts";
import { Recording } from "./recording.ts";
import { tell } from "./stderr.ts";

/** The options of `resmon run`. */
export interface RunOptions extends RecordingOptions, OutputOptions {
  readonly adopt: boolean;
  readonly forward: boolean;
  /** Where to make a control group for the command: a folder, or `new`. */
  readonly cgroup?: string;
  /** Seconds for which the idle machine is measured before the command starts. */
  readonly baseline?: number;
}

/** Runs a command, records what it uses, and gives its exit status. Throws {@linkcode CommandError} before it starts. */
export async function run(command: readonly string[], options: RunOptions): Promise<ExitStatus> {
  const wrapping = await start(command, options);
  return await wrapping.finish();
}

async function start(command: readonly string[], options: RunOptions): Promise<Wrapping> {
  const platform = openPlatform(OWN_FAILURE);
  const launcher = platform.prepare(command, options);
  const machine = openHost(options.root, OWN_FAILURE);
  const host = Deno.hostname();
  const { output, force = false } = options;
  const folder = openOutputFolder({ wanted: output, force, command, host, pid: Deno.pid, now: new Date() });
  const outputs = await openOutputs(folder, options);
  let wrapping: Wrapping | undefined;
  try {
    wrapping = new Wrapping(options, { platform, launcher, machine, outputs, folder: folder.path });
    await wrapping.start();
    return wrapping;
  } catch (error) {
    wrapping?.abandon();
    folder.discard();
    if (error instanceof CgroupLeafError) throw new CommandError(error.message, OWN_FAILURE);
    throw error instanceof SpawnError ? new CommandError(error.message, error.exitCode) : error;
  }
}

interface Surroundings {
  readonly platform: Platform;
  readonly launcher: Launcher;
  readonly machine: Host;
  readonly outputs: Outputs;
  readonly folder: string;
}

/** One wrapped command and its recording, from the start of the first to the end of the second. */
class Wrapping {
  readonly outputs: Outputs;
  readonly #options: RunOptions;
  readonly #launcher: Launcher;
  readonly #recording: Recording;
  readonly #markHome = markHomeOf((name) => Deno.env.get(name));
  readonly #folder: string;
  readonly #treeEnded = Promise.withResolvers<void>();
  #leaf: CgroupLeaf | undefined;
  #child: WrappedCommand | undefined;
  #output: CommandOutput | undefined;
  #commandEnded = false;

  constructor(options: RunOptions, { platform, launcher, machine, outputs, folder }: Surroundings) {
    this.#options = options;
    this.#folder = folder;
    this.outputs = outputs;
    this.#launcher = launcher;
    this.#recording = new Recording({
      mode: "run",
      command: launcher.words,
      cwd: Deno.cwd(),
      interval: options.interval,
      metrics: options.metrics,
      tags: options.tag,
      message: options.message,
      platform,
      process: { startsCommand: true, adopts: options.adopt, maxOpenFiles: launcher.keptFiles },
      machine,
      outputs,
      onTick: () => this.#checkTree(),
    });
  }

  /** Starts the command. Throws SpawnError, {@linkcode CommandError}. */
  async start(): Promise<void> {
    const { recorder, clock } = this.#recording;
    await this.#recording.open();
    await this.#measureBaseline();
    this.#listenForMarks();
    this.#output = await this.#openOutput();
    recorder.prepare();
    this.#leaf = this.#createLeaf();
    const leaf = this.#leaf;
    const origin = { seconds: 0 };
    this.#child = await this.#launcher.launch({
      onSpawn: () => origin.seconds = clock.now(),
      ...(leaf === undefined ? {} : { within: (start) => leaf.around(start) }),
      ...(this.#output === undefined ? {} : { output: this.#output }),
      onChildSignal: () => this.#onChildSignal(),
      onStop: (signal) => this.#onStop(signal),
      onContinue: () => recorder.event({ kind: "continue" }),
      onSignal: (signal, forwarded) => recorder.event({ kind: "signal", attributes: { signal, forwarded } }),
    });
    // The command runs: whatever goes wrong from here on, the caller gets its exit status.
    surviveOwnErrors((error) => this.#onOwnError(error));
    const { pid } = this.#child;
    this.#attempt(() => recorder.watch({ pid }, origin.seconds));
    this.#output?.start(() => recorder.elapsed);
  }

  /** Leaves nothing behind where the command could not be started. */
  abandon(): void {
    this.#recording.abandon();
  }

  #openOutput(): Promise<CommandOutput | undefined> {
    const { clock, marks } = this.#recording;
    return openCommandOutput(this.#options, {
      folder: this.#folder,
      force: this.#options.force ?? false,
      outputs: this.#launcher.outputs,
      clock,
      marks,
      shown: this.outputs.live,
      onFailure: (what, reason) => this.outputs.onFailure(what, reason),
    });
  }

  // The command inherits the environment of resmon's own process.
  #listenForMarks(): void {
    const variables = this.#recording.listenForMarks(() => makeRunFolder(this.#markHome, Deno.pid));
    for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  }

  async #measureBaseline(): Promise<void> {
    const { baseline: seconds = 0, quiet = false } = this.#options;
    if (seconds <= 0) return;
    if (!quiet && Deno.stderr.isTerminal()) tell(`measuring the idle machine for ${formatSeconds(seconds)} first`);
    if (await this.#recording.measureBaseline(seconds)) return;
    this.outputs.notices.add("No baseline is measured: nothing on this machine tells its power (see resmon doctor)");
  }

  /** Waits for the command, completes the outputs and tells how it ended. */
  async finish(): Promise<ExitStatus> {
    const child = this.#child;
    if (child === undefined) throw new Error("Cannot wait for the command: it was not started");
    await child.ended;
    await this.#markEnd();
    const reaped = this.#endCommand(child);
    if (this.#options.waitAll) {
      await this.#treeEnded.promise;
      await this.#markEnd();
    }
    child.close();
    await this.#attemptAll(async () => this.#output?.finish(await child.finishOutput()));
    await this.#complete(reaped);
    if (reaped !== undefined) return reaped.status;
    throw new CommandError("The command ended, but somebody else took its exit status", OWN_FAILURE);
  }

  async #markEnd(): Promise<void> {
    this.#recording.markEnd();
    await this.#attemptAll(() => this.#recording.drainMarks());
  }

  // The last reading is of the command as a zombie, where there are such: all that it used is in it.
  #endCommand(child: WrappedCommand): Ended | undefined {
    const { recorder, process, clock } = this.#recording;
    if (!this.#options.waitAll) recorder.stop();
    this.#attempt(() => recorder.tick());
    const reaped = child.reap();
    this.#attempt(() => process.endCommand(reaped, clock.now()));
    this.#commandEnded = true;
    this.#checkTree();
    return reaped;
  }

  #onStop(signal: string): void {
    this.#output?.pause();
    this.#recording.recorder.event({ kind: "stop", attributes: { signal } });
  }

  #onChildSignal(): void {
    this.#recording.process.reapOrphans();
    // With the command gone, the end of the last orphan is worth a look before the next tick is due.
    if (this.#commandEnded && this.#options.waitAll) this.#recording.recorder.tick();
  }

  #checkTree(): void {
    if (this.#commandEnded && this.#recording.process.living === 0) this.#treeEnded.resolve();
  }

  async #complete(reaped: Ended | undefined): Promise<void> {
    const status = reaped === undefined
      ? { reason: "somebody else took the exit status" }
      : describeStatus(reaped.status);
    await this.#attemptAll(async () => {
      await this.#recording.finish({ ...status, exact: this.#exact() });
      await removeDeadFolders(this.#markHome);
    });
    this.#attempt(() => this.#removeLeaf());
    this.outputs.notices.flush();
  }

  #exact(): Exact {
    const exact = this.#recording.process.exact();
    return this.#leaf === undefined ? exact : exactOfCgroup(exact, this.#leaf.totals());
  }

  #createLeaf(): CgroupLeaf | undefined {
    const { cgroup } = this.#options;
    return cgroup === undefined ? undefined : new CgroupLeaf(this.#recording.root, cgroup);
  }

  // What still lives in it keeps it; the next run beside it removes it.
  #removeLeaf(): void {
    try {
      this.#leaf?.remove();
    } catch (error) {
      if (!(error instanceof CgroupLeafError)) throw error;
      this.outputs.notices.add(error.message);
    }
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#onOwnError(error);
    }
  }

  async #attemptAll(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#onOwnError(error);
    }
  }

  #onOwnError(error: unknown): void {
    this.outputs.notices.add(ownErrorNotice(error));
  }
}
