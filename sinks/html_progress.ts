import { formatCount, formatPercent, formatSeconds, formatValue } from "../lib/format.ts";
import type { ProgressSummary } from "../lib/progresses.ts";
import type { Summary } from "../lib/summary.ts";
import { type Column, numberColumn, sortableTable } from "./html_sortable.ts";
import { type Html, markup } from "./html_template.ts";

const STATES = { running: "did not end", done: "done", failed: "failed" } as const;

const COLUMNS: readonly Column<ProgressSummary>[] = [
  {
    title: "Of",
    help: "What the program calls it",
    show: ({ name }) => markup`<span class="phase-name" title="${name}">${name}</span>`,
  },
  numberColumn({ title: "Completed", help: "How much was done" }, ({ completed }) => completed, formatCount),
  numberColumn(
    { title: "Total", help: "How much there was to do, where that is known" },
    ({ total }) => total,
    formatCount,
  ),
  numberColumn(
    { title: "Share", help: "Completed of the total" },
    ({ completed, total }) => total === undefined ? undefined : 100 * completed / total,
    formatPercent,
  ),
  numberColumn({ title: "From", help: "Time after the start of the run" }, ({ started }) => started, formatSeconds),
  numberColumn(
    { title: "Time", help: "Until it ended or last moved", hasBar: true },
    ({ seconds }) => seconds,
    formatSeconds,
  ),
  numberColumn(
    { title: "Rate", help: "Completed a second, on average" },
    ({ rate }) => rate,
    (rate) => formatValue(rate, "per_second"),
  ),
  {
    title: "State",
    help: "How it ended",
    show: ({ state }) => state === "done" ? "done" : markup`<span class="bad">${STATES[state]}</span>`,
  },
];

/** How far everything came of which the program told its progress; nothing where there is none. */
export function progressSection({ progress }: Summary): Html | undefined {
  if (progress === undefined) return undefined;
  const name = { id: "progress-table", label: "Progress", style: "phases" };
  return markup`<section id="progress-told"><h2>Progress</h2>
${sortableTable(progress, COLUMNS, name)}</section>`;
}
