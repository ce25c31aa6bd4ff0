import type { MarkConnection, MarkSurroundings } from "./mark_surroundings.ts";
import type { MarkTarget } from "./mark_targets.ts";

// A program that makes more marks than are read loses the newest: waiting for resmon would slow it.
const MAX_QUEUED = 1024 * 1024;
const CHUNK = 64 * 1024;
// What is being written keeps a program from ending: a resmon that is stopped must not.
const PATIENCE_MS = 1000;

/** The way of marks to one resmon: a bounded queue, whose lines are written one chunk after the other. */
export class MarkChannel {
  readonly #target: MarkTarget;
  readonly #surroundings: MarkSurroundings;
  #lines: string[] = [];
  #queued = 0;
  /** Marks within the text that is being written. */
  #underWay = 0;
  #dropped = 0;
  #connection: MarkConnection | undefined;
  #problem: string | undefined;
  #work: Promise<void> | undefined;

  constructor(target: MarkTarget, surroundings: MarkSurroundings) {
    this.#target = target;
    this.#surroundings = surroundings;
    this.open();
  }

  /** Why marks are lost, where they are. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Connects, again where nobody listened any more. */
  open(): void {
    if (this.#connection !== undefined || this.#work !== undefined) return;
    this.#problem = undefined;
    this.#work = this.#writeAll();
  }

  /** Takes a line, which is written at once where the way is free. */
  push(line: string): void {
    if (this.#problem !== undefined || this.#queued + line.length > MAX_QUEUED) return this.drop();
    this.#lines.push(line);
    this.#queued += line.length;
    this.#work ??= this.#writeAll();
  }

  /** Counts a mark that is not sent. */
  drop(): void {
    this.#dropped++;
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    await this.#work;
  }

  /** At the end of the program: puts what is left into the file that resmon follows, and how much was dropped. */
  finish(): void {
    const { file } = this.#target;
    const left = this.#take(Infinity);
    if (file !== undefined && left !== "") this.#surroundings.append(file, left);
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #writeAll(): Promise<void> {
    try {
      const connection = this.#connection ?? await this.#connect();
      while (this.#lines.length > 0) await this.#write(connection, this.#take(CHUNK));
      this.#underWay = 0;
    } catch (error) {
      this.#lose(error);
    } finally {
      this.#work = undefined;
    }
  }

  // A connection that is closed rejects what is not written.
  async #write(connection: MarkConnection, text: string): Promise<void> {
    const patience = setTimeout(() => this.close(), PATIENCE_MS);
    try {
      await connection.write(text);
    } finally {
      clearTimeout(patience);
    }
  }

  async #connect(): Promise<MarkConnection> {
    const { address } = this.#target;
    const connection = await this.#surroundings.connect(address);
    this.#connection = connection;
    if (address.kind === "tcp") await this.#write(connection, toLine({ kind: "hello", token: address.token }));
    return connection;
  }

  #take(length: number): string {
    let taken = this.#dropped === 0 ? "" : toLine({ kind: "dropped", count: this.#dropped });
    let count = 0;
    while (count < this.#lines.length && taken.length < length) taken += this.#lines[count++] ?? "";
    this.#underWay = this.#dropped + count;
    this.#dropped = 0;
    this.#queued -= this.#lines.slice(0, count).reduce((sum, line) => sum + line.length, 0);
    this.#lines = this.#lines.slice(count);
    return taken;
  }

  #lose(error: unknown): void {
    this.close();
    this.#problem = `nobody reads at ${this.#target.name}: ${error instanceof Error ? error.message : error}`;
    this.#dropped += this.#underWay + this.#lines.length;
    this.#underWay = 0;
    this.#lines = [];
    this.#queued = 0;
  }
}

function toLine(
  message: { readonly kind: "hello"; readonly token: string } | { readonly kind: "dropped"; readonly count: number },
): string {
  return `${JSON.stringify(message)}\n`;
}
