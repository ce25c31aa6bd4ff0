import type { IntervalMeter } from "./interval_meter.ts";
import { OpenPhases } from "./open_phases.ts";
import { type Phase, PhaseGroup } from "./phase_group.ts";
import type { MeasuredPhase, PhaseSummary, PhaseTroubles } from "./phase_summary.ts";
import type { Event } from "./records.ts";

const MOST_NAMES = 200;
const MOST_TOLD = 1000;
const MOST_OPEN = 1000;
const MOST_UNMATCHED = 10;
// What is told of one takes kilobytes, and a hundred thousand may end together.
const MOST_TAKEN = 1000;

/** The phases of a run, from the marks that a meter hands out, in memory that does not grow with their number. */
export class Phases {
  readonly #meter: IntervalMeter;
  readonly #groups = new Map<string, PhaseGroup>();
  readonly #open = new OpenPhases<Phase>();
  /** Those that have ended and were not taken yet. */
  readonly #ended: Phase[] = [];
  /** Phases of further names. */
  #others: PhaseGroup | undefined;
  #told = 0;
  #endsWithoutStart = 0;
  readonly #unmatched = new Set<string>();
  #notMeasured = 0;
  /** Of these, those that have not ended. */
  #unmeasured = 0;

  constructor(meter: IntervalMeter) {
    this.#meter = meter;
  }

  /** Takes the start of a phase, which counts from the elapsed `at` on. */
  start(mark: Event, at: number): void {
    if (this.#open.size >= MOST_OPEN) {
      this.#notMeasured++;
      this.#unmeasured++;
      return;
    }
    const group = this.#groupOf(mark.name ?? "");
    const phase = group.begin(mark, at, this.#open.around(mark));
    this.#open.add(mark, phase);
    group.told.push(phase);
    this.#told++;
    if (this.#told > MOST_TOLD) this.#leaveOneOut();
  }

  /** Takes the end of a phase. */
  end(mark: Event, at: number): void {
    const phase = this.#open.take(mark);
    if (phase !== undefined) this.#close(phase, at, mark);
    else if (this.#unmeasured > 0) this.#unmeasured--;
    else this.#missStart(mark);
  }

  /** Takes the exit of a process, with which its phases end. */
  exit(event: Event, at: number): void {
    for (const phase of this.#open.takeOf(event)) this.#close(phase, at);
  }

  /** Ends what is still open, at the end of the run. */
  finish(at: number): void {
    for (const phase of this.#open.takeAll()) this.#close(phase, at);
  }

  /**
   * Takes the first of those out that have ended, in the order of their ends, once the meter has measured what it has handed
   * out ends of; none where none is left. `energySeries`: of the run's energy so far.
   */
  takeEnded(energySeries: () => readonly string[]): MeasuredPhase[] {
    if (this.#ended.length === 0) return [];
    const series = energySeries();
    return this.#ended.splice(0, MOST_TAKEN).map((phase) => phase.group.measured(phase, series));
  }

  /** What the phases came to, in the order of their first starts; the last call. `energySeries`: of the run's energy. */
  result(energySeries: readonly string[]): PhaseSummary[] {
    const groups = [...this.#groups.values()].map((group) => group.result(energySeries));
    if (this.#others === undefined) return groups;
    return [...groups, this.#others.result(energySeries)];
  }

  /** What went wrong; `undefined` where nothing did. */
  troubles(): PhaseTroubles | undefined {
    if (this.#endsWithoutStart === 0 && this.#notMeasured === 0) return undefined;
    return {
      ...(this.#endsWithoutStart > 0 && { ends_without_start: this.#endsWithoutStart }),
      ...(this.#unmatched.size > 0 && { unmatched_names: [...this.#unmatched] }),
      ...(this.#notMeasured > 0 && { not_measured: this.#notMeasured }),
    };
  }

  #missStart({ name }: Event): void {
    this.#endsWithoutStart++;
    if (name !== undefined && this.#unmatched.size < MOST_UNMATCHED) this.#unmatched.add(name);
  }

  #close(phase: Phase, at: number, end?: Event): void {
    phase.group.end(phase, at, end);
    this.#ended.push(phase);
  }

  #groupOf(name: string): PhaseGroup {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    if (this.#groups.size >= MOST_NAMES) return this.#others ??= new PhaseGroup("others", this.#meter, true);
    const group = new PhaseGroup(name, this.#meter);
    this.#groups.set(name, group);
    return group;
  }

  // Thousands of steps must not hide the epochs that they belong to.
  #leaveOneOut(): void {
    const groups = [...this.#groups.values(), ...(this.#others === undefined ? [] : [this.#others])];
    groups.reduce((most, group) => group.told.length > most.told.length ? group : most).told.pop();
    this.#told--;
  }
}
