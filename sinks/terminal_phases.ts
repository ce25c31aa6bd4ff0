import { escapeTerminal } from "../lib/escape.ts";
import { formatBytes, formatCount, formatSeconds, formatValue } from "../lib/format.ts";
import { countPhases, type PhaseSummary } from "../lib/phase_summary.ts";

const MOST_PHASES = 8;
const LONGEST_NAME = 22;
const MOST_DEPTH = 3;
const GAP = "  ";

interface Column {
  readonly title: string;
  readonly show: (phase: PhaseSummary) => string | undefined;
}

const COLUMNS: readonly Column[] = [
  { title: "times", show: ({ count }) => formatCount(count) },
  { title: "time", show: ({ seconds }) => formatSeconds(seconds) },
  { title: "CPU", show: ({ cpu_seconds }) => cpu_seconds === undefined ? undefined : formatSeconds(cpu_seconds) },
  {
    title: "peak RSS, sum",
    show: ({ memory_rss_max_bytes: bytes }) => bytes === undefined ? undefined : formatBytes(bytes),
  },
  { title: "energy", show: ({ joules }) => joules === undefined ? undefined : formatValue(joules, "joules") },
  { title: "", show: endsOf },
];

/** The phases of a run as a table: its head, a row for each of the longest, and how many more there are. */
export interface PhaseTable {
  readonly head: readonly string[];
  /** The name, then the cells. */
  readonly rows: readonly (readonly string[])[];
  /** What it leaves out. */
  readonly notes: readonly string[];
}

/** The longest phases with what they used, in cells of even widths; `undefined` where there are none. */
export function phaseTable(phases: readonly PhaseSummary[], ellipsis: string): PhaseTable | undefined {
  if (phases.length === 0) return undefined;
  const longest = new Set(phases.toSorted((a, b) => b.seconds - a.seconds).slice(0, MOST_PHASES));
  const shown = phases.filter((phase) => longest.has(phase));
  const columns = COLUMNS.filter(({ show }) => shown.some((phase) => show(phase) !== undefined));
  const names = shown.map((phase) => nameOf(phase, ellipsis));
  const nameWidth = Math.max("Phases".length, ...names.map((name) => name.length));
  const widths = columns.map(({ title, show }) =>
    Math.max(title.length, ...shown.map((phase) => (show(phase) ?? "").length))
  );
  const cells = (texts: readonly string[]): string[] => texts.map((text, at) => GAP + text.padStart(widths[at] ?? 0));
  return {
    head: ["Phases".padEnd(nameWidth), ...cells(columns.map(({ title }) => title))],
    rows: shown.map((phase, at) => [
      (names[at] ?? "").padEnd(nameWidth),
      ...cells(columns.map(({ show }) => show(phase) ?? "")),
    ]),
    notes: notesOf(phases, phases.length - shown.length),
  };
}

function notesOf(phases: readonly PhaseSummary[], more: number): string[] {
  const [all, told] = countPhases(phases);
  return [
    ...(more > 0 ? [`${formatCount(more)} more in the report`] : []),
    ...(told < all ? [`one by one only ${formatCount(told)} of ${formatCount(all)}; all are in phases.csv`] : []),
  ];
}

function nameOf({ name, repetitions }: PhaseSummary, ellipsis: string): string {
  const safe = "  ".repeat(Math.min(repetitions[0]?.depth ?? 0, MOST_DEPTH)) + escapeTerminal(name);
  return safe.length <= LONGEST_NAME ? safe : safe.slice(0, LONGEST_NAME - ellipsis.length) + ellipsis;
}

function endsOf({ failed, unfinished }: PhaseSummary): string | undefined {
  const parts = [
    ...(failed === undefined ? [] : [`${formatCount(failed)} failed`]),
    ...(unfinished === undefined ? [] : [`${formatCount(unfinished)} not ended`]),
  ];
  return parts.length === 0 ? undefined : parts.join(", ");
}
