import { type Environment, Unavailable } from "../lib/contracts.ts";
import { Feed } from "./feed.ts";
import { NVIDIA_METRICS } from "./nvidia_reading.ts";
import {
  isSmiFailure,
  parseSmiAbsence,
  parseSmiLine,
  refusedSmiField,
  SMI_FIELDS,
  type SmiAbsence,
  smiArguments,
  type SmiField,
  type SmiLine,
} from "./nvidia_smi.ts";
import { PmonSource } from "./nvidia_pmon_source.ts";
import type { GpuColumns } from "./nvidia_reading.ts";
import { type NvidiaNumbers, type NvidiaSource, WAKING_SECONDS } from "./nvidia_source.ts";

// A pass of nvidia-smi costs it tens of milliseconds of CPU.
const LEAST_INTERVAL_SECONDS = 1;

const REASONS: Readonly<Record<SmiAbsence, string>> = {
  unsupported: "nvidia-smi says that it is not supported",
  denied: "nvidia-smi says that this user may not read it",
  later: "nvidia-smi has no number",
  lost: "nvidia-smi says that the GPU is lost or needs a reset",
};

interface Gpu {
  readonly id: string;
  /** Each field that it has, with its place among those that are asked for. */
  readonly fields: readonly { readonly field: SmiField; readonly place: number }[];
  values: readonly (number | null)[];
  /** The pass over all GPUs in which it was printed last. */
  pass: number;
}

/** nvidia-smi as one process that prints all GPUs again and again: for where NVML itself cannot be loaded. */
export class SmiSource implements NvidiaSource {
  readonly name = "nvidia-smi";
  readonly #environment: Environment;
  readonly #path: string;
  readonly #interval: number;
  readonly #first = Promise.withResolvers<void>();
  readonly #processes: PmonSource;
  readonly #gpus = new Map<string, Gpu>();
  #fields = SMI_FIELDS;
  #pass = 0;
  #feed: Feed;
  /** Those that asked for fields that this nvidia-smi does not know. */
  readonly #replaced: Feed[] = [];
  #columns: GpuColumns = { series: [], memory: [], utilization: [] };

  /** @param path Where nvidia-smi is. */
  constructor(environment: Environment, path: string) {
    this.#environment = environment;
    this.#path = path;
    this.#interval = Math.max(LEAST_INTERVAL_SECONDS, environment.interval);
    this.#processes = new PmonSource(environment, { path, interval: this.#interval });
    this.#feed = this.#createFeed();
    // Whoever does not wait for the first numbers learns of a failure from `read`.
    this.#first.promise.catch(() => undefined);
  }

  start(): void {
    this.#feed.start();
    this.#processes.start();
  }

  ready(): Promise<void> {
    return this.#first.promise;
  }

