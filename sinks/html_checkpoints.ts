import type { CheckpointSummary } from "../lib/checkpoints.ts";
import { formatSeconds } from "../lib/format.ts";
import type { Summary } from "../lib/summary.ts";
import { FIGURE_COLUMNS } from "./html_figures.ts";
import { attributesText } from "./html_phases.ts";
import { type Column, numberColumn, sortableTable } from "./html_sortable.ts";
import { type Html, markup } from "./html_template.ts";

const COLUMNS: readonly Column<CheckpointSummary>[] = [
  {
    title: "Checkpoint",
    help: "Its name",
    show: ({ name }) => markup`<span class="phase-name" title="${name}">${name}</span>`,
  },
  numberColumn({ title: "At", help: "Time after the start of the run" }, ({ elapsed }) => elapsed, formatSeconds),
  numberColumn(
    { title: "Time", help: "Since the checkpoint before, or since the start of the run", hasBar: true },
    ({ seconds }) => seconds,
    formatSeconds,
  ),
  ...FIGURE_COLUMNS,
  { title: "Attributes", help: "What the program said of it", show: ({ attributes }) => attributesText(attributes) },
];

/** The checkpoints of a run, each with what was used since the one before; nothing where there is none. */
export function checkpointsSection({ checkpoints }: Summary): Html | undefined {
  if (checkpoints === undefined) return undefined;
  const name = { id: "checkpoints-table", label: "Checkpoints", style: "phases" };
  return markup`<section id="checkpoints"><h2>Checkpoints</h2>
<p class="lead">All that the command used since the checkpoint before, or since the start of the run.</p>
${sortableTable(checkpoints, COLUMNS, name)}</section>`;
}
