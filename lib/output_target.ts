import { isWritable, type Moved, reopenForWriting, writeSome } from "./descriptors.ts";
import { libc } from "./ffi/libc.ts";
import { withoutStop } from "./terminal_modes.ts";

// As much as a pipe that is ready takes without waiting (PIPE_BUF, see pipe(7)).
const PIPE_BYTES = 4096;

/** Where output goes in the end: resmon's own stdout or stderr. */
export class OutputTarget {
  readonly #original: number;
  readonly isTerminal: boolean;
  // Of a descriptor that others share the modes must stay as they are: a second one is opened, which never waits.
  readonly #own: number;
  readonly #isFile: boolean;

  constructor(original: number) {
    const { isFifo, isFile } = Deno.statSync(`/proc/self/fd/${original}`);
    this.#original = original;
    this.#isFile = isFile;
    this.isTerminal = isTerminal(original);
    this.#own = isFifo === true || this.isTerminal ? reopenForWriting(original) : -1;
  }

  /** The descriptor to wait for. */
  get fd(): number {
    return this.#own < 0 ? this.#original : this.#own;
  }

  /** Writes as much as there is room for. */
  write(bytes: Uint8Array<ArrayBuffer>): Moved {
    if (this.#own >= 0) {
      return this.isTerminal ? withoutStop(() => writeSome(this.#own, bytes)) : writeSome(this.#own, bytes);
    }
    if (this.#isFile) return writeSome(this.#original, bytes);
    return isWritable(this.#original) ? writeSome(this.#original, bytes.subarray(0, PIPE_BYTES)) : "wait";
  }

  /** Closes what was opened; the original stays. */
  close(): void {
    if (this.#own >= 0) libc().close(this.#own);
  }
}

function isTerminal(fd: number): boolean {
  const stream = fd === 1 ? Deno.stdout : Deno.stderr;
  return stream.isTerminal();
}
