import { openWhole } from "../lib/availability.ts";
import { type Collector, type Environment, type ProcessTree, type Reading, Unavailable } from "../lib/contracts.ts";
import { formatSeries } from "../lib/series.ts";
import type { DrmCard } from "./drm_cards_linux.ts";
import { DrmUsage, engineKey, type FoundClient } from "./drm_usage.ts";
import { DrmWalk, findRenderers } from "./drm_walk_linux.ts";
import { affordablePeriod } from "./pace.ts";

// Every descriptor of every process is looked at.
const LEAST_PERIOD_SECONDS = 1;
const REMEDY = "Where the machine has one, load its driver; in a container, pass /dev/dri on";
// What nearly every client of the driver uses: told from the start, the others from their first use.
const MAIN_ENGINES: Readonly<Record<string, readonly string[]>> = {
  amdgpu: ["gfx", "compute"],
  i915: ["render"],
  xe: ["rcs", "ccs"],
};

interface Engine {
  readonly gpu: string;
  readonly engine: string;
}

interface Known {
  readonly environment: Environment;
  readonly cards: readonly DrmCard[];
  readonly walk: DrmWalk;
  readonly usage: DrmUsage;
}

/** What the processes of the tree use of GPUs, by the `fdinfo` of their files of `/dev/dri`. */
export class DrmProcessesCollector implements Collector {
  readonly name = "drm_processes";
  readonly metrics = [
    "process_gpu_memory_bytes",
    "process_gpu_shared_memory_bytes",
    "process_gpu_seconds_total",
  ] as const;
  readonly sources = ["/proc/<pid>/fdinfo/<fd> of /dev/dri/*"];
  period: number | undefined = LEAST_PERIOD_SECONDS;
  series: readonly string[] = [];
  processColumns: readonly string[] = [];
  #known: Known | undefined;
  #engines: readonly Engine[] = [];
  #last: (Reading & { readonly at: number }) | undefined;
  // A reading whose columns are new, which waits for the next tick.
  #pending: Reading | undefined;

  open(environment: Environment): void {
    openWhole(this, () => {
      const cards = findRenderers(environment.root);
      if (cards.length === 0) {
        throw new Unavailable(
          "absent",
          "Cannot find a GPU of AMD, Intel or a board with a renderer in /dev/dri",
          REMEDY,
        );
      }
      this.#known = { environment, cards, walk: new DrmWalk(environment, cards), usage: new DrmUsage() };
      this.#engines = cards.flatMap(({ name, driver }) =>
        (MAIN_ENGINES[driver ?? ""] ?? []).map((engine) => ({ gpu: name, engine }))
      );
      this.series = spellSeries(cards, this.#engines);
      this.processColumns = cards.flatMap(({ name: gpu }) => [
        ...spellMemory(gpu),
        formatSeries("process_gpu_seconds_total", { gpu, engine: "all" }),
      ]);
    });
  }

  collect(now: number, tree: ProcessTree | undefined): Reading {
    if (this.#pending !== undefined) return this.#tellPending(this.#pending);
    const started = performance.now();
    const before = this.#last;
    const columns = this.series.length;
    const reading = this.#read(now, tree);
    const cost = (performance.now() - started) / 1000;
    this.period = Math.max(LEAST_PERIOD_SECONDS, affordablePeriod(cost, 0) ?? 0);
    this.#last = { ...reading, at: now };
    if (before === undefined || this.series.length === columns) return reading;
    // An engine that has come into use had worked for 0 s at the reading before: that is told first, so that nothing is lost.
    this.#pending = this.#last;
    this.period = undefined;
    return { values: [...before.values, ...new Array<number>(this.series.length - columns).fill(0)], at: before.at };
  }

  close(): void {
    this.#known = undefined;
    this.series = [];
  }

  #tellPending(reading: Reading): Reading {
    this.#pending = undefined;
    this.period = LEAST_PERIOD_SECONDS;
    return reading;
  }

  #read(now: number, tree: ProcessTree | undefined): Reading {
    const { cards, walk, usage } = this.#opened;
    const found = tree === undefined ? [] : walk.find(tree);
    const ids = new Set(Array.from(tree?.processes.values() ?? [], ({ id }) => id));
    usage.update(found, now);
    usage.retain(ids);
    this.#addEngines(found);
    const memory = cards.flatMap(({ name }) => memoryOf(found.filter(({ gpu }) => gpu === name)));
    const seconds = this.#engines.map(({ gpu, engine }) => usage.tree.get(engineKey(gpu, engine)) ?? 0);
    const clients = Map.groupBy(found, ({ process }) => process);
    const rows = Array.from(clients, ([id, own]) => [id, this.#row(id, own)] as const);
    return { values: [...memory, ...seconds], processes: new Map(rows) };
  }

  #row(id: number, clients: readonly FoundClient[]): (number | null)[] {
    const { cards, usage } = this.#opened;
    const seconds = usage.ofProcess(id);
    return cards.flatMap(({ name }) => {
      const own = clients.filter(({ gpu }) => gpu === name);
      return own.length === 0 ? [null, null, null] : [...memoryOf(own), seconds.get(name) ?? 0];
    });
  }

  #addEngines(found: readonly FoundClient[]): void {
    const told = new Set(this.#engines.map(({ gpu, engine }) => engineKey(gpu, engine)));
    const added: Engine[] = [];
    for (const { gpu, client } of found) {
      for (const engine of [...client.seconds.keys(), ...client.cycles.keys()]) {
        const key = engineKey(gpu, engine);
        if (told.has(key) || (this.#opened.usage.tree.get(key) ?? 0) === 0) continue;
        told.add(key);
        added.push({ gpu, engine });
      }
    }
    if (added.length === 0) return;
    this.#engines = [...this.#engines, ...added];
    this.series = spellSeries(this.#opened.cards, this.#engines);
  }

  get #opened(): Known {
    if (this.#known === undefined) throw new Error("Cannot read the clients of GPUs: the collector is not open");
    return this.#known;
  }
}

function spellSeries(cards: readonly DrmCard[], engines: readonly Engine[]): string[] {
  return [
    ...cards.flatMap(({ name }) => spellMemory(name)),
    ...engines.map(({ gpu, engine }) => formatSeries("process_gpu_seconds_total", { gpu, engine })),
  ];
}

function spellMemory(gpu: string): string[] {
  return [formatSeries("process_gpu_memory_bytes", { gpu }), formatSeries("process_gpu_shared_memory_bytes", { gpu })];
}

// No client uses nothing; clients that do not tell what they use make the sum unknown.
function memoryOf(clients: readonly FoundClient[]): [own: number | null, shared: number | null] {
  return [
    sum(clients.map(({ client }) => client.memoryBytes)),
    sum(clients.map(({ client }) => client.sharedMemoryBytes)),
  ];
}

function sum(values: readonly (number | undefined)[]): number | null {
  const known = values.filter((value) => value !== undefined);
  return values.length > 0 && known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}
