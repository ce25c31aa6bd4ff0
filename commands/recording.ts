import { selectCollectors } from "../collectors/mod.ts";
import type { CommandCollector, ProcessOptions } from "../collectors/command_collector.ts";
import { orGap } from "../lib/availability.ts";
import { findAttributes } from "../lib/attributes.ts";
import { measureBaseline } from "../lib/baseline.ts";
import { SystemClock } from "../lib/clock.ts";
import { type Collector, Unavailable } from "../lib/contracts.ts";
import { type Host, realHost } from "../lib/host.ts";
import { MachineError, readMachine } from "../lib/machine.ts";
import { MarkIntake } from "../lib/mark_intake.ts";
import { MarkListener } from "../lib/mark_listener.ts";
import { Pipeline } from "../lib/pipeline.ts";
import { Recorder } from "../lib/recorder.ts";
import { type EndRecord, type Machine, SCHEMA_VERSION, type SessionRecord, type Unnumbered } from "../lib/records.ts";
import type { Root } from "../lib/root.ts";
import type { Summary } from "../lib/summary.ts";
import { microseconds, milliseconds } from "../lib/tick_writer.ts";
import { uuidv7 } from "../lib/uuid.ts";
import { VERSION } from "../lib/version.ts";
import { CommandError, OWN_FAILURE } from "./exit_status.ts";
import type { Outputs } from "./outputs.ts";
import type { Platform } from "./platform.ts";
import { tell } from "./stderr.ts";

// A remote sink or a slow disk may hold the end up for so long, and no longer.
const CLOSE_SECONDS = 5;
const SILENT_SECONDS = 2;
const FEWEST_CONNECTIONS = 64;
// Each may have half a line of 256 KiB under way.
const MOST_CONNECTIONS = 4096;

/** What is recorded, and how. */
export interface RecordingPlan {
  readonly mode: "run" | "attach";
  readonly command: readonly string[];
  readonly cwd: string;
  readonly interval: number;
  /** Words of `--metrics`. */
  readonly metrics: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly message: string | undefined;
  readonly platform: Platform;
  readonly process: ProcessOptions;
  /** The machine that is recorded beside the command; a fixture with `--root`. */
  readonly machine: Host;
  readonly outputs: Outputs;
  readonly onTick?: () => void;
}

/** A recorder with its collectors, connected to the outputs: what `run` and `attach` have in common. */
export class Recording {
  readonly clock = new SystemClock();
  readonly process: CommandCollector;
  readonly recorder: Recorder;
  /** Takes what the program marks. */
  readonly marks: MarkIntake;
  readonly #options: RecordingPlan;
  readonly #pipeline: Pipeline;
  // The command runs on the real machine, whatever is recorded beside it.
  readonly #own: Host;
  #listener: MarkListener | undefined;
  #ended: Pick<EndRecord, "time" | "elapsed"> | undefined;

  constructor(options: RecordingPlan) {
    this.#options = options;
    this.#own = options.machine.isFixture ? realHost() : options.machine;
    const { process, monitor } = options.platform.createOwnCollectors(options.process, () => this.recorder.statistics);
    this.process = process;
    const ofCommand: ReadonlySet<Collector> = new Set([process, monitor]);
    const selected = selectCollectors(options.metrics, options.machine.platform);
    const { recordSinks, frameSinks } = options.outputs;
    this.#pipeline = new Pipeline({ recordSinks, frameSinks });
    options.outputs.onFailure = (sink, reason) => this.#pipeline.fail(sink, reason);
    this.recorder = new Recorder({
      collectors: [process, ...selected.collectors, monitor],
      required: selected.required,
      environment: { ...options.machine, interval: options.interval },
      environmentOf: (collector) => ofCommand.has(collector) ? this.#own : {},
      clock: this.clock,
      write: (record) => this.#pipeline.write(record),
      warn: (message) => options.outputs.notices.add(message),
      onTick: () => this.#onTick(),
    });
    this.marks = new MarkIntake({
      clock: this.clock,
      elapsed: () => this.recorder.elapsed,
      write: (event) => this.#pipeline.write({ type: "event", ...event }),
      onPhase: () => this.recorder.tickBetween(),
    });
  }

  /** Tells what the run is and opens every collector. Throws {@linkcode CommandError}. */
  async open(): Promise<void> {
    this.#pipeline.write(await this.#session());
    const stopWaiting = this.clock.at(this.clock.now() + SILENT_SECONDS, () => this.#tellWaiting());
    try {
      await this.recorder.open();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      throw new CommandError(`${error.message}${asSentence(error.remedy)}`, OWN_FAILURE);
    } finally {
      stopWaiting();
    }
  }

  // Only sources that were asked for by name are waited for.
  #tellWaiting(): void {
    if (Deno.stderr.isTerminal()) tell(`waiting for the sources of ${this.#options.metrics} to answer`);
  }

