import { formatSeconds } from "../lib/format.ts";
import type { Event } from "../lib/records.ts";
import type { Summary } from "../lib/summary.ts";
import { attributesText } from "./html_phases.ts";
import { type Column, numberColumn, sortableTable } from "./html_sortable.ts";
import { type Html, markup } from "./html_template.ts";

const COLUMNS: readonly Column<Event>[] = [
  {
    title: "Tag",
    help: "Its label",
    show: ({ name = "" }) => markup`<span class="phase-name" title="${name}">${name}</span>`,
  },
  numberColumn({ title: "At", help: "Time after the start of the run" }, ({ elapsed }) => elapsed, formatSeconds),
  { title: "Attributes", help: "What the program said of it", show: ({ attributes }) => attributesText(attributes) },
  { title: "PID", help: "Process id", show: ({ pid }) => pid === undefined ? undefined : String(pid) },
];

/** The tags of a run, where some of them tell more than their label: those stand in the charts. */
export function tagsSection({ events }: Summary): Html | undefined {
  const tags = events.filter(({ kind }) => kind === "tag");
  if (tags.every(({ attributes }) => attributesText(attributes) === undefined)) return undefined;
  const name = { id: "tags-table", label: "Tags", style: "phases" };
  return markup`<section id="tags"><details><summary><h2>Tags</h2> <span>${String(tags.length)}</span></summary>
${sortableTable(tags, COLUMNS, name)}</details></section>`;
}
