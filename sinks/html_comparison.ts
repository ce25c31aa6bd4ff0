import { compareMetrics, compareRuns, type Comparison, differenceOf } from "../lib/compare.ts";
import { comparePhases } from "../lib/compare_phases.ts";
import { formatCommand } from "../lib/escape.ts";
import { formatCount, formatPercent, formatSeconds, formatValue } from "../lib/format.ts";
import type { Unit } from "../lib/metrics.ts";
import { outcomeOf } from "../lib/story.ts";
import type { Summary } from "../lib/summary.ts";
import { isDashed, type ReportData, shade } from "../report/data.ts";
import { chartSection } from "./html_chart_section.ts";
import type { Blobs } from "./html_charts.ts";
import type { PageContent } from "./html_document.ts";
import { filterField, helpOf } from "./html_tables.ts";
import { type Html, markup } from "./html_template.ts";

/** The report of several runs, laid over each other and compared with the first. */
export function comparisonPage(summaries: readonly Summary[], data: ReportData, blobs: Blobs): PageContent {
  const labels = data.runs.map(({ label }) => label);
  const version = summaries[0]?.run.version ?? "";
  return {
    title: `${formatCount(summaries.length)} runs compared · resmon`,
    version,
    header: markup`<header><h1>${formatCount(summaries.length)} runs compared</h1>
<p class="message">Aligned at the start of each command; differences are to the first run.</p>
<ol class="runs">${summaries.map((summary, at) => runEntry(summary, labels[at] ?? "", at))}</ol></header>`,
    sections: [
      markup`<section><h2>Comparison</h2>${
        comparisonTable(compareRuns(summaries), labels, { id: "comparison", title: "Comparison" })
      }</section>`,
      phasesSection(comparePhases(summaries), labels),
      chartSection(data, summaries),
      metricsSection(compareMetrics(summaries), labels),
    ],
    footer: markup`<footer><p>resmon ${version}, runs ${summaries.map(({ run }) => run.id).join(", ")}</p></footer>`,
    data,
    blobs,
  };
}

function runEntry({ run }: Summary, label: string, at: number): Html {
  const { state, text } = outcomeOf(run);
  const command = formatCommand(run.command);
  return markup`<li><i class="${strokeOf(at)}"></i><strong>${label}</strong>
<span class="outcome ${state}"><span>${text}</span> after ${formatSeconds(run.wall_seconds)}</span>
<span class="where">${label === command ? undefined : markup`<code>${command}</code> `}on ${run.host}, <time
datetime="${run.started}">${run.started.slice(0, 10)} ${run.started.slice(11, 19)} UTC</time></span></li>`;
}

/** The classes of a sample of a run's line. */
function strokeOf(run: number): string {
  return isDashed(run) ? `${shade(run)} dashed` : shade(run);
}

function comparisonTable(
  rows: readonly Comparison[],
  labels: readonly string[],
  table: { readonly id: string; readonly title: string },
): Html {
  const heads = labels.map((label, at) =>
    markup`<th scope="col" class="number"><i class="${strokeOf(at)}"></i>${label}</th>${
      at === 0 ? undefined : markup`<th scope="col" class="number">difference</th>`
    }`
  );
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${table.title}"><table id="${table.id}-table" class="metrics">
<thead><tr><th scope="col">Quantity</th>${heads}</tr></thead>
<tbody>${rows.map(comparisonRow)}</tbody></table></div>`;
}

function comparisonRow({ label, unit, values }: Comparison): Html {
  const [first] = values;
  const cells = values.map((value, at) => {
    const shown = value === undefined ? undefined : formatValue(value, unit);
    const difference = at === 0 ? undefined : markup`<td class="number">${differenceText(first, value, unit)}</td>`;
    return markup`<td class="number">${shown}</td>${difference}`;
  });
  const help = helpOf(label);
  const title = help === "" ? label : markup`<code>${label}</code><span class="help">${help}</span>`;
  return markup`<tr><th scope="row">${title}</th>${cells}</tr>`;
}

/** Such as `+1.2 s (+40 %)`; `same` where nothing differs, nothing where one is not known. */
export function differenceText(first: number | undefined, value: number | undefined, unit: Unit): string | undefined {
  if (first === undefined || value === undefined) return undefined;
  const { absolute, percent } = differenceOf(first, value);
  if (absolute === 0) return "same";
  const sign = absolute > 0 ? "+" : "−";
  // Per cent of a core and per cent of the first value beside each other would be read as one another.
  const size = unit === "percent"
    ? formatPercent(Math.abs(absolute)).replace("%", "points")
    : formatValue(Math.abs(absolute), unit);
  if (percent === undefined) return `${sign}${size}`;
  const share = formatPercent(Math.abs(percent));
  return `${sign}${size} (${share.startsWith("<") ? "" : sign}${share})`;
}

function phasesSection(rows: readonly Comparison[], labels: readonly string[]): Html | undefined {
  if (rows.length === 0) return undefined;
  return markup`<section><h2>Phases</h2>${
    comparisonTable(rows, labels, { id: "phases", title: "Phases compared" })
  }</section>`;
}

function metricsSection(rows: readonly Comparison[], labels: readonly string[]): Html | undefined {
  if (rows.length === 0) return undefined;
  return markup`<section><details><summary><h2>All metrics</h2> <span>${formatCount(rows.length)}</span></summary>
<p class="lead">Of counters the increase, of everything else the mean.</p>
${filterField("all", "Filter metrics")}${
    comparisonTable(rows, labels, { id: "all", title: "All metrics compared" })
  }</details></section>`;
}
