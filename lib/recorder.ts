import type { Clock } from "./clock.ts";
import { type Collector, type Environment, type Reading, type Target, Unavailable } from "./contracts.ts";
import type { Event, ResmonRecord, Status, Unnumbered } from "./records.ts";
import { nextDeadline, skippedDeadlines } from "./schedule.ts";
import { microseconds, milliseconds, type Readings, TickWriter } from "./tick_writer.ts";

// Readings of one tick are never quite simultaneous; only what would make a rate wrong is worth telling.
const LATE_SECONDS = 0.0005;
const LATE_SHARE = 0.01;

// What ticks between deadlines may take: so many seconds of a CPU at once and this share of it after that.
const BETWEEN_SECONDS = 0.2;
const BETWEEN_SHARE = 0.02;
// How near a tick may come to the one before it.
const APART_SECONDS = 0.01;

/** What collectors are opened with, as far as it does not depend on the collector. */
export type RecorderEnvironment = Omit<Environment, "report" | "introduce" | "isRequired">;

/** What a recorder is made of. */
export interface RecorderOptions {
  readonly collectors: readonly Collector[];
  /** For each subject that the user asked for by name, collectors of which one has to work: else nothing is started. */
  readonly required: readonly (readonly string[])[];
  readonly environment: RecorderEnvironment;
  /** What another environment than that is for some collectors. */
  readonly environmentOf?: (collector: Collector) => Partial<RecorderEnvironment>;
  readonly clock: Clock;
  /** Takes each record as it comes. Must not throw. */
  readonly write: (record: Unnumbered<ResmonRecord>) => void;
  /** Takes one sentence for the user about something that went wrong. */
  readonly warn: (message: string) => void;
  /** Called after each tick. */
  readonly onTick?: () => void;
}

/** What the recorder itself did, for its own cost. */
export interface RecorderStatistics {
  readonly ticks: number;
  readonly skipped: number;
  /** Readings of a source that failed and left a gap. */
  readonly gaps: number;
  /** Seconds that the previous tick took; undefined before the first. */
  readonly tickSeconds: number | undefined;
}

/** Owns the collectors and the clock, and turns readings into records. */
export class Recorder {
  readonly #options: RecorderOptions;
  #collectors: Collector[] = [];
  readonly #readAt = new Map<string, number>();
  readonly #reported = new Set<string>();
  readonly #warned = new Set<string>();
  #writer: TickWriter | undefined;
  #before: Readings | undefined;
  #origin: number | undefined;
  #due = 0;
  #ticked = 0;
  #spentBetween = 0;
  #cancel: (() => void) | undefined;
  #statistics: RecorderStatistics = { ticks: 0, skipped: 0, gaps: 0, tickSeconds: undefined };

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** What the recorder did so far. */
  get statistics(): RecorderStatistics {
    return this.#statistics;
  }

  /** Seconds since elapsed 0; 0 before it. */
  get elapsed(): number {
    return this.#origin === undefined ? 0 : this.#options.clock.now() - this.#origin;
  }

