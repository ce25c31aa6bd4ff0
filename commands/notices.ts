import type { FrameSink } from "../lib/contracts.ts";
import type { Status } from "../lib/records.ts";
import { tell } from "./stderr.ts";

/**
 * Sentences for the user about what went wrong, outputs that fail among them. They are told at the end: until then the
 * terminal belongs to the command.
 */
export class Notices implements FrameSink {
  readonly name = "notices";
  readonly #texts = new Set<string>();

  /** Keeps a sentence. */
  add(text: string): void {
    this.#texts.add(text);
  }

  /** Tells on stderr what there is to tell, each sentence once. */
  flush(): void {
    for (const text of this.#texts) tell(text);
    this.#texts.clear();
  }

  status({ collector, reason }: Status): void {
    if (collector.startsWith("sink:") && reason !== undefined) this.add(reason);
  }

  frame(): void {}
  event(): void {}
  end(): void {}
  close(): void {}
}
