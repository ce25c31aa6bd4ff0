import { describeFailure, type Failure, openWhole } from "../lib/availability.ts";
import { type Collector, type Environment, type Reading, Unavailable } from "../lib/contracts.ts";
import type { MetricName } from "../lib/metrics.ts";
import { parseCountFile } from "../lib/parse.ts";
import { isPlausible } from "../lib/plausible.ts";
import type { Root } from "../lib/root.ts";
import { formatSeries } from "../lib/series.ts";
import { type DrmCard, introduceCard, isAsleep } from "./drm_cards_linux.ts";
import { KeptFile } from "./kept_file.ts";
import { affordablePeriod, measureCost } from "./pace.ts";

/** A file of a card that holds one number. */
export interface CardSensor {
  readonly metric: MetricName;
  /** Labels beside `gpu`. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly path: string;
  /** Into the unit of the metric; null where the file says that there is none. Throws SyntaxError. */
  readonly parse: (text: string) => number | null;
}

/** Reads a count of something smaller than the unit: with `perUnit` 1e6 microwatts become watts. */
export function counted(what: string, perUnit = 1): CardSensor["parse"] {
  return (text) => parseCountFile(text, what) / perUnit;
}

/** The cards of one vendor. */
export interface CardKind extends Pick<Collector, "name" | "metrics" | "sources"> {
  /** Such as `AMD`. */
  readonly vendor: string;
  /** What a user of such a card can do where it is not found. */
  readonly remedy: string;
  readonly find: (root: Root) => readonly DrmCard[];
  /** Lists the files that a card has; called only while it is awake. */
  readonly list: (root: Root, card: DrmCard) => readonly CardSensor[];
}

/**
 * Graphics cards by their files in sysfs. A card that sleeps is never woken: its values are gaps until it is awake. Columns
 * change when a card wakes up for the first time, or when its files are others than before.
 */
export class CardCollector implements Collector {
  readonly name: string;
  readonly metrics: readonly MetricName[];
  readonly sources: readonly string[];
  period?: number;
  series: readonly string[] = [];
  readonly #kind: CardKind;
  #environment: Environment | undefined;
  #cards: readonly OpenCard[] = [];

  constructor(kind: CardKind) {
    this.#kind = kind;
    this.name = kind.name;
    this.metrics = kind.metrics;
    this.sources = kind.sources;
  }

  open(environment: Environment): void {
    this.#environment = environment;
    openWhole(this, () => {
      this.#find(environment);
      const period = affordablePeriod(measureCost(() => this.collect()), environment.interval);
      if (period !== undefined) this.period = period;
    });
  }

  collect(): Reading {
    const isAwake = this.#cards.map((card) => !this.#sleeps(card));
    this.#cards.forEach((card, at) => {
      const isUnknown = card.sensors === undefined || card.isMoved;
      if (isAwake[at] && isUnknown) this.#openCard(card, []);
    });
    const values = this.#cards.flatMap((card, at) =>
      (card.sensors ?? []).map((sensor) => isAwake[at] ? this.#read(sensor, card) : null)
    );
    return { values };
  }

  close(): void {
    for (const card of this.#cards) closeCard(card);
    this.#cards = [];
    this.series = [];
  }

  get #opened(): Environment {
    if (this.#environment === undefined) throw new Error(`Cannot read ${this.name}: the collector is not open`);
    return this.#environment;
  }

  #find(environment: Environment): void {
    const cards = this.#kind.find(environment.root);
    if (cards.length === 0) {
      throw new Unavailable("absent", `Cannot find a GPU of ${this.#kind.vendor} in /sys/class/drm`, this.#kind.remedy);
    }
    for (const card of cards) introduceCard(environment, card);
    this.#cards = cards.map((card) => ({ card, sensors: undefined, isMoved: false }));
    const failures: Failure[] = [];
    for (const card of this.#cards) if (!this.#sleeps(card)) this.#openCard(card, failures);
    // A card that sleeps may wake up.
    if (this.series.length > 0 || this.#cards.some(({ sensors }) => sensors === undefined)) return;
    const [first] = failures;
    const devices = cards.map(({ device }) => device).join(", ");
    throw new Unavailable(first?.state ?? "unsupported", first?.reason ?? `Cannot find a sensor in ${devices}`);
  }

  #sleeps({ card }: OpenCard): boolean {
    const { root, report } = this.#opened;
    if (!isAsleep(root, card)) return false;
    report({ state: "off", reason: `Cannot read ${card.name} without waking it: it is suspended` });
    return true;
  }

  #openCard(opened: OpenCard, failures: Failure[]): void {
    const { root, report } = this.#opened;
    closeCard(opened);
    opened.isMoved = false;
    opened.sensors = this.#kind.list(root, opened.card).flatMap((sensor) => {
      try {
        return [openSensor(root, opened.card, sensor)];
      } catch (error) {
        const failure = describeFailure(error);
        failures.push(failure);
        report({ ...failure, metrics: [sensor.metric] });
        return [];
      }
    });
    this.series = this.#cards.flatMap(({ sensors }) => sensors?.map(({ series }) => series) ?? []);
  }

  #read({ file, metric }: OpenSensor, card: OpenCard): number | null {
    try {
      return file.read();
    } catch (error) {
      const failure = describeFailure(error);
      if (failure.state === "absent") card.isMoved = true;
      else this.#opened.report({ ...failure, metrics: [metric] });
      return null;
    }
  }
}

interface OpenSensor {
  readonly series: string;
  readonly metric: MetricName;
  readonly file: KeptFile<number | null>;
}

interface OpenCard {
  readonly card: DrmCard;
  /** Undefined as long as the card has never been awake. */
  sensors: readonly OpenSensor[] | undefined;
  /** Whether a file has gone: after a reset the card has its files at other paths. */
  isMoved: boolean;
}

function openSensor(root: Root, { name }: DrmCard, { metric, labels, path, parse }: CardSensor): OpenSensor {
  const file = new KeptFile(path, (text) => {
    const value = parse(text);
    if (value === null || isPlausible(metric, value)) return value;
    throw new SyntaxError(`Cannot believe ${path}: ${JSON.stringify(text.trim())}`);
  });
  file.open(root);
  return { series: formatSeries(metric, { gpu: name, ...labels }), metric, file };
}

function closeCard({ sensors }: OpenCard): void {
  for (const { file } of sensors ?? []) file.close();
}
