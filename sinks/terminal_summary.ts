import { escapeTerminal } from "../lib/escape.ts";
import { sparkline } from "../lib/format.ts";
import type { Status } from "../lib/records.ts";
import { type Fact, type Outcome, type Story, tellStory } from "../lib/story.ts";
import type { Summary } from "../lib/summary.ts";
import { wrapText } from "../lib/wrap_text.ts";
import { phaseTable } from "./terminal_phases.ts";

/** How and for whom the summary is written. */
export interface TerminalStyle {
  /** No line is longer, but for how the command ended and the path of the report. */
  readonly columns: number;
  readonly color: boolean;
  /** Whether sparklines and other characters beyond ASCII can be shown. */
  readonly unicode: boolean;
  readonly paths: OutputPaths;
  /** Values over equal spans of time, `NaN` where there is none. */
  readonly sparklines?: Partial<Record<Fact["subject"], ArrayLike<number>>>;
}

/** Where the outputs are. */
export interface OutputPaths {
  readonly folder: string;
  readonly report?: string;
}

// The attributes of SGR, see console_codes(4).
const LOOKS = { dim: "2", accent: "36", plain: "1", good: "1;32", bad: "1;31", unsure: "1;33" } as const;

type Look = keyof typeof LOOKS;
type Part = readonly [text: string, look?: Look | undefined];

const INDENT = "  ";
const GAP = "  ";
const LABEL_WIDTH = 11;
const FEWEST_COLUMNS = 20;

/** Blocks in a sparkline where there is room. */
export const SPARKLINE_WIDTH = 20;
const NARROWEST_SPARKLINE = 8;
// A command that only waits is a flat line: a fifth of one core is the least that fills the height.
const LEAST_TOPS: Partial<Record<Fact["subject"], number>> = { cpu: 20 };
const MOST_NOTES = 2;
const MOST_PARTS = 4;
const MOST_MISSING_LINES = 2;

const OUTCOME_LOOK: Readonly<Record<Outcome["state"], Look>> = {
  succeeded: "good",
  failed: "bad",
  killed: "bad",
  recorded: "plain",
  unknown: "unsure",
};

/** What a run used, in at most a dozen lines for a terminal, and some more where the program marked phases. */
export function renderTerminalSummary(summary: Summary, style: TerminalStyle): string[] {
  const story = tellStory(summary);
  const notes = story.findings.slice(0, MOST_NOTES).map(({ lead, evidence }): Part[] => {
    const whole = `${lead}: ${evidence}`;
    return row("Note", [[room(style) >= whole.length ? whole : lead]]);
  });
  const widths = sparklineWidths(story.facts, style);
  const lines: Part[][] = [
    ...unknownEnd(story.outcome),
    [],
    ...story.facts.flatMap((fact) => [row(fact.label, factParts(fact, style, widths)), ...partRows(fact)]),
    ...phaseLines(summary, style),
    ...notes,
    ...missingRows(story.missing, style),
  ];
  return [headline(story), ...lines.map((line) => fit(line, style)), row(...pathCells(style.paths))]
    .map((line) => paint(line, style));
}

function phaseLines({ phases }: Summary, style: TerminalStyle): Part[][] {
  const table = phaseTable(phases, ellipsisOf(style));
  if (table === undefined) return [];
  const { head, rows, notes } = table;
  return [
    [[INDENT], ...head.map((cell): Part => [cell, "dim"])],
    ...rows.map(([name = "", ...cells]): Part[] => [[INDENT], [name], ...cells.map((cell): Part => [cell])]),
    ...notes.map((note): Part[] => [[INDENT], [note, "dim"]]),
  ];
}

function headline({ outcome, lasted }: Story): Part[] {
  return [["resmon: ", "dim"], [outcome.text, OUTCOME_LOOK[outcome.state]], [` ${lasted}`]];
}

// That the end of somebody else's process is not known goes without saying.
function unknownEnd({ state, note }: Outcome): Part[][] {
  return state === "unknown" && note !== undefined ? [[[INDENT], [note, "dim"]]] : [];
}

/** What a run used, in one line for a log file. */
export function renderOneLine(summary: Summary, paths: OutputPaths): string {
  const story = tellStory(summary);
  const [label, [[path]]] = pathCells(paths);
  const facts = story.facts.filter(({ subject }) => ["cpu", "memory", "gpu", "energy"].includes(subject))
    .map(({ label, figure }) => `${inSentence(label)} ${figure}`);
  const ended = story.outcome.state === "unknown" ? ["its end is not known"] : [];
  const parts = [`${story.outcome.text} ${story.lasted}`, ...ended, ...facts, `${inSentence(label)} ${path}`];
  return escapeTerminal(`resmon: ${parts.join(", ")}`);
}

function inSentence(label: string): string {
  return /^[A-Z]{2}/.test(label) ? label : label.toLowerCase();
}

function pathCells({ folder, report }: OutputPaths): [label: string, cells: readonly [Part]] {
  return report === undefined ? ["Files", [[folder]]] : ["Report", [[report]]];
}