  /** The machine that the command runs on. */
  get root(): Root {
    return this.#own.root;
  }

  /**
   * Listens for marks of the program in a folder that `makeFolder` makes, and gives the variables by which a command finds it;
   * none where that cannot be, which the log tells.
   */
  listenForMarks(makeFolder: () => string): Readonly<Record<string, string>> {
    try {
      const { clock, marks: intake } = this;
      this.#listener = new MarkListener(makeFolder(), { intake, clock, maxConnections: this.#maxConnections() });
      return this.#listener.variables;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const reason = `Cannot take marks of the program: ${error.message}`;
      this.#pipeline.write({ type: "status", collector: "marks", state: "off", reason });
      return {};
    }
  }

  // The number of files is limited where it is known.
  #maxConnections(): number {
    const { maxOpenFiles } = this.#options.process;
    const share = maxOpenFiles === 0 ? Infinity : Math.floor(maxOpenFiles / 4);
    return Math.min(Math.max(FEWEST_CONNECTIONS, share), MOST_CONNECTIONS);
  }

  /** Ends without a record: what was to be recorded could not be started. */
  abandon(): void {
    this.#listener?.close();
  }

  /** Reads the marks that have been sent so far. */
  async drainMarks(): Promise<void> {
    await this.#listener?.drain();
  }

  /** Takes note that what is recorded has just ended: readings and outputs that follow take time of their own. */
  markEnd(): void {
    this.#ended = this.#now();
  }

  /** Records the end and completes the outputs. */
  async finish(end: Omit<Unnumbered<EndRecord>, "type" | "time" | "elapsed">): Promise<Summary> {
    this.recorder.stop();
    this.recorder.reportSilent();
    this.#endMarks();
    this.#pipeline.write({ type: "end", ...(this.#ended ?? this.#now()), ...end });
    this.recorder.close();
    const summary = this.#pipeline.end();
    await this.#pipeline.close(CLOSE_SECONDS);
    return summary;
  }

  /**
   * Measures what the idle machine draws for some seconds, and says whether anything told its power. To be called when the
   * collectors are open and the command is not started.
   */
  async measureBaseline(seconds: number): Promise<boolean> {
    const { interval } = this.#options;
    const baseline = await measureBaseline(this.recorder, { clock: this.clock, interval, seconds });
    const isKnown = Object.keys(baseline.watts).length > 0;
    if (isKnown) this.#pipeline.write({ type: "baseline", ...baseline });
    return isKnown;
  }

  #onTick(): void {
    this.#listener?.readUnfollowed();
    this.marks.flushProgress();
    this.#options.onTick?.();
  }

  #endMarks(): void {
    this.#listener?.close();
    this.marks.finishProgress();
    const lost = this.marks.status();
    if (lost === undefined) return;
    this.#pipeline.write({ type: "status", ...lost });
    if (lost.reason !== undefined) this.#options.outputs.notices.add(lost.reason);
  }

  async #session(): Promise<Unnumbered<SessionRecord>> {
    const { mode, command, cwd, interval, tags, message } = this.#options;
    const started = this.#wall();
    const bootId = orGap(() => this.#own.root.read("/proc/sys/kernel/random/boot_id").trim());
    return {
      type: "session",
      schema: SCHEMA_VERSION,
      version: VERSION,
      run: uuidv7(started),
      mode,
      command,
      cwd,
      host: Deno.hostname(),
      ...(bootId === null ? {} : { boot_id: bootId }),
      started,
      interval,
      machine: await this.#machine(),
      tags,
      ...(message === undefined ? {} : { message }),
      attributes: findAttributes((name) => Deno.env.get(name), cwd),
    };
  }

  async #machine(): Promise<Machine> {
    try {
      return await readMachine(this.#options.machine);
    } catch (error) {
      if (error instanceof MachineError) throw new CommandError(error.message, OWN_FAILURE);
      throw error;
    }
  }

  #now(): Pick<EndRecord, "time" | "elapsed"> {
    return { time: this.#wall(), elapsed: microseconds(this.recorder.elapsed) };
  }

  #wall(): number {
    return milliseconds(this.clock.wall());
  }
}

function asSentence(remedy = ""): string {
  return remedy === "" ? "" : `. ${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}`;
}
