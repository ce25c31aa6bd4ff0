import { styleText } from "node:util";
import { escapeTerminal } from "../lib/escape.ts";
import { sparkline } from "../lib/format.ts";
import type { Status } from "../lib/records.ts";
import { type Fact, type Outcome, tellStory } from "../lib/story.ts";
import type { Summary } from "../lib/summary.ts";

/** How and for whom the summary is written. */
export interface TerminalStyle {
  /** No line is longer, but for the path of the report. */
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

type Look = Parameters<typeof styleText>[0];
type Part = readonly [text: string, look?: Look | undefined];

const INDENT = "  ";
const LABEL_WIDTH = 11;
const FEWEST_COLUMNS = 20;

/** Blocks in a sparkline. */
export const SPARKLINE_WIDTH = 20;
const MOST_NOTES = 2;

const OUTCOME_LOOK: Readonly<Record<Outcome["state"], Look>> = {
  succeeded: ["bold", "green"],
  failed: ["bold", "red"],
  killed: ["bold", "red"],
  unknown: ["bold", "yellow"],
};

/** What a run used, in at most a dozen lines for a terminal. */
export function renderTerminalSummary(summary: Summary, style: TerminalStyle): string[] {
  const story = tellStory(summary);
  const notes = story.findings.slice(0, MOST_NOTES).map(({ lead, evidence }): Part[] => {
    const whole = `${lead}: ${evidence}`;
    return row("Note", [[room(style) >= whole.length ? whole : lead]]);
  });
  const drawn = story.facts.filter(({ subject }) => style.sparklines?.[subject] !== undefined);
  const figureWidth = Math.max(0, ...drawn.map(({ figure }) => figure.length));
  const lines: Part[][] = [
    [["resmon: ", "dim"], [story.outcome.text, OUTCOME_LOOK[story.outcome.state]], [` ${story.lasted}`]],
    [],
    ...story.facts.map((fact) => row(fact.label, factParts(fact, style, figureWidth))),
    ...notes,
    ...(story.missing.length > 0 ? [row("Missing", [[missingText(story.missing, room(style)), "dim"]])] : []),
  ];
  const fitted = lines.map((line) => paint(fit(line, style), style));
  return [...fitted, paint(row(...pathCells(style.paths)), style)];
}

/** What a run used, in one line for a log file. */
export function renderOneLine(summary: Summary, paths: OutputPaths): string {
  const story = tellStory(summary);
  const [label, [[path]]] = pathCells(paths);
  const facts = story.facts.filter(({ subject }) => subject === "cpu" || subject === "memory")
    .map(({ label, figure }) => `${inSentence(label)} ${figure}`);
  const parts = [`${story.outcome.text} ${story.lasted}`, ...facts, `${inSentence(label)} ${path}`];
  return escapeTerminal(`resmon: ${parts.join(", ")}`);
}

function inSentence(label: string): string {
  return label === "CPU" ? label : label.toLowerCase();
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

function factParts(fact: Fact, style: TerminalStyle, figureWidth: number): Part[] {
  const values = style.sparklines?.[fact.subject];
  const note: Part[] = fact.note === undefined ? [] : [[fact.note, "dim"]];
  if (values === undefined) return [[fact.figure], ...note.map(([text, look]): Part => [`, ${text}`, look])];
  const blocks = style.unicode ? [[`${sparkline(values, SPARKLINE_WIDTH)}  `, "cyan"] satisfies Part] : [];
  return [[`${fact.figure.padEnd(figureWidth)}  `], ...blocks, ...note];
}

/** Names what is missing, with the reasons where they fit. */
function missingText(missing: readonly Status[], width: number): string {
  const end = "; see summary.json";
  const reasoned = missing.map(({ collector, reason }) =>
    reason === undefined ? collector : `${collector} (${reason})`
  );
  const text = reasoned.join(", ") + end;
  return text.length <= width ? text : [...new Set(missing.map(({ collector }) => collector))].join(", ") + end;
}

// Whole cells at the end go before a figure is cut, and a cut is always shown.
function fit(parts: readonly Part[], { columns, unicode }: TerminalStyle): Part[] {
  const fitted: Part[] = [];
  let left = Math.max(columns, FEWEST_COLUMNS);
  for (const [index, [raw, look]] of parts.entries()) {
    const text = escapeTerminal(raw);
    if (text.trimEnd().length > left && index >= 2) break;
    const cut = text.trimEnd().length > left ? cutTo(text, left, unicode ? "…" : "...") : text;
    fitted.push(look === undefined ? [cut] : [cut, look]);
    left -= cut.length;
  }
  return fitted;
}

function cutTo(text: string, length: number, ellipsis: string): string {
  return text.slice(0, Math.max(0, length - ellipsis.length)) + ellipsis;
}

function paint(parts: readonly Part[], { color }: TerminalStyle): string {
  if (!color) return parts.map(([text]) => escapeTerminal(text)).join("").trimEnd();
  return parts.map(([raw, look]) => {
    const text = escapeTerminal(raw);
    return look === undefined ? text : styleText(look, text, { validateStream: false });
  }).join("");
}
