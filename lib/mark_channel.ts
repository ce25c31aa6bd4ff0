import type { MarkConnection, MarkSurroundings } from "./mark_surroundings.ts";
import type { MarkTarget } from "./mark_targets.ts";

// A program that makes more marks than are read loses the newest: waiting for resmon would slow it.
const MAX_QUEUED = 1024 * 1024;
const CHUNK = 64 * 1024;

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
    if (this.#connection === undefined) this.#work ??= this.#writeAll();
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

  /** At the end of the program: puts what is left into the file that resmon follows. */
  finish(): void {
    const { file } = this.#target;
    if (this.#problem !== undefined || file === undefined || this.#lines.length === 0) return;
    this.#surroundings.append(file, this.#take(Infinity));
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #writeAll(): Promise<void> {
    try {
      const connection = this.#connection ??= await this.#connect();
      while (this.#lines.length > 0) await connection.write(this.#take(CHUNK));
      this.#underWay = 0;
    } catch (error) {
      this.#lose(error);
    } finally {
      this.#work = undefined;
    }
  }

  async #connect(): Promise<MarkConnection> {
    const { address } = this.#target;
    const connection = await this.#surroundings.connect(address);
    if (address.kind === "tcp") await connection.write(toLine({ kind: "hello", token: address.token }));
    this.#problem = undefined;
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
