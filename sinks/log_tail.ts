import type { Event, Message, ResmonRecord } from "../lib/records.ts";

// A page holds what people read; everything stands in the log.
const MOST_LOGS = 5000;
const MOST_CHARACTERS = 3_000_000;

/** The last logs of a run, as many as a page can hold. */
export class LogTail {
  #logs: { readonly log: Event; readonly size: number }[] = [];
  #first = 0;
  #characters = 0;
  #count = 0;

  /** How many there were in all. */
  get count(): number {
    return this.#count;
  }

  /** Those that are kept, in the order of the times at which they were made. */
  get logs(): Event[] {
    return this.#logs.slice(this.#first).map(({ log }) => log).sort((a, b) => a.elapsed - b.elapsed);
  }

  /** Takes a record; what is no log is none of its business. */
  record(record: ResmonRecord): void {
    if (record.type !== "event" || record.kind !== "log") return;
    const size = sizeOf(record);
    this.#logs.push({ log: record, size });
    this.#characters += size;
    this.#count++;
    while (this.#logs.length - this.#first > MOST_LOGS || this.#characters > MOST_CHARACTERS) {
      this.#characters -= this.#logs[this.#first++]?.size ?? 0;
    }
    if (this.#first > MOST_LOGS) {
      this.#logs = this.#logs.slice(this.#first);
      this.#first = 0;
    }
  }
}

function sizeOf({ name = "", messages = [] }: Event): number {
  return name.length + messages.reduce((sum, message) => sum + sizeOfMessage(message), 0);
}

function sizeOfMessage(message: Message): number {
  return typeof message === "string" ? message.length : JSON.stringify(message).length;
}
