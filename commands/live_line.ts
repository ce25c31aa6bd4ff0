import type { Clock } from "../lib/clock.ts";
import { DiskRoot } from "../lib/disk_root.ts";
import { OutputTarget } from "../lib/output_target.ts";
import { readTerminalPlace } from "../lib/own_process.ts";
import { PLATFORM } from "../lib/platform.ts";
import { ScreenWatch } from "../lib/screen_watch.ts";
import { columnsOf } from "../lib/terminal_modes.ts";
import type { LiveSink } from "../sinks/live.ts";
import { renderLiveLine } from "../sinks/live_line.ts";

const STDERR = 2;
const PERIOD_SECONDS = 0.5;
// A command that writes again and again is left alone until it pauses for so long.
const QUIET_SECONDS = 0.25;
const ERASE = "\x1b[K";

/** Makes the line where it is asked for and there is a terminal to show it on. */
export function openLiveLine(sink: LiveSink | undefined, clock: Clock): LiveLine | undefined {
  const isPossible = PLATFORM === "linux" && Deno.stderr.isTerminal() && Deno.env.get("TERM") !== "dumb";
  if (sink === undefined || !isPossible) return undefined;
  return new LiveLine(sink, { clock, isPlain: (Deno.env.get("NO_COLOR") ?? "") !== "" });
}

/**
 * What a run uses, on the last line of the terminal while the command is quiet. It is gone before the command writes again, and
 * not shown while a program has the whole screen, the cursor stands within a line, or resmon is in the background.
 */
export class LiveLine {
  readonly #sink: LiveSink;
  readonly #clock: Clock;
  readonly #isPlain: boolean;
  readonly #screen = new ScreenWatch();
  readonly #target = new OutputTarget(STDERR);
  readonly #root = new DiskRoot();
  #isShown = false;
  #writtenAt = -Infinity;
  #elapsed: () => number = () => 0;
  #cancel: (() => void) | undefined;

  constructor(sink: LiveSink, { clock, isPlain }: { readonly clock: Clock; readonly isPlain: boolean }) {
    this.#sink = sink;
    this.#clock = clock;
    this.#isPlain = isPlain;
  }

  /** Shows the line from now on; `elapsed` gives the seconds of the run. */
  start(elapsed: () => number): void {
    this.#elapsed = elapsed;
    this.#schedule();
  }

  /** Takes the line away before the command's output is written. */
  beforeOutput(bytes: Uint8Array<ArrayBuffer>): void {
    this.hide();
    this.#screen.push(bytes);
    this.#writtenAt = this.#clock.now();
  }

  /** Takes the line away; it comes back while the command is quiet. */
  hide(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#write(ERASE);
  }

  /** Takes the line away for good. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.hide();
    this.#target.close();
  }

  #schedule(): void {
    this.#cancel = this.#clock.at(this.#clock.now() + PERIOD_SECONDS, () => {
      this.#show();
      this.#schedule();
    });
  }

  #show(): void {
    const isQuiet = this.#clock.now() - this.#writtenAt >= QUIET_SECONDS;
    if (!isQuiet || !this.#screen.isFree || readTerminalPlace(this.#root) !== "foreground") return;
    const line = renderLiveLine(this.#sink.state(this.#elapsed()), columnsOf(STDERR) ?? 80);
    this.#isShown = true;
    // The cursor stays where the command left it.
    this.#write(this.#isPlain ? `${line}${ERASE}\r` : `\x1b[2m${line}\x1b[0m${ERASE}\r`);
  }

  // A terminal that takes nothing now (Ctrl-S) is not waited for.
  #write(text: string): void {
    this.#target.write(new TextEncoder().encode(text));
  }
}
