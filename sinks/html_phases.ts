import { formatCount, formatPercent, formatSeconds } from "../lib/format.ts";
import { countPhases, type PhaseRepetition, type PhaseSummary, type PhaseTroubles } from "../lib/phase_summary.ts";
import type { Attributes } from "../lib/records.ts";
import type { Summary } from "../lib/summary.ts";
import { FIGURE_COLUMNS } from "./html_figures.ts";
import { type Column, numberColumn, sortableTable } from "./html_sortable.ts";
import { type Content, type Html, markup } from "./html_template.ts";

// Of a loss as floating point has it, more says nothing.
const SHOWN_DIGITS = 6;

/** What the phases of a run used, by name and one by one; nothing where the program marked none. */
export function phasesSection({ phases, phase_troubles: troubles }: Summary): Html | undefined {
  if (phases.length === 0 && troubles === undefined) return undefined;
  const name = { id: "phases-table", label: "Phases", style: "phases" };
  const listed = phases.filter(isWorthAList).map((phase, at): Listed => ({ phase, id: `phase-${at}-table` }));
  const ids = new Map(listed.map(({ phase, id }) => [phase, id]));
  const outermost = listed.toSorted((a, b) => depthOf(a.phase) - depthOf(b.phase))[0];
  return markup`<section id="phases"><h2>Phases</h2>
<p class="lead">${leadOf(phases)}</p>
${phases.length === 0 ? undefined : sortableTable(phases, phaseColumns(ids), name)}
${troublesOf(troubles).map((text) => markup`<p class="note">${text}</p>`)}
${listed.map((each) => repetitionsOf(each, each === outermost))}
</section>`;
}

/** A phase whose repetitions have a table of their own, and the id of that. */
interface Listed {
  readonly phase: PhaseSummary;
  readonly id: string;
}

function depthOf({ repetitions }: PhaseSummary): number {
  return repetitions[0]?.depth ?? 0;
}

function leadOf(phases: readonly PhaseSummary[]): string {
  const lead = "All that the command used while they went on.";
  const isNested = phases.some(({ repetitions }) => repetitions.some(({ depth }) => depth > 0));
  const [all, told] = countPhases(phases);
  return [
    lead,
    ...(isNested ? ["Those within others are in these, too."] : []),
    ...(told < all ? [`One by one ${formatCount(told)} of ${formatCount(all)} are told; all are in phases.csv.`] : []),
  ].join(" ");
}

function troublesOf(
  { ends_without_start: ends, unmatched_names: names = [], not_measured: unmeasured }: PhaseTroubles = {},
): string[] {
  return [
    ...(ends === undefined ? [] : [
      `${formatCount(ends)} ${ends === 1 ? "end of a phase" : "ends of phases"} that had not begun${listOf(names)}.`,
    ]),
    ...(unmeasured === undefined ? [] : [`${formatCount(unmeasured)} phases are not in it: too many were going on.`]),
  ];
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? "" : `: ${names.join(", ")}`;
}

function phaseColumns(ids: ReadonlyMap<PhaseSummary, string>): Column<PhaseSummary>[] {
  return [{ title: "Phase", help: "Its name", show: (phase) => nameCell(phase, ids.get(phase)) }, ...PHASE_COLUMNS];
}

const PHASE_COLUMNS: readonly Column<PhaseSummary>[] = [
  numberColumn({ title: "Times", help: "How often it began" }, ({ count }) => count, formatCount),
  numberColumn(
    { title: "Time", help: "For how long at least one of them went on", hasBar: true },
    ({ seconds }) => seconds,
    formatSeconds,
  ),
  numberColumn(
    { title: "Each", help: "How long one took on average" },
    ({ mean_seconds, count }) => count > 1 ? mean_seconds : undefined,
    formatSeconds,
  ),
  ...FIGURE_COLUMNS,
  { title: "Ended", help: "Those that failed or did not end", show: endsOf },
];

// The browser opens what the target of a link is folded in.
function nameCell(phase: PhaseSummary, id: string | undefined): Html {
  const { name } = phase;
  const told = id === undefined ? name : markup`<a href="#${id}">${name}</a>`;
  return markup`<span class="phase-name inset-${Math.min(depthOf(phase), 3)}" title="${name}">${told}</span>`;
}

