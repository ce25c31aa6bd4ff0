import type { Event } from "./records.ts";

/** Phases that have begun and not ended, and which of them the end of a phase means. */
export class OpenPhases<Phase> {
  #open: { readonly start: Event; readonly phase: Phase }[] = [];

  /** How many there are. */
  get size(): number {
    return this.#open.length;
  }

  /** Takes a phase that begins. */
  add(start: Event, phase: Phase): void {
    this.#open.push({ start, phase });
  }

  /** Takes the phase out that an end means; `undefined` where there is none. */
  take(end: Event): Phase | undefined {
    const at = this.#find(end);
    return at < 0 ? undefined : this.#open.splice(at, 1)[0]?.phase;
  }

  /** Takes those out whose program can no longer end them: a process that has ended. A shell's may be ended by the next process. */
  takeOf({ pid }: Event): Phase[] {
    const isOver = ({ start }: { readonly start: Event }): boolean => start.span !== undefined && start.pid === pid;
    const over = this.#open.filter(isOver);
    if (over.length > 0) this.#open = this.#open.filter((each) => !isOver(each));
    return over.map(({ phase }) => phase);
  }

  /** Those that are open, in the order of their starts. */
  all(): Phase[] {
    return this.#open.map(({ phase }) => phase);
  }

  /** Takes all out. */
  takeAll(): Phase[] {
    return this.#open.splice(0).map(({ phase }) => phase);
  }

  /** The phases of the same thread that an event lies in, the outermost first. */
  around({ pid, tid }: Event): Phase[] {
    return this.#open.flatMap(({ start, phase }) => start.pid === pid && start.tid === tid ? [phase] : []);
  }

  // A shell gives its phases no span: its end means the innermost of that name, first of all of its own process.
  #find({ span, name, pid }: Event): number {
    if (span !== undefined) return this.#open.findLastIndex(({ start }) => start.span === span);
    const isMeant = ({ start }: { readonly start: Event }): boolean =>
      start.span === undefined && (name === undefined || start.name === name);
    const own = this.#open.findLastIndex((each) => each.start.pid === pid && isMeant(each));
    return own < 0 ? this.#open.findLastIndex(isMeant) : own;
  }
}
