import type { Mark } from "./mark.ts";
import { MarkChannel } from "./mark_channel.ts";
import { encodeMark } from "./mark_encoder.ts";
import type { MarkSurroundings } from "./mark_surroundings.ts";
import { findTargets, type MarkTarget } from "./mark_targets.ts";

const SEARCH_MS = 1000;
// The monotonic clock tells parts of a millisecond, but stops while a laptop sleeps.
const CLOCKS_AGREE_MS = 5;

/** What a mark tells of itself: time, process and thread are added where it is sent. */
export type UnsentMark = Omit<Mark, "time" | "tid">;

/**
 * Sends the marks of a program to every resmon that records it, as `docs/marks.md` describes. It never throws, never waits and
 * keeps no program alive; where nobody records the program it does nothing.
 */
export class MarkSender {
  readonly #surroundings: MarkSurroundings;
  readonly #find: () => readonly MarkTarget[];
  readonly #channels = new Map<string, MarkChannel>();
  #searched = -Infinity;
  #isEndWatched = false;
  // From anywhere: in two containers processes may have the same number.
  #spans = Math.floor(Math.random() * 2 ** 32);

  /** A sender to every resmon that records this process, or to those that `find` names. */
  constructor(surroundings: MarkSurroundings, find: () => readonly MarkTarget[] = () => findTargets(surroundings)) {
    this.#surroundings = surroundings;
    this.#find = find;
  }

  /** Whether anybody records this program. It is looked for at most once a second. */
  isWanted(): boolean {
    const now = performance.now();
    if (now - this.#searched >= SEARCH_MS) {
      this.#searched = now;
      this.#search();
    }
    return this.#channels.size > 0;
  }

  /** Looks again with the next mark: somebody has begun to record this program. */
  lookSoon(): void {
    this.#searched = -Infinity;
  }

  /** Sends a mark of this moment, which is made only where somebody wants it. */
  send(mark: UnsentMark | (() => UnsentMark)): void {
    if (!this.isWanted()) return;
    const line = this.#encode(mark);
    for (const channel of this.#channels.values()) {
      if (line === undefined) channel.drop();
      else channel.push(line);
    }
  }

  /** A text that pairs the start and the end of a phase of this process. */
  newSpan(): string {
    this.#spans++;
    return `${this.#surroundings.pid}-${this.#spans}`;
  }

  /** Resolves when all marks are handed over to the system or lost, or else after `milliseconds`; says whether all were handed over. */
  async flush(milliseconds: number): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<boolean>((resolve) => timer = setTimeout(() => resolve(false), milliseconds));
    const settled = Promise.all(Array.from(this.#channels.values(), (channel) => channel.settled()));
    const inTime = await Promise.race([settled.then(() => true), late]);
    clearTimeout(timer);
    return inTime && this.problems().length === 0;
  }

  /** Why marks were lost. */
  problems(): string[] {
    return Array.from(this.#channels.values(), ({ problem }) => problem).filter((problem) => problem !== undefined);
  }

  close(): void {
    for (const channel of this.#channels.values()) channel.close();
  }

  #search(): void {
    const targets = this.#find();
    for (const [name, channel] of this.#channels) {
      if (channel.problem === undefined || targets.some((target) => target.name === name)) continue;
      this.#channels.delete(name);
    }
    for (const target of targets) {
      const known = this.#channels.get(target.name);
      if (known === undefined) this.#channels.set(target.name, new MarkChannel(target, this.#surroundings));
      else known.open();
    }
    if (this.#channels.size > 0) this.#watchEnd();
  }

  #watchEnd(): void {
    if (this.#isEndWatched) return;
    this.#isEndWatched = true;
    this.#surroundings.atEnd(() => {
      for (const channel of this.#channels.values()) channel.finish();
    });
  }

  #encode(told: UnsentMark | (() => UnsentMark)): string | undefined {
    const { pid, thread } = this.#surroundings;
    try {
      const mark = typeof told === "function" ? told() : told;
      return encodeMark({
        ...(mark.pid === undefined && thread !== undefined ? { tid: thread } : {}),
        pid,
        time: now(),
        ...mark,
      });
    } catch {
      // What a program tells must never end it: an object that refers to itself, or whose toJSON() throws. It is counted.
      return undefined;
    }
  }
}

/** Unix seconds, in parts of a millisecond where the clocks agree. */
function now(): number {
  const coarse = Date.now();
  const fine = performance.timeOrigin + performance.now();
  return Math.round((Math.abs(fine - coarse) < CLOCKS_AGREE_MS ? fine : coarse) * 1000) / 1e6;
}
