import { describeFailure, type Failure, openWhole, orGap } from "../lib/availability.ts";
import { type Clock, SystemClock } from "../lib/clock.ts";
import { type Collector, type Environment, type Reading, Unavailable } from "../lib/contracts.ts";
import type { Root } from "../lib/root.ts";
import { formatSeries } from "../lib/series.ts";
import { EnergyCounter } from "./energy_counter.ts";
import { KeptFile } from "./kept_file.ts";
import { parseMicrojoules, parseMicrowatts } from "./power_files.ts";
import { findRaplZones, POWERCAP, type RaplZone } from "./rapl_zones_linux.ts";

// A server under load takes its counters round in five minutes; two rounds between two readings would look like one.
const LONGEST_PAUSE_SECONDS = 60;

const NONE = `Cannot find RAPL: ${POWERCAP} has no intel-rapl`;
const REMEDY =
  "Virtual machines, most containers and ARM boards have none; elsewhere run: sudo modprobe intel_rapl_msr";
const GRANT =
  `Until the next boot this grants it: sudo chmod a+r ${POWERCAP}/intel-rapl*/energy_uj (then every program can ` +
  "measure power so finely that it may find out secrets of others, CVE-2020-8694: that is why only root may)";

interface Zone {
  readonly labels: RaplZone["labels"];
  readonly energy: KeptFile<number>;
  readonly limit: KeptFile<number> | undefined;
  readonly counter: EnergyCounter;
}

/**
 * Energy of processors and their memory, from the counters of RAPL in `/sys/class/powercap/intel-rapl:*`, with their
 * wrap-around corrected, and the power that each package may draw for long.
 */
export class RaplCollector implements Collector {
  readonly name = "rapl";
  readonly metrics = ["power_energy_joules_total", "power_limit_watts"] as const;
  readonly sources = [`${POWERCAP}/intel-rapl:*: energy_uj, max_energy_range_uj, constraint_0_power_limit_uw`];
  series: readonly string[] = [];
  readonly #clock: Clock;
  readonly #counters = new Map<string, EnergyCounter>();
  #zones: readonly Zone[] = [];
  #environment: Environment | undefined;
  #moved = false;
  #cancel: (() => void) | undefined;

  /** The clock of the recorder, where a test brings its own. */
  constructor(clock: Clock = new SystemClock()) {
    this.#clock = clock;
  }

  open(environment: Environment): void {
    this.#environment = environment;
    openWhole(this, () => this.#find(environment), REMEDY);
    if (environment.interval > LONGEST_PAUSE_SECONDS) this.#readBetween();
  }

  collect(now: number): Reading {
    if (this.#moved && this.#environment !== undefined) this.#find(this.#environment);
    return { values: this.#zones.flatMap((zone) => this.#read(zone, now)) };
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#closeZones();
  }

  #find({ root, report }: Environment): void {
    this.#closeZones();
    const failures: Failure[] = [];
    this.#zones = findRaplZones(root).flatMap((zone) => this.#openZone(root, zone, failures));
    const [first] = failures;
    if (this.#zones.length === 0) {
      const { state = "absent", reason = NONE } = first ?? {};
      throw new Unavailable(state, reason, remedyOf(state));
    }
    for (const failure of failures) report({ ...failure, metrics: this.metrics, remedy: remedyOf(failure.state) });
    this.#moved = false;
    this.series = this.#zones.flatMap(seriesOf);
  }

  #openZone(root: Root, { folder, labels }: RaplZone, failures: Failure[]): Zone[] {
    const energy = new KeptFile(`${folder}/energy_uj`, parseMicrojoules);
    try {
      energy.open(root);
    } catch (error) {
      failures.push(describeFailure(error));
      return [];
    }
    return [{ labels, energy, limit: openLimit(root, folder), counter: this.#counterOf(root, folder, labels) }];
  }

  // Kept under its name: a zone that was away goes on from where it was.
  #counterOf(root: Root, folder: string, labels: RaplZone["labels"]): EnergyCounter {
    const key = formatSeries("power_energy_joules_total", labels);
    const range = orGap(() => parseMicrojoules(root.read(`${folder}/max_energy_range_uj`)));
    const counter = this.#counters.get(key) ?? new EnergyCounter(range ?? undefined);
    this.#counters.set(key, counter);
    return counter;
  }

  #read({ energy, limit, counter }: Zone, now: number): (number | null)[] {
    const joules = this.#readEnergy(energy);
    const total = joules === null ? null : counter.take(joules, now);
    return limit === undefined ? [total] : [total, orGap(() => limit.read())];
  }

  #readEnergy(energy: KeptFile<number>): number | null {
    try {
      return energy.read();
    } catch (error) {
      const failure = describeFailure(error);
      if (failure.state === "absent") this.#moved = true;
      else this.#environment?.report({ ...failure, metrics: ["power_energy_joules_total"] });
      return null;
    }
  }

  #readBetween(): void {
    this.#cancel = this.#clock.at(this.#clock.now() + LONGEST_PAUSE_SECONDS, () => {
      for (const zone of this.#zones) this.#read(zone, this.#clock.now());
      this.#readBetween();
    });
  }

  #closeZones(): void {
    for (const { energy, limit } of this.#zones) {
      energy.close();
      limit?.close();
    }
    this.#zones = [];
    this.series = [];
  }
}

function remedyOf(state: Failure["state"]): string {
  return state === "denied" ? GRANT : REMEDY;
}

function seriesOf({ labels, limit }: Zone): string[] {
  const energy = formatSeries("power_energy_joules_total", labels);
  return limit === undefined ? [energy] : [energy, formatSeries("power_limit_watts", labels)];
}

// Zones without a limit say 0, or nothing at all.
function openLimit(root: Root, folder: string): KeptFile<number> | undefined {
  const limit = new KeptFile(`${folder}/constraint_0_power_limit_uw`, parseMicrowatts);
  if ((orGap(() => limit.open(root)) ?? 0) > 0) return limit;
  limit.close();
  return undefined;
}