  read(now: number): NvidiaNumbers | undefined {
    if (!this.#feed.check(now) || this.#feed.at === undefined) return undefined;
    const { at } = this.#feed;
    const gpus = [...this.#gpus.values()];
    const values = gpus.flatMap((gpu) => gpu.pass >= this.#pass - 1 ? gpu.values : gpu.values.map(() => null));
    const { memory, utilization, processes } = this.#processes.read(now);
    this.#update(gpus, { memory, utilization });
    return { columns: this.#columns, reading: { values, processes }, at };
  }

  async close(): Promise<void> {
    await Promise.all([this.#feed, this.#processes, ...this.#replaced].map((each) => each.close()));
  }

  #createFeed(): Feed {
    const { tools } = this.#environment;
    const words = [this.#path, ...smiArguments(this.#fields, Math.round(this.#interval * 1000))];
    const feed = new Feed({
      tools,
      words,
      interval: this.#interval,
      patience: WAKING_SECONDS,
      accept: (line) => this.#accept(line),
    });
    feed.ready().then(() => this.#first.resolve(), (error: unknown) => {
      if (feed !== this.#feed) return;
      // Where it says so on stderr, its last words tell.
      const refused = refusedSmiField(String(error));
      if (refused === undefined) this.#first.reject(error);
      else this.#askWithout(refused);
    });
    return feed;
  }

  #accept(line: string): boolean {
    const refused = refusedSmiField(line);
    if (refused !== undefined) return this.#askWithout(refused);
    if (isSmiFailure(line)) {
      throw new Unavailable("off", `Cannot read the GPUs: nvidia-smi says ${JSON.stringify(line)}`);
    }
    const told = parseSmiLine(line, this.#fields);
    const gpu = this.#gpus.get(told.gpu) ?? this.#introduce(told);
    gpu.values = this.#readValues(gpu, told);
    // A GPU that is printed once more begins the next pass.
    if (gpu.pass === this.#pass) this.#beginPass();
    gpu.pass = this.#pass;
    return true;
  }

  // On a Jetson it knows the GPU and none of its numbers.
  #beginPass(): void {
    this.#pass++;
    if ([...this.#gpus.values()].some(({ fields }) => fields.length > 0)) return;
    throw new Unavailable("unsupported", "Cannot read the GPUs: nvidia-smi tells nothing of any of them");
  }

  // A driver of another age: all but this field is asked for again.
  #askWithout(name: string): boolean {
    const field = this.#fields.find((each) => each.field === name);
    if (field === undefined) throw new SyntaxError(`Cannot ask nvidia-smi for ${name}: it does not know it`);
    const reason = `This nvidia-smi does not know ${name}`;
    this.#environment.report({ state: "unsupported", metrics: [field.metric], reason });
    this.#fields = this.#fields.filter((each) => each !== field);
    const old = this.#feed;
    this.#feed = this.#createFeed();
    this.#feed.start();
    this.#replaced.push(old);
    old.close().catch((error: unknown) => this.#first.reject(error));
    return false;
  }

  #introduce({ gpu: id, name, attributes, texts }: SmiLine): Gpu {
    const has = this.#fields.map((field, place) => ({
      field,
      place,
      reason: this.#reasonAgainst(field, texts[place] ?? ""),
    }));
    const gpu = { id, fields: has.filter(({ reason }) => reason === undefined), values: [], pass: -1 };
    if (gpu.fields.length > 0) this.#environment.introduce({ label: "gpu", id, name, attributes });
    const told = new Set(gpu.fields.map(({ field }) => field.metric));
    for (const { field, reason } of has) {
      if (reason === undefined || told.has(field.metric)) continue;
      this.#environment.report({ ...reason, metrics: [field.metric], reason: `${reason.reason} of GPU ${id}` });
    }
    this.#gpus.set(id, gpu);
    return gpu;
  }

  /** Why a field is not read at all, by its first text. */
  #reasonAgainst(field: SmiField, text: string): { state: "unsupported" | "denied"; reason: string } | undefined {
    const absence = parseSmiAbsence(text);
    if (absence === "unsupported" || absence === "denied") return { state: absence, reason: REASONS[absence] };
    if (absence !== undefined || tryRead(field, text) !== undefined) return undefined;
    return {
      state: "unsupported",
      reason: `nvidia-smi prints ${JSON.stringify(text.slice(0, 40))} for ${field.field}`,
    };
  }

  #readValues({ id, fields }: Gpu, { texts }: SmiLine): (number | null)[] {
    return fields.flatMap(({ field, place }) => {
      const text = texts[place] ?? "";
      if (parseSmiAbsence(text) === "lost") {
        const reason = `Cannot read GPU ${id}: ${REASONS.lost}`;
        this.#environment.report({ state: "lost", metrics: NVIDIA_METRICS, reason });
      }
      return tryRead(field, text) ?? field.series(id).map(() => null);
    });
  }

  #update(gpus: readonly Gpu[], { memory, utilization }: Omit<GpuColumns, "series">): void {
    const series = gpus.flatMap(({ id, fields }) => fields.flatMap(({ field }) => field.series(id)));
    const columns = { series, memory, utilization };
    if (JSON.stringify(columns) !== JSON.stringify(this.#columns)) this.#columns = columns;
  }
}

/** The values of a text; undefined where it holds none. */
function tryRead(field: SmiField, text: string): readonly (number | null)[] | undefined {
  try {
    return field.read(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