function row(label: string, cells: readonly Part[]): Part[] {
  return [[INDENT + label.padEnd(LABEL_WIDTH), "dim"], ...cells];
}

function room({ columns }: TerminalStyle): number {
  return columns - INDENT.length - LABEL_WIDTH;
}

interface SparklineWidths {
  /** The characters of the figures before the sparklines. */
  readonly figure: number;
  /** 0 where there is no room. */
  readonly blocks: number;
}

// The notes say what the figures mean, so the sparklines make room for them.
function sparklineWidths(facts: readonly Fact[], style: TerminalStyle): SparklineWidths {
  const drawn = facts.filter(({ subject }) => style.sparklines?.[subject] !== undefined);
  const figure = Math.max(0, ...drawn.map(({ figure }) => figure.length));
  const note = Math.max(0, ...drawn.map(({ note = "" }) => note.length));
  const free = room(style) - figure - note - 2 * GAP.length;
  const hasRoom = style.unicode && free >= NARROWEST_SPARKLINE;
  return { figure, blocks: hasRoom ? Math.min(SPARKLINE_WIDTH, free) : 0 };
}

function factParts({ subject, figure, note }: Fact, style: TerminalStyle, widths: SparklineWidths): Part[] {
  const values = style.sparklines?.[subject];
  const notes: Part[] = note === undefined ? [] : [[note, "dim"]];
  if (values === undefined) return [[figure], ...notes.map(([text, look]): Part => [`, ${text}`, look])];
  const line = widths.blocks > 0 ? [sparkline(values, widths.blocks, LEAST_TOPS[subject])] : [];
  return [[figure.padEnd(widths.figure) + GAP], ...line.map((blocks): Part => [blocks + GAP, "accent"]), ...notes];
}

function missingRows(missing: readonly Status[], style: TerminalStyle): Part[][] {
  if (missing.length === 0) return [];
  const lines = wrapText(missingText(missing, style), room(style));
  // What does not fit is cut, and that is shown.
  const shown = [...lines.slice(0, MOST_MISSING_LINES - 1), lines.slice(MOST_MISSING_LINES - 1).join(" ")];
  return shown.filter((line) => line !== "").map((line, at) => row(at === 0 ? "Missing" : "", [[line, "dim"]]));
}

/** Names what is missing, with the reasons where they fit. */
function missingText(missing: readonly Status[], style: TerminalStyle): string {
  const end = style.paths.report === undefined ? "" : "; see the report";
  const reasoned = missing.map(({ collector, reason }) =>
    reason === undefined ? collector : `${collector} (${reason})`
  );
  const text = reasoned.join(", ") + end;
  if (text.length <= room(style)) return text;
  const [first, ...others] = new Set(missing.map(({ collector }) => collector));
  const reason = missing[0]?.reason;
  // Half of a reason says more than a name.
  if (others.length === 0 && reason !== undefined) return `${first}: ${reason}`;
  return [first, ...others].join(", ") + end;
}

// Whole cells at the end go before a figure is cut, and a cut is always shown.
function fit(parts: readonly Part[], style: TerminalStyle): Part[] {
  const fitted: Part[] = [];
  let left = Math.max(style.columns, FEWEST_COLUMNS);
  for (const [index, [raw, look]] of parts.entries()) {
    const text = escapeTerminal(raw);
    if (text.trimEnd().length > left && index >= 2) break;
    const cut = text.trimEnd().length > left ? cutTo(text, left, ellipsisOf(style)) : text;
    fitted.push(look === undefined ? [cut] : [cut, look]);
    left -= cut.length;
  }
  return fitted;
}

// Joules of each device, under the sum, and what is told beside it.
function partRows({ parts = [], asides = [] }: Fact): Part[][] {
  const shown = parts.slice(0, MOST_PARTS);
  const width = Math.max(0, ...shown.map(({ figure }) => figure.length));
  const more = parts.length - shown.length;
  return [
    ...shown.map(({ name, figure, note }) => row("", [[figure.padStart(width) + GAP + name], [`, ${note}`, "dim"]])),
    ...(more > 0 ? [row("", [[" ".repeat(width) + GAP], [`${more} more in the report`, "dim"]])] : []),
    ...asides.map(({ name, figure, note }) => row(name, [[figure], [`, ${note}`, "dim"]])),
  ];
}

function ellipsisOf({ unicode }: TerminalStyle): string {
  return unicode ? "…" : "...";
}

function cutTo(text: string, length: number, ellipsis: string): string {
  return text.slice(0, Math.max(0, length - ellipsis.length)) + ellipsis;
}

function paint(parts: readonly Part[], { color }: TerminalStyle): string {
  if (!color) return parts.map(([text]) => escapeTerminal(text)).join("").trimEnd();
  return parts.map(([raw, look]) => {
    const text = escapeTerminal(raw);
    return look === undefined ? text : `\x1b[${LOOKS[look]}m${text}\x1b[0m`;
  }).join("");
}
