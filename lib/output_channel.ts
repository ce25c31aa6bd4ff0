import { openPipe, readSome, waitFor, writeSome } from "./descriptors.ts";
import { libc } from "./ffi/libc.ts";
import { ReturnRemover } from "./line_feeds.ts";
import type { OutputTarget } from "./output_target.ts";
import type { PseudoTerminal } from "./pseudo_terminal.ts";

const READ_BYTES = 64 * 1024;
// After so much other work has its turn: ticks, signals.
const TURN_BYTES = 1024 * 1024;
// The most that a pipe holds, see fcntl(2): F_SETPIPE_SZ.
const PIPE_BYTES = 1024 * 1024;

/** What a channel connects. */
export interface ChannelOptions {
  /** What resmon reads: a pipe, or the master of `terminal`. */
  readonly source: number;
  readonly terminal: PseudoTerminal | undefined;
  readonly target: OutputTarget;
  /** Called with all bytes, directly before they are written. */
  readonly onBytes: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Called where the target takes no more, for another reason than that nobody reads it. */
  readonly onFailure: (reason: string) => void;
}

/**
 * Passes on what the command writes: unchanged, in order, and no faster than it is taken, so that the command waits where it
 * would without resmon. Where the reader has gone, the command is told in the same way. Reading and writing are done at once and
 * never wait; waiting takes one thread of the runtime, which exists before the command does (tokio starts threads only when none is
 * idle, and an asynchronous read of the runtime would take one for each piece).
 */
export class OutputChannel {
  /** Resolves when nothing more can come, or be passed on. */
  readonly ended: Promise<void>;
  readonly #options: ChannelOptions;
  readonly #buffer = new Uint8Array(READ_BYTES);
  readonly #returns = new ReturnRemover();
  readonly #pending: Uint8Array<ArrayBuffer>[] = [];
  readonly #wake = openPipe();
  #isReading = true;
  #isClosed = false;

  /** Begins to wait at once. */
  constructor(options: ChannelOptions) {
    this.#options = options;
    this.ended = this.#run();
  }

  /** Whether more may come. */
  get isOpen(): boolean {
    return this.#isReading;
  }

  /** Passes on now what is there and can be written, for who cannot wait. */
  pumpNow(): void {
    this.#pump();
    this.#wakeUp();
  }

  #pump(): void {
    for (let moved = 0; moved < TURN_BYTES && this.#flush() && this.#isReading;) {
      const read = this.#read();
      if (read === 0) return;
      moved += read;
    }
  }

  /** Takes all that the command has written, however slowly it is passed on: the command has ended. */
  takeRest(): void {
    for (let taken = 0; taken < PIPE_BYTES && this.#isReading;) {
      const read = this.#read();
      if (read === 0) break;
      taken += read;
    }
    this.#wakeUp();
  }

  /** Takes no more; what was taken is passed on before {@linkcode ended} resolves. */
  stop(): void {
    this.#isReading = false;
    this.#wakeUp();
  }

  // It may be waiting for something to read, while there is something to write.
  #wakeUp(): void {
    if (!this.#isClosed) writeSome(this.#wake.writing, new Uint8Array(1));
  }

  async #run(): Promise<void> {
    const { source, target, terminal } = this.#options;
    while (this.#isReading || this.#pending.length > 0) {
      const isFull = this.#pending.length > 0;
      const { targetIsGone } = await waitFor({ source, target: target.fd, isFull, wake: this.#wake.reading });
      readSome(this.#wake.reading, new Uint8Array(8));
      if (targetIsGone) break;
      this.#pump();
    }
    this.#isReading = false;
    this.#pending.length = 0;
    this.#isClosed = true;
    terminal?.end();
    for (const descriptor of [source, this.#wake.reading, this.#wake.writing]) libc().close(descriptor);
    target.close();
  }

  /** Bytes that were read; 0 where there is nothing for now, or nothing more. */
  #read(): number {
    const { source, terminal } = this.#options;
    const read = readSome(source, this.#buffer);
    if (typeof read === "number" && read > 0) {
      if (terminal === undefined) this.#take(this.#buffer.slice(0, read));
      else this.#takeFrom(terminal, read);
      return read;
    }
    // Nothing follows for now: a return that was held back belongs to no line feed.
    this.#take(this.#returns.flush());
    if (read !== "wait") this.#isReading = false;
    return 0;
  }

  #takeFrom(terminal: PseudoTerminal, read: number): void {
    if (!terminal.notice(this.#buffer[0] ?? 0)) return;
    terminal.followSize();
    const bytes = this.#buffer.slice(1, read);
    this.#take(terminal.addsReturns ? this.#returns.push(bytes) : bytes);
  }

  #take(bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes.length === 0) return;
    this.#pending.push(bytes);
    this.#options.onBytes(bytes);
    this.#flush();
  }

  /** Says whether everything is written. */
  #flush(): boolean {
    for (let first = this.#pending[0]; first !== undefined; first = this.#pending[0]) {
      const written = this.#options.target.write(first);
      if (written === "wait") return false;
      if (typeof written !== "number") {
        this.#fail(written.failed);
        return false;
      }
      if (written < first.length) this.#pending[0] = first.subarray(written);
      else this.#pending.shift();
    }
    return true;
  }

  #fail(reason: string): void {
    this.#pending.length = 0;
    this.#isReading = false;
    if (reason !== NOBODY_READS) this.#options.onFailure(reason);
  }
}

const NOBODY_READS = "broken pipe";
