import type { Clock } from "../lib/clock.ts";
import { formatCount } from "../lib/format.ts";
import type { OutputListener, OutputName } from "../lib/launcher.ts";
import { LineMarks } from "../lib/line_marks.ts";
import type { Mark } from "../lib/mark.ts";
import type { MarkIntake } from "../lib/mark_intake.ts";
import type { MarkPattern } from "../lib/mark_pattern.ts";
import type { OutputFile } from "../lib/output_file.ts";
import { type OutputLine, OutputLines } from "../lib/output_lines.ts";
import type { MarkSource } from "../lib/records.ts";
import { WorkBudget } from "../lib/work_budget.ts";
import type { LiveSink } from "../sinks/live.ts";
import { openCaptureFile } from "./capture_files.ts";
import { CommandError, OWN_FAILURE } from "./exit_status.ts";
import { type LiveLine, openLiveLine } from "./live_line.ts";
import { describeOwnError } from "./own_errors.ts";

const LINE_FEED = 10;

/** The options of `run` that look at what the command writes. */
export interface OutputOptions {
  readonly capture?: boolean;
  readonly markPattern?: readonly string[];
  readonly live?: boolean;
}

/** Where a run keeps the command's output, and what it tells. */
export interface OutputPlace {
  readonly folder: string;
  readonly force: boolean;
  readonly outputs: readonly OutputName[];
  readonly clock: Clock;
  readonly marks: MarkIntake;
  /** What there is to show while the command runs, where that is asked for. */
  readonly shown: LiveSink | undefined;
  /** Told of what is not kept any more. */
  readonly onFailure: (what: string, reason: string) => void;
}

/** Makes ready to look at the command's output; undefined where nobody asks for it. Throws {@linkcode CommandError}. */
export async function openCommandOutput(
  options: OutputOptions,
  place: OutputPlace,
): Promise<CommandOutput | undefined> {
  const { capture = false, markPattern: sources = [] } = options;
  const live = openLiveLine(place.shown, place.clock);
  if (!capture && sources.length === 0 && live === undefined) return undefined;
  const patterns = sources.length === 0 ? [] : await compilePatterns(sources);
  return new CommandOutput(place, { patterns, capture, live });
}

/** What is done with the output. */
interface Looks {
  readonly patterns: readonly MarkPattern[];
  readonly capture: boolean;
  readonly live: LiveLine | undefined;
}

/** One output, as it is looked at. */
interface Stream {
  readonly lines: OutputLines;
  readonly marks: LineMarks;
  readonly file: OutputFile | undefined;
}

/** What the command writes: kept in files, as records of the log, and searched for marks, while it is passed on. */
export class CommandOutput implements OutputListener {
  readonly onlyTerminals: boolean;
  readonly #place: OutputPlace;
  readonly #live: LiveLine | undefined;
  readonly #patterns: readonly MarkPattern[];
  readonly #isCaptured: boolean;
  readonly #streams = new Map<OutputName, Stream>();
  readonly #budget: WorkBudget;
  #hasFailed = false;
  #unseen = 0;
  #unlogged = 0;

  constructor(place: OutputPlace, { patterns, capture, live }: Looks) {
    this.#place = place;
    this.#live = live;
    this.#patterns = patterns;
    this.#isCaptured = capture;
    this.#budget = new WorkBudget(place.clock);
    this.onlyTerminals = !capture && patterns.length === 0;
    for (const name of place.outputs) {
      const file = capture ? openCaptureFile(name, place) : undefined;
      this.#streams.set(name, { lines: new OutputLines(), marks: new LineMarks(patterns), file });
    }
  }

  /** Shows what is to be shown from now on; `elapsed` gives the seconds of the run. */
  start(elapsed: () => number): void {
    this.#live?.start(elapsed);
  }

  /** The command, and resmon with it, may be about to stop: the terminal is left in order. */
  pause(): void {
    this.#live?.hide();
  }

  // An error of resmon's own must not keep the command's output back.
  readonly onBytes = (name: OutputName, bytes: Uint8Array<ArrayBuffer>): void => {
    if (this.#hasFailed) return;
    try {
      this.#take(name, bytes);
    } catch (error) {
      this.#hasFailed = true;
      this.#place.onFailure("output", `The command's output is not looked at any more: ${describeOwnError(error)}`);
    }
  };

  readonly onFailure = (name: OutputName, reason: string): void => {
    this.#place.onFailure(name, `Cannot pass on the command's ${name}: ${reason}`);
  };

  /** Looks at what came last, and tells what was missed; `open` are the outputs that something still holds open. */
  finish(open: readonly OutputName[]): void {
    this.#live?.stop();
    for (const [name, stream] of this.#streams) {
      const last = stream.lines.flush();
      if (last !== undefined) this.#look(name, stream, [last]);
      stream.file?.close();
    }
    this.#accept(this.#patterns.flatMap((pattern) => pattern.end()), "stdout");
    const { onFailure } = this.#place;
    if (open.length > 0) onFailure("output", leftOpen(open));
    if (this.#unseen > 0) onFailure("output", `${formatCount(this.#unseen)} ${UNSEEN}`);
    if (this.#unlogged > 0) onFailure("output", `${formatCount(this.#unlogged)} ${UNLOGGED}`);
  }

  #take(name: OutputName, bytes: Uint8Array<ArrayBuffer>): void {
    this.#live?.beforeOutput(bytes);
    const stream = this.#streams.get(name);
    if (stream === undefined || this.onlyTerminals) return;
    stream.file?.append(bytes);
    const isSeen = this.#budget.tryWork(() => this.#look(name, stream, stream.lines.push(bytes)));
    if (isSeen) return;
    stream.lines.skip(bytes);
    this.#unseen += countLines(bytes);
  }

  #look(name: OutputName, stream: Stream, lines: readonly OutputLine[]): void {
    const { marks } = this.#place;
    const source = name === "stderr" ? "stderr" : "stdout";
    for (const line of lines) {
      const { text, isWhole } = line;
      this.#accept(stream.marks.match(line), source, text.length);
      // Of a bar that is written over and over, the file has every state, and the log the last.
      if (!this.#isCaptured || !isWhole) continue;
      if (marks.room !== "all") this.#unlogged += 1;
      else this.#accept([{ kind: "log", level: "info", name, messages: [text] }], source, text.length);
    }
  }

  // All of the same moment: where a phase ends, the next one begins.
  #accept(made: readonly Mark[], source: MarkSource, size?: number): void {
    const { marks, clock } = this.#place;
    const time = clock.wall();
    for (const mark of made) marks.accept({ ...mark, time }, source, size);
  }
}

const UNSEEN = "lines of the command's output came too fast to be looked at: no marks or records were made of them";
const UNLOGGED =
  "lines of the command's output came faster than a log can take them: they are in the captured file alone";

async function compilePatterns(sources: readonly string[]): Promise<MarkPattern[]> {
  const { MarkPattern } = await import("../lib/mark_pattern.ts");
  return sources.map((source, index) => {
    try {
      return new MarkPattern(source, String(index + 1));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new CommandError(`Cannot use --mark-pattern ${JSON.stringify(source)}: ${error.message}`, OWN_FAILURE);
    }
  });
}

function leftOpen(open: readonly OutputName[]): string {
  const names = `the command's ${open.join(" and ")}`;
  return `What the command has left running still holds ${names} open: what it writes from now on is lost ` +
    "(--wait-all waits for it)";
}

function countLines(bytes: Uint8Array<ArrayBuffer>): number {
  let count = 0;
  // An iterator would take five times as long, of what the command waits for.
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === LINE_FEED) count += 1;
  return count;
}