function endsOf({ failed, unfinished }: PhaseSummary): Content {
  const parts = [
    ...(failed === undefined ? [] : [`${formatCount(failed)} failed`]),
    ...(unfinished === undefined ? [] : [`${formatCount(unfinished)} did not end`]),
  ];
  return parts.length === 0 ? undefined : markup`<span class="bad">${parts.join(", ")}</span>`;
}

function isWorthAList({ repetitions }: PhaseSummary): boolean {
  return repetitions.length > 1 || repetitions.some(({ attributes }) => attributes !== undefined);
}

function repetitionsOf({ phase: { name, count, repetitions }, id }: Listed, isOpen: boolean): Html {
  const left = count > repetitions.length ? ` (the first ${formatCount(repetitions.length)})` : "";
  const table = { id, label: `Repetitions of ${name}`, style: "phases" };
  const hasDifferences = repetitions.length > 2;
  return markup`<details class="repetitions"${
    isOpen ? markup` open` : undefined
  }><summary><strong>${name}</strong> <span>${formatCount(count)} ${
    count === 1 ? "time" : "times"
  }${left}</span></summary>
${hasDifferences ? markup`<p class="lead">Differences are to the median.</p>` : undefined}
${sortableTable(repetitions, columnsFor(repetitions, hasDifferences), table)}</details>`;
}

function columnsFor(repetitions: readonly PhaseRepetition[], hasDifferences: boolean): Column<PhaseRepetition>[] {
  const compared: readonly Column<PhaseRepetition>[] = [
    numberColumn({ title: "Time", help: "How long it took", hasBar: true }, ({ seconds }) => seconds, formatSeconds),
    ...FIGURE_COLUMNS,
  ];
  return [
    numberColumn({ title: "#", help: "1, 2, … within the name" }, ({ repetition }) => repetition, formatCount),
    numberColumn({ title: "From", help: "Time after the start of the run" }, ({ started }) => started, formatSeconds),
    ...(hasDifferences ? compared.map((column) => withDifference(column, repetitions)) : compared),
    { title: "In", help: "The phase that it lies in", show: parentOf },
    { title: "Attributes", help: "What the program said of it", show: ({ attributes }) => attributesText(attributes) },
    { title: "Ended", help: "How it ended, where that was not well", show: endOf },
    { title: "PID", help: "Process id", show: ({ pid }) => pid === undefined ? undefined : String(pid) },
  ];
}

function withDifference(
  column: Column<PhaseRepetition>,
  repetitions: readonly PhaseRepetition[],
): Column<PhaseRepetition> {
  const { number, show, hasBar } = column;
  const known = hasBar ? repetitions.flatMap((row) => number?.(row) ?? []).sort((a, b) => a - b) : [];
  const median = known[Math.floor(known.length / 2)] ?? 0;
  const percentOf = (value: number): number => Math.round(100 * (value - median) / median);
  if (median <= 0 || known.every((value) => percentOf(value) === 0)) return column;
  return {
    ...column,
    show: (row) => {
      const [value, shown] = [number?.(row), show(row)];
      return value === undefined ? shown : markup`${shown} ${differenceHtml(percentOf(value))}`;
    },
  };
}

function differenceHtml(percent: number): Html {
  const sign = percent > 0 ? "+" : "−";
  return markup`<span class="difference">${percent === 0 ? "" : `${sign}${formatPercent(Math.abs(percent))}`}</span>`;
}

function parentOf({ parent, parent_repetition: repetition }: PhaseRepetition): Content {
  if (parent === undefined) return undefined;
  const told = repetition === undefined ? parent : `${parent} ${formatCount(repetition)}`;
  return markup`<span class="phase-name" title="${told}">${told}</span>`;
}

/** What the program told beside the name: `loss 1.7, fold 3`. */
export function attributesText(attributes: Attributes = {}): string | undefined {
  const told = Object.entries(attributes).filter(([name]) => name !== "error");
  return told.map(([name, value]) => `${name} ${shownValue(value)}`).join(", ") || undefined;
}

function shownValue(value: Attributes[string]): string {
  if (typeof value === "object") return value.join(" ");
  if (typeof value !== "number" || Number.isInteger(value)) return String(value);
  return String(parseFloat(value.toPrecision(SHOWN_DIGITS)));
}

function endOf({ unfinished, attributes }: PhaseRepetition): Content {
  const error = attributes?.["error"];
  if (error !== undefined) return markup`<span class="bad">${String(error)}</span>`;
  return unfinished && markup`<span class="bad">did not end</span>`;
}
