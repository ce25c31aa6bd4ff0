import type { DrmClient } from "./drm_fdinfo_linux.ts";

// A process may be unreadable for a moment; a client that comes back must not be counted anew.
const FORGET_SECONDS = 60;

/** Engines of cards, and the seconds that they worked. */
export type EngineSeconds = Map<string, number>;

/** A client as it was found, of which process and on which card. */
export interface FoundClient {
  readonly client: DrmClient;
  /** The label of the card, such as `card0`. */
  readonly gpu: string;
  /** The small id of the process that it is accounted to. */
  readonly process: number;
}

interface KnownClient {
  client: DrmClient;
  at: number;
}

/**
 * Adds up what clients have used, by the engines of cards. What a client has used stays in the sum when it is gone, and a
 * counter that steps back adds nothing, so the sums never fall.
 */
export class DrmUsage {
  readonly #clients = new Map<string, KnownClient>();
  readonly #tree: EngineSeconds = new Map();
  readonly #processes = new Map<number, EngineSeconds>();

  /** Seconds of the whole tree by {@linkcode engineKey}. */
  get tree(): ReadonlyMap<string, number> {
    return this.#tree;
  }

  /** Seconds of one process by card, all engines together. */
  ofProcess(id: number): ReadonlyMap<string, number> {
    return this.#processes.get(id) ?? new Map();
  }

  /** Takes every client that was found at `now`, in monotonic seconds, each once. */
  update(found: Iterable<FoundClient>, now: number): void {
    for (const each of found) this.#take(each, now);
    for (const [key, { at }] of this.#clients) if (now - at > FORGET_SECONDS) this.#clients.delete(key);
  }

  /** Forgets the processes that are not there any more; the tree keeps what they used. */
  retain(processes: ReadonlySet<number>): void {
    for (const id of this.#processes.keys()) if (!processes.has(id)) this.#processes.delete(id);
  }

  #take({ client, gpu, process }: FoundClient, now: number): void {
    const key = clientKey(client);
    const known = this.#clients.get(key);
    const own = this.#processes.get(process) ?? new Map<string, number>();
    this.#processes.set(process, own);
    for (const [engine, seconds] of increases(client, known, now)) {
      add(this.#tree, engineKey(gpu, engine), seconds);
      add(own, gpu, seconds);
    }
    this.#clients.set(key, { client: known === undefined ? client : furthest(client, known.client), at: now });
  }
}

/** The key of an engine of a card. */
export function engineKey(gpu: string, engine: string): string {
  return `${gpu} ${engine}`;
}

/** What is the same of every descriptor of one open file. */
export function clientKey({ driver, slot, id }: DrmClient): string {
  return `${slot ?? driver} ${id}`;
}

// How fast the cycles pass is not told: of the first reading nothing can be said, of the next ones by their share.
function* increases(client: DrmClient, known: KnownClient | undefined, now: number): Iterable<[string, number]> {
  for (const [engine, seconds] of client.seconds) {
    yield [engine, Math.max(0, seconds - (known?.client.seconds.get(engine) ?? 0))];
  }
  for (const [engine, { busy, total }] of client.cycles) {
    const before = known?.client.cycles.get(engine);
    const passed = before === undefined ? 0 : total - before.total;
    const share = before === undefined || passed <= 0 ? 0 : Math.max(0, busy - before.busy) / passed;
    yield [engine, known === undefined ? 0 : share * (now - known.at)];
  }
}

// The kernel asks its readers to overlook counters that step back for a moment.
function furthest(client: DrmClient, known: DrmClient): DrmClient {
  const seconds = new Map(known.seconds);
  for (const [engine, value] of client.seconds) seconds.set(engine, Math.max(value, seconds.get(engine) ?? 0));
  const cycles = new Map(known.cycles);
  for (const [engine, value] of client.cycles) {
    const before = cycles.get(engine);
    if (before === undefined || value.busy >= before.busy) cycles.set(engine, value);
  }
  return { ...client, seconds, cycles };
}

function add(sums: EngineSeconds, key: string, seconds: number): void {
  sums.set(key, (sums.get(key) ?? 0) + seconds);
}
