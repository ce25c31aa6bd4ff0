import { type Collector, type ProcessTree, type Reading, type Target, Unavailable } from "./contracts.ts";
import type { RecorderEnvironment } from "./recorder.ts";
import type { Device, State, Status } from "./records.ts";

/** How collectors are examined. */
export interface ExaminationOptions {
  readonly environmentOf: (collector: Collector) => RecorderEnvironment;
  /** The process that is watched meanwhile; without one the process collector has nothing to tell. */
  readonly target?: Target | undefined;
  /** Seconds that a source may take to open. */
  readonly patience: number;
  /** Monotonic seconds. */
  readonly now: () => number;
  /** Waits between the two readings. */
  readonly pause: () => Promise<void>;
}

/** How a collector stands on this machine. */
export interface Examined {
  readonly collector: Collector;
  readonly state: State;
  readonly reason?: string;
  readonly remedy?: string;
  /** What it says of some of its metrics. */
  readonly parts: readonly Omit<Status, "collector">[];
  readonly devices: readonly Device[];
  /** What the second of two readings gave, or where that has a gap, the first: some numbers are not told every time. */
  readonly values: ReadonlyMap<string, number | null>;
  /** Seconds that one reading takes: the median of several. Absent where none succeeded. */
  readonly readSeconds?: number;
  /** Whether a tool is read in the background, so that a reading is what it said last. */
  readonly isBackground: boolean;
}

const COST_READINGS = 7;
// A slow source is not worth many readings.
const MOST_COST_SECONDS = 0.2;
// A tool that the kernel cannot kill is left behind.
const CLOSE_SECONDS = 2;

/** Opens every collector, waits for slow ones, reads all of them twice as a run would, and measures what a reading costs. */
export async function examine(
  collectors: readonly Collector[],
  options: ExaminationOptions,
): Promise<readonly Examined[]> {
  const patients = collectors.map((collector) => new Patient(collector));
  await Promise.all(patients.map((patient) => patient.open(options)));
  for (const patient of patients) patient.begin(options.target);
  readAll(patients, options);
  await options.pause();
  readAll(patients, options);
  for (const patient of patients) patient.measure(options);
  await Promise.all(patients.map((patient) => patient.close()));
  return patients.map((patient) => patient.result());
}

function readAll(patients: readonly Patient[], { now }: ExaminationOptions): void {
  const at = now();
  for (const patient of patients) patient.read(at, treeOf(patients));
}

function treeOf(patients: readonly Patient[]): ProcessTree | undefined {
  return patients.find(({ tree }) => tree !== undefined)?.tree;
}

class Patient {
  readonly #collector: Collector;
  readonly #parts: Omit<Status, "collector">[] = [];
  readonly #devices = new Map<string, Device>();
  #failure: Unavailable | undefined;
  #isOpen = false;
  #isLate = false;
  #gap: string | undefined;
  #values: ReadonlyMap<string, number | null> = new Map();
  #readSeconds: number | undefined;
  #isBackground = false;

  constructor(collector: Collector) {
    this.#collector = collector;
  }

  get tree(): ProcessTree | undefined {
    return this.#isOpen ? this.#collector.tree : undefined;
  }

  async open({ environmentOf, patience }: ExaminationOptions): Promise<void> {
    const { name } = this.#collector;
    const environment = {
      ...environmentOf(this.#collector),
      isRequired: true,
      report: (status: Omit<Status, "collector">) => this.#takePart(status),
      introduce: (device: Device) => this.#devices.set(`${device.label} ${device.id}`, device),
    };
    const late = new Unavailable("unsupported", `Cannot open ${name}: no answer within ${patience} s`);
    try {
      await within(patience, async () => await this.#collector.open(environment), late);
      this.#isOpen = true;
    } catch (error) {
      this.#isLate = error === late;
      this.#fail(error);
    }
  }

  begin(target: Target | undefined): void {
    if (target !== undefined) this.#attempt(() => this.#collector.begin?.(target));
  }

  read(now: number, tree: ProcessTree | undefined): void {
    if (!this.#isOpen) return;
    this.#gap = undefined;
    const reading = this.#attempt((): Reading => this.#collector.collect(now, tree));
    this.#isBackground ||= reading?.at !== undefined;
    const { series } = this.#collector;
    const before = this.#values;
    this.#values = new Map(
      series.map((name, index) => [name, reading?.values[index] ?? before.get(name) ?? null]),
    );
  }

  measure({ now }: ExaminationOptions): void {
    if (!this.#isOpen || this.#gap !== undefined) return;
    const costs: number[] = [];
    for (let left = MOST_COST_SECONDS; left > 0 && costs.length < COST_READINGS;) {
      const at = now();
      const start = performance.now();
      this.#attempt(() => this.#collector.collect(at, undefined));
      const cost = (performance.now() - start) / 1000;
      costs.push(cost);
      left -= cost;
    }
    this.#readSeconds = costs.sort((a, b) => a - b)[Math.floor(costs.length / 2)];
  }

  // One that failed has closed itself, but one that was too slow may still come.
  async close(): Promise<void> {
    if (!this.#isOpen && !this.#isLate) return;
    try {
      await within(CLOSE_SECONDS, async () => await this.#collector.close(), new Error("it does not end"));
    } catch (error) {
      this.#takePart({ state: "lost", reason: `Cannot close ${this.#collector.name}: ${messageOf(error)}` });
    }
  }

  result(): Examined {
    const { state, message: reason, remedy } = this.#failure ?? { state: "working" as const };
    return {
      collector: this.#collector,
      state,
      ...(reason === undefined ? {} : { reason }),
      ...(remedy === undefined ? {} : { remedy }),
      parts: this.#parts,
      devices: [...this.#devices.values()],
      values: this.#values,
      ...(this.#readSeconds === undefined ? {} : { readSeconds: this.#readSeconds }),
      isBackground: this.#isBackground,
    };
  }

  #attempt<T>(action: () => T): T | undefined {
    if (!this.#isOpen) return undefined;
    try {
      return action();
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #fail(error: unknown): void {
    if (error instanceof Unavailable) {
      this.#failure ??= error;
      this.#isOpen = false;
      return;
    }
    this.#gap = messageOf(error);
    this.#takePart({ state: "off", reason: this.#gap });
    if (!this.#isOpen) this.#failure ??= new Unavailable("unsupported", this.#gap);
  }

  #takePart(part: Omit<Status, "collector">): void {
    const key = JSON.stringify(part);
    if (part.state !== "working" && !this.#parts.some((known) => JSON.stringify(known) === key)) this.#parts.push(part);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function within(seconds: number, action: () => Promise<void>, late: Error): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late), seconds * 1000);
  try {
    await Promise.race([action(), promise]);
  } finally {
    clearTimeout(timer);
  }
}
