import { type Environment, Unavailable } from "../lib/contracts.ts";
import type { Tools } from "../lib/tools.ts";
import { type CimSample, parseCimLine } from "./cim_rows_windows.ts";
import { powershellCommand } from "./cim_script_windows.ts";
import { Feed } from "./feed.ts";

type Listener = (sample: CimSample, at: number) => void;

// A reading takes PowerShell some tenths of a second.
const PERIOD_SECONDS = 1;

const feeds = new WeakMap<Tools, CimFeed>();

/** What one collector makes of the samples: one that it cannot read is a gap of its own. */
export class CimReader {
  readonly #feed: CimFeed;
  readonly #listener: Listener;
  #trouble: SyntaxError | undefined;

  /** @param accept Takes each sample from now on, and may throw SyntaxError. Throws Unavailable where there is no PowerShell. */
  constructor(environment: Environment, accept: Listener) {
    this.#listener = (sample, at) => {
      try {
        accept(sample, at);
        this.#trouble = undefined;
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        this.#trouble = error;
      }
    };
    this.#feed = CimFeed.of(environment);
    this.#feed.add(this.#listener);
  }

  /** Resolves with the first sample. Rejects with Unavailable where none comes. */
  ready(): Promise<void> {
    return this.#feed.ready();
  }

  /** See {@linkcode Feed.check}; throws also where the last sample could not be read. */
  check(now: number): boolean {
    if (!this.#feed.check(now)) return false;
    if (this.#trouble !== undefined) throw this.#trouble;
    return true;
  }

  /** Takes no more samples; PowerShell ends with its last reader. */
  close(): Promise<void> {
    return this.#feed.remove(this.#listener);
  }
}

/** The one PowerShell that reads a Windows machine for all of its collectors. */
class CimFeed {
  readonly #feed: Feed;
  readonly #listeners = new Set<Listener>();
  readonly #forget: () => void;

  /** The PowerShell of a machine, started by the first who asks. Throws Unavailable where there is none. */
  static of({ tools, interval }: Environment): CimFeed {
    const known = feeds.get(tools);
    if (known !== undefined) return known;
    const seconds = Math.max(PERIOD_SECONDS, interval);
    const [name = "", ...args] = powershellCommand(seconds);
    const path = tools.find(name);
    if (path === undefined) {
      throw new Unavailable(
        "absent",
        `Cannot find ${name} in PATH`,
        "add C:\\Windows\\System32\\WindowsPowerShell\\v1.0",
      );
    }
    const feed = new CimFeed(tools, [path, ...args], seconds);
    feeds.set(tools, feed);
    return feed;
  }

  private constructor(tools: Tools, words: readonly string[], interval: number) {
    this.#feed = new Feed({ tools, words, interval, accept: (line, at) => this.#take(line, at) });
    this.#feed.start();
    this.#forget = () => feeds.delete(tools);
  }

  ready(): Promise<void> {
    return this.#feed.ready();
  }

  check(now: number): boolean {
    return this.#feed.check(now);
  }

  add(listener: Listener): void {
    this.#listeners.add(listener);
  }

  remove(listener: Listener): Promise<void> {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return Promise.resolve();
    this.#forget();
    return this.#feed.close();
  }

  #take(line: string, at: number): boolean {
    if (line.trim() === "") return false;
    const sample = parseCimLine(line);
    for (const listener of this.#listeners) listener(sample, at);
    return true;
  }
}
