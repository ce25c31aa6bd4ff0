import { formatCommand } from "../lib/escape.ts";
import { formatCount, formatSeconds } from "../lib/format.ts";
import { type Fact, type Story, tellStory } from "../lib/story.ts";
import type { Summary } from "../lib/summary.ts";
import type { ChartData, ReportData } from "../report/data.ts";
import type { PageAssets } from "./html_assets.ts";
import { headerOf } from "./html_header.ts";
import { helpOf, metricsTable, missingList, processTable } from "./html_tables.ts";
import { type Content, type Html, jsonForScript, markup } from "./html_template.ts";

const FIRST_NUMBER = /^((?:< )?[\d.,]+(?:(?: [KMGTPE]?i?B)? to [\d.,]+)?)/;
const LARGE_CHARTS: readonly string[] = ["cpu", "memory"];

/** The whole report: one HTML page that needs nothing but itself. */
export function renderPage(summary: Summary, data: ReportData, assets: PageAssets): string {
  const story = tellStory(summary);
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${assets.policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="resmon ${summary.run.version}">
<link rel="icon" href="data:,">
<title>${titleOf(summary)}</title>
<style>${assets.style}</style>
</head>
<body>
${headerOf(summary, story)}
<main>
${storySection(story)}
${chartsSection(data)}
${processesSection(summary)}
${missingSection(summary)}
${metricsSection(summary)}
</main>
${footerOf(summary, story)}
<script type="application/json" id="data">${jsonForScript(data)}</script>
<script>${assets.client}</script>
</body>
</html>
`.text;
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

function factCard({ label, figure, note, detail }: Fact): Html {
  return markup`<div class="fact"><h2>${label}</h2>
<p class="figure">${withLargeNumbers(figure)}</p>
<p class="detail">${detail ?? note}</p></div>`;
}

// The first number or range stands out; where there are two numbers of equal weight, both do, with their units.
function withLargeNumbers(figure: string): Content {
  const isSentence = /^[a-z]/.test(figure);
  const parts = isSentence ? figure.split(/([\d.,]*\d [KMGTPE]?i?B)/) : ["", ...figure.split(FIRST_NUMBER).slice(1)];
  const size = isSentence ? "middle" : "large";
  return parts.map((part, at) => at % 2 === 0 ? part : markup`<b class="${size}">${part}</b>`);
}

function chartsSection({ charts, stops }: ReportData): Html {
  if (charts.length === 0) {
    return markup`<section aria-label="Charts"><p class="lead">Too short for charts: a line needs three readings. A
shorter --interval gives more of them.</p></section>`;
  }
  const figures = charts.map((chart) => chartFigure(chart, stops.length > 0));
  return markup`<section class="charts" aria-label="Charts">${figures}</section>`;
}

function chartFigure({ id, title, lines, limit, beyond }: ChartData, hasStops: boolean): Html {
  const keys = lines.map(({ role, label, series }) =>
    markup`<li title="${helpOf(series)}"><i class="${role}"></i>${label}</li>`
  );
  const hasBand = lines.some(({ role, max }) => max !== undefined && role !== "context");
  const bandKey = hasBand ? markup`<li><i class="band"></i>shaded up to the highest</li>` : undefined;
  const limitKey = limit && markup`<li><i class="limit"></i>${limit.label}</li>`;
  const beyondKey = beyond && markup`<li>${beyond}</li>`;
  const stopKey = hasStops ? markup`<li><i class="stopped"></i>stopped</li>` : undefined;
  return markup`<figure class="${LARGE_CHARTS.includes(id) ? "large" : "small"}">
<figcaption><h2>${title}</h2><ul class="keys">${keys}${bandKey}${limitKey}${stopKey}${beyondKey}</ul></figcaption>
<div class="plot"><canvas id="${id}" role="img" aria-label="${title} over time"></canvas></div>
</figure>`;
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

function missingSection({ unavailable }: Summary): Html | undefined {
  if (unavailable.length === 0) return undefined;
  return markup`<section><h2>What was not recorded</h2>${missingList(unavailable)}</section>`;
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
