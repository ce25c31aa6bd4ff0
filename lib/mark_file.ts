import { formatBytes } from "./format.ts";
import { type MarkLine, parseMark } from "./mark.ts";
import type { MarkIntake } from "./mark_intake.ts";
import { MarkLines } from "./mark_lines.ts";
import { parsePlainMark } from "./plain_mark.ts";

const BLOCK_BYTES = 65536;
// More than a log could take by far, and little enough to be read at once: a file may be made larger than any disk (truncate).
const MOST_UNREAD_BYTES = 256 * 2 ** 20;

/**
 * Follows the regular file to which shells append marks: `echo "phase start train" >> "$RESMON_MARKS"`. They cannot open a
 * socket, and a FIFO would block them once resmon is gone.
 */
export class MarkFile {
  readonly #file: Deno.FsFile;
  readonly #intake: MarkIntake;
  readonly #watcher: Deno.FsWatcher | undefined;
  readonly #lines: MarkLines;
  readonly #block = new Uint8Array(BLOCK_BYTES);
  #position = 0;

  /** Makes the file, which must not be there, and follows it. Throws what the system throws. */
  constructor(path: string, intake: MarkIntake) {
    this.#file = Deno.openSync(path, { read: true, write: true, createNew: true, mode: 0o600 });
    this.#intake = intake;
    this.#watcher = watch(path);
    this.#lines = new MarkLines({ intake, source: "file", parse: parseLine });
    this.#follow().catch((error: unknown) => intake.drop(`may be left unread in the file: ${error}`));
  }

  /** Whether it is read as soon as something is appended. */
  get isFollowed(): boolean {
    return this.#watcher !== undefined;
  }

  /** Reads what has been appended since the last time. */
  read(): void {
    const { size } = this.#file.statSync();
    // Who writes ">" in place of ">>" begins it anew.
    if (size < this.#position) this.#position = this.#file.seekSync(0, Deno.SeekMode.Start);
    if (size - this.#position > MOST_UNREAD_BYTES) this.#passOver(size);
    while (this.#position < size) {
      const length = this.#file.readSync(this.#block) ?? 0;
      if (length === 0) return;
      this.#lines.push(this.#block.subarray(0, length));
      this.#position += length;
    }
  }

  /** Reads the rest and lets go of the file. */
  close(): void {
    this.read();
    this.#lines.end();
    this.#watcher?.close();
    this.#file.close();
  }

  #passOver(size: number): void {
    this.#intake.drop(`or more were left unread in the file (${formatBytes(size - this.#position)})`);
    this.#lines.skipLine();
    this.#position = this.#file.seekSync(size, Deno.SeekMode.Start);
  }

  async #follow(): Promise<void> {
    for await (const { kind } of this.#watcher ?? []) if (kind === "modify") this.read();
  }
}

// A user may have so many watchers, see inotify(7), and programs beside resmon have them all.
function watch(path: string): Deno.FsWatcher | undefined {
  try {
    return Deno.watchFs(path);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function parseLine(line: string): MarkLine {
  return line.startsWith("{") ? parseMark(line) : parsePlainMark(line);
}
