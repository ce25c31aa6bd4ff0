/** Where texts are posted to, and how. */
export interface PostOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Texts that wait at most; beyond them the oldest is dropped. */
  readonly limit?: number;
  /** Told when the first text is lost, and why the remote has not taken it. */
  readonly onLoss?: (reason: string) => void;
}

/** What became of the texts that did not arrive. */
export interface Undelivered {
  readonly count: number;
  /** Of how many in all. */
  readonly of: number;
  /** Why, as the last failure told. */
  readonly reason: string;
}

const LIMIT = 10_000;
const ANSWER_SECONDS = 10;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

// Answers that ask for another try.
const TRY_AGAIN: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * Posts texts one after the other, in their order, and keeps them while the remote is away: it tries again after longer and
 * longer pauses. Adding one takes no time.
 */
export class PostQueue {
  readonly #options: PostOptions;
  /** The first one is being posted. */
  readonly #waiting: string[] = [];
  readonly #closing = new AbortController();
  #isClosing = false;
  #posting: Promise<void> | undefined;
  #endPause: () => void = () => undefined;
  #added = 0;
  #lost = 0;
  #reason = "it has not answered yet";

  constructor(options: PostOptions) {
    this.#options = options;
  }

  /** Adds a text. */
  push(text: string): void {
    this.#added++;
    this.#waiting.push(text);
    if (this.#waiting.length > (this.#options.limit ?? LIMIT)) {
      this.#waiting.splice(1, 1);
      this.#lose();
    }
    this.#posting ??= this.#postAll();
  }

  /** Posts what still waits, for so many seconds at most, and says what did not arrive; undefined where everything did. */
  async close(deadline: number): Promise<Undelivered | undefined> {
    this.#isClosing = true;
    this.#endPause();
    const timer = setTimeout(() => this.#abort(), deadline * 1000);
    await this.#posting;
    clearTimeout(timer);
    const count = this.#lost + this.#waiting.length;
    return count === 0 ? undefined : { count, of: this.#added, reason: this.#reason };
  }

  #abort(): void {
    this.#closing.abort();
    this.#endPause();
  }

  #lose(): void {
    this.#lost++;
    if (this.#lost === 1) this.#options.onLoss?.(this.#reason);
  }

  async #postAll(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    for (let [text] = this.#waiting; text !== undefined && !this.#closing.signal.aborted; [text] = this.#waiting) {
      if (await this.#isDone(text)) {
        this.#waiting.shift();
        pause = FIRST_PAUSE_MS;
      } else {
        await this.#pause(this.#isClosing ? FIRST_PAUSE_MS : pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
      }
    }
    this.#posting = undefined;
  }

  /** Posts a text and says whether it is done with: taken, or refused for good. */
  async #isDone(text: string): Promise<boolean> {
    const { url, headers } = this.#options;
    const late = AbortSignal.timeout(ANSWER_SECONDS * 1000);
    try {
      const signal = AbortSignal.any([this.#closing.signal, late]);
      const response = await fetch(url, { method: "POST", headers, body: text, redirect: "manual", signal });
      await response.body?.cancel();
      return response.ok || this.#isRefused(response.status);
    } catch (error) {
      // The end of the run is no news of the remote.
      if (!this.#closing.signal.aborted) {
        this.#reason = late.aborted ? `it did not answer within ${ANSWER_SECONDS} s` : describeFetchError(error);
      }
      return false;
    }
  }

  #isRefused(status: number): boolean {
    this.#reason = `it answered ${status}`;
    const isRefused = status < 500 && !TRY_AGAIN.has(status);
    if (isRefused) this.#lose();
    return isRefused;
  }

  async #pause(milliseconds: number): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    this.#endPause = resolve;
    await promise;
    clearTimeout(timer);
  }
}

// The runtime tells what was wrong at the end of the innermost cause, after the URL and every layer: `error sending request for
// url (...): client error (Connect): tcp connect error: Connection refused (os error 111)`.
function describeFetchError(error: unknown): string {
  if (error instanceof Error && error.cause !== undefined) return describeFetchError(error.cause);
  const message = error instanceof Error ? error.message : String(error);
  const reason = message.replace(/ \(os error \d+\).*$/s, "").split(": ").at(-1) ?? message;
  return `${reason.charAt(0).toLowerCase()}${reason.slice(1)}`;
}