  /** Opens every collector. Throws {@linkcode Unavailable} for a subject that was asked for by name. */
  async open(): Promise<void> {
    const opened: Collector[] = [];
    const missing = new Map<string, Unavailable>();
    for (const collector of this.#options.collectors) {
      const failure = await this.#open(collector);
      if (failure === undefined) opened.push(collector);
      else missing.set(collector.name, failure);
    }
    this.#collectors = opened;
    for (const names of this.#options.required) this.#requireOne(names, missing);
    this.#writer = new TickWriter(opened, this.#options.write);
  }

  /** Reads the machine once, before the command starts, into records of their own: see `measureBaseline`. */
  rehearse(writer: TickWriter, origin: number): void {
    writer.write(this.#readAll(this.#options.clock.now()), origin);
  }

  /** A writer for {@linkcode rehearse}. */
  createWriter(write: RecorderOptions["write"]): TickWriter {
    return new TickWriter(this.#collectors, write);
  }

  /** Reads the machine before the command starts: the base of every rate and total. Nothing is written yet. */
  prepare(): void {
    this.#before = this.#readAll(this.#options.clock.now());
  }

  /**
   * Watches a target from now on, with a tick at each deadline. The one of {@linkcode prepare}, a little before elapsed 0, is
   * written with the first of them: the end of a command of a millisecond is not to be kept waiting.
   *
   * @param origin Monotonic seconds just before the command started: elapsed 0.
   */
  watch(target: Target, origin: number): void {
    this.#origin = origin;
    for (const collector of this.#collectors) this.#guard(collector, () => collector.begin?.(target));
    this.#schedule();
  }

  /** Takes a tick now. */
  tick(): void {
    const start = this.#options.clock.now();
    const readings = this.#readAll(start);
    this.#ticked = start;
    const origin = this.#origin ?? start;
    if (this.#before !== undefined) this.#writer?.write(this.#before, origin);
    this.#before = undefined;
    this.#writer?.write(readings, origin);
    this.#statistics = {
      ...this.#statistics,
      ticks: this.#statistics.ticks + 1,
      tickSeconds: this.#options.clock.now() - start,
    };
    this.#options.onTick?.();
  }

  /** Takes a tick between two deadlines, at a moment that matters, as long as such ticks do not cost too much. */
  tickBetween(): void {
    const affordable = BETWEEN_SECONDS + BETWEEN_SHARE * this.elapsed;
    const isNear = this.#options.clock.now() - this.#ticked < APART_SECONDS;
    if (this.#cancel === undefined || isNear || this.#spentBetween > affordable) return;
    this.tick();
    this.#spentBetween += this.#statistics.tickSeconds ?? 0;
  }

  /** Records something that happened now. */
  event(event: Omit<Event, "time" | "elapsed">): void {
    const { clock, write } = this.#options;
    write({ type: "event", ...event, time: milliseconds(clock.wall()), elapsed: microseconds(this.elapsed) });
  }

  /** Takes no further ticks by itself. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Says of the collectors that have given nothing so far, such as those of a tool that hangs, that they have not. */
  reportSilent(): void {
    for (const { name, series } of this.#collectors) {
      if (series.length > 0) continue;
      this.#report({ collector: name, state: "off", reason: "It gave no number while the command ran" });
    }
  }

  /** Closes every collector. */
  close(): void {
    this.stop();
    for (const collector of this.#collectors) this.#close(collector);
  }

  #close(collector: Collector): void {
    this.#guard(collector, () => {
      collector.close()?.catch((error: unknown) => this.#gap(collector, error));
    });
  }

  async #open(collector: Collector): Promise<Unavailable | undefined> {
    const { environment, environmentOf, required } = this.#options;
    try {
      await collector.open({
        ...environment,
        ...environmentOf?.(collector),
        isRequired: required.some((names) => names.includes(collector.name)),
        report: (status) => this.#report({ collector: collector.name, ...status }),
        introduce: (device) => this.#writeOnce({ type: "device", ...device }),
      });
      this.#report({ collector: collector.name, state: "working" });
      return undefined;
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      this.#reportUnavailable(collector, error);
      return error;
    }
  }

  // The failure to tell is the one that says most: that of a source which is there.
  #requireOne(names: readonly string[], missing: ReadonlyMap<string, Unavailable>): void {
    const failures = names.map((name) => missing.get(name));
    if (names.length === 0 || failures.includes(undefined)) return;
    const telling = failures.find((failure) => failure?.state !== "absent");
    this.close();
    if (telling !== undefined) throw telling;
    if (names.length === 1 && failures[0] !== undefined) throw failures[0];
    throw new Unavailable(
      "absent",
      `Cannot find any of ${names.join(", ")}`,
      "see resmon doctor for what each of them needs",
    );
  }

  #schedule(): void {
    const { clock, environment } = this.#options;
    const origin = this.#origin ?? clock.now();
    this.#due = nextDeadline(clock.now() - origin, environment.interval);
    this.#cancel = clock.at(origin + this.#due, () => {
      const skipped = skippedDeadlines(this.#due, this.elapsed, environment.interval);
      this.#statistics = { ...this.#statistics, skipped: this.#statistics.skipped + skipped };
      try {
        this.tick();
      } finally {
        // A tick that fails is not the last.
        if (this.#cancel !== undefined) this.#schedule();
      }
    });
  }

  #readAll(now: number): Readings {
    const wall = this.#options.clock.wall();
    const readings = new Map<Collector, Reading & { readonly series: readonly string[] }>();
    for (const collector of this.#collectors) {
      if (!this.#isDue(collector, now)) continue;
      const reading = this.#read(collector, now);
      if (reading !== undefined) readings.set(collector, { ...reading, series: collector.series });
    }
    return { now, wall, readings };
  }

  // A reading half a period early is on time: deadlines of ticks and periods never meet exactly.
  #isDue({ name, period }: Collector, now: number): boolean {
    const last = this.#readAt.get(name);
    return period === undefined || last === undefined || now - last > period - this.#options.environment.interval / 2;
  }

  // A reading that came much later than its tick, because resmon had to wait meanwhile, has its own time.
  #read(collector: Collector, now: number): Reading | undefined {
    const { clock, environment } = this.#options;
    this.#readAt.set(collector.name, now);
    const at = clock.now();
    const tree = this.#collectors.find((each) => each.tree !== undefined)?.tree;
    const reading = this.#guard(collector, () => collector.collect(now, tree));
    const isLate = at - now > Math.max(LATE_SECONDS, LATE_SHARE * environment.interval);
    return reading !== undefined && isLate ? { at, ...reading } : reading;
  }

  #guard<T>(collector: Collector, action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      if (error instanceof Unavailable) this.#lose(collector, error);
      else this.#gap(collector, error);
      return undefined;
    }
  }

  #lose(collector: Collector, error: Unavailable): void {
    this.#collectors = this.#collectors.filter((other) => other !== collector);
    this.#reportUnavailable(collector, error);
    // A source that never gave a number is missing, and nothing was lost.
    if (collector.series.length > 0) {
      this.#options.warn(`${collector.name} is not recorded any more: ${error.message}`);
    }
    this.#close(collector);
  }

  #gap(collector: Collector, error: unknown): void {
    this.#statistics = { ...this.#statistics, gaps: this.#statistics.gaps + 1 };
    if (this.#warned.has(collector.name)) return;
    this.#warned.add(collector.name);
    this.#options.warn(`${collector.name} has a gap: ${error instanceof Error ? error.message : String(error)}`);
  }

  #reportUnavailable(collector: Collector, error: Unavailable): void {
    const { state, message: reason, remedy } = error;
    this.#report({ collector: collector.name, state, reason, ...(remedy === undefined ? {} : { remedy }) });
  }

  #report(status: Status): void {
    this.#writeOnce({ type: "status", ...status });
  }

  #writeOnce(record: Unnumbered<ResmonRecord>): void {
    const key = JSON.stringify(record);
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    this.#options.write(record);
  }
}
