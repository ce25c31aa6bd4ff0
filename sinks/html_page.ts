import { formatCommand } from "../lib/escape.ts";
import { formatCount, formatSeconds } from "../lib/format.ts";
import { type Fact, type Story, tellStory } from "../lib/story.ts";
import type { Summary } from "../lib/summary.ts";
import type { ReportData } from "../report/data.ts";
import { chartSection } from "./html_chart_section.ts";
import { checkpointsSection } from "./html_checkpoints.ts";
import type { Blobs } from "./html_charts.ts";
import type { PageContent } from "./html_document.ts";
import { energySection } from "./html_energy.ts";
import { headerOf } from "./html_header.ts";
import { lanesFigure } from "./html_lanes.ts";
import { logsSection } from "./html_logs.ts";
import { phasesSection } from "./html_phases.ts";
import { progressSection } from "./html_progress.ts";
import { missingSection } from "./html_missing.ts";
import { metricsTable, processTable } from "./html_tables.ts";
import { tagsSection } from "./html_tags.ts";
import { type Content, type Html, markup } from "./html_template.ts";
import { timelineSection } from "./html_timeline.ts";
import type { LogTail } from "./log_tail.ts";

const FIRST_NUMBER = /^((?:< )?[\d.,]+(?:(?: [KMGTPE]?i?B)? to [\d.,]+)?)/;

/** What the page of a run carries beside its summary. */
export interface RunNumbers {
  readonly data: ReportData;
  readonly blobs: Blobs;
  readonly logs: LogTail;
}

/** The report of one run. */
export function runPage(summary: Summary, { data, blobs, logs }: RunNumbers): PageContent {
  const story = tellStory(summary);
  return {
    title: titleOf(summary),
    version: summary.run.version,
    header: headerOf(summary, story),
    sections: [
      storySection(story),
      chartSection(data, [summary], lanesFigure(summary)),
      phasesSection(summary),
      checkpointsSection(summary),
      tagsSection(summary),
      progressSection(summary),
      energySection(summary),
      timelineSection(summary, data.seconds),
      processesSection(summary),
      logsSection(logs),
      missingSection(summary),
      metricsSection(summary),
    ],
    footer: footerOf(summary, story),
    data,
    blobs,
  };
}

function titleOf({ run }: Summary): string {
  const command = formatCommand(run.command);
  return `${command.length > 60 ? `${command.slice(0, 59)}…` : command} · resmon`;
}

function storySection({ duration, facts, findings }: Story): Html {
  const notes = findings.map(({ lead, evidence }) => markup`<li><strong>${lead}</strong>: ${evidence}</li>`);
  return markup`<section class="story" aria-label="The story">
<div class="facts">
<div class="fact"><h2>Duration</h2><p class="figure"><b class="large">${duration}</b></p></div>
${facts.map(factCard)}
</div>
${notes.length === 0 ? undefined : markup`<ul class="findings">${notes}</ul>`}
</section>`;
}

function factCard({ label, figure, note, detail, source }: Fact): Html {
  const title = source === undefined ? undefined : markup` title="From ${source}"`;
  return markup`<div class="fact"><h2>${label}</h2>
<p class="figure">${withLargeNumbers(figure)}</p>
<p class="detail"${title}>${detail ?? note}</p></div>`;
}

// The first number or range stands out; where there are two numbers of equal weight, both do, with their units.
function withLargeNumbers(figure: string): Content {
  const isSentence = /^[a-z]/.test(figure);
  const parts = isSentence ? figure.split(/([\d.,]*\d [KMGTPE]?i?B)/) : ["", ...figure.split(FIRST_NUMBER).slice(1)];
  const size = isSentence ? "middle" : "large";
  return parts.map((part, at) => at % 2 === 0 ? part : markup`<b class="${size}">${part}</b>`);
}

function processesSection({ processes }: Summary): Html | undefined {
  if (processes.rows.length === 0) return undefined;
  const shown = processes.rows.length < processes.seen
    ? `The ${formatCount(processes.rows.length)} largest of ${formatCount(processes.seen)} that were seen.`
    : undefined;
  return markup`<section><h2>Processes</h2>
${shown && markup`<p class="lead">${shown}</p>`}
${processTable(processes)}</section>`;
}

function metricsSection({ metrics }: Summary): Html | undefined {
  const count = Object.keys(metrics).length;
  if (count === 0) return undefined;
  return markup`<section><details><summary><h2>All metrics</h2> <span>${formatCount(count)}</span></summary>
${metricsTable(metrics)}</details></section>`;
}

function footerOf({ run }: Summary, { cost }: Story): Html {
  return markup`
    <footer>
      <p>${cost}</p>
      <p>resmon ${run.version}, one reading every ${formatSeconds(run.interval_seconds)}, run ${run.id}</p>
    </footer>
  `;
}
