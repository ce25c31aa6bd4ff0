import { formatValue } from "../lib/format.ts";
import type { Summary } from "../lib/summary.ts";
import { type ChartData, isDashed, type LineData, type ReportData } from "../report/data.ts";
import { helpOf } from "./html_tables.ts";
import { type Html, markup } from "./html_template.ts";

const LARGE_CHARTS: readonly string[] = ["cpu", "memory"];
// Beyond it a small chart shows several ticks as one point, with a band from the least to the highest of them.
const MOST_SINGLE_TICKS = 250;
// A legend names its lines; more than these are rows of colours.
const MOST_DESCRIBED = 4;

/** The charts with the buttons that they share. `summaries` are those of the runs in `data`, `lanes` stand above their charts. */
export function chartSection({ charts, runs }: ReportData, summaries: readonly Summary[], lanes?: Html): Html {
  if (charts.length === 0) {
    return markup`<section aria-label="Charts">${lanes}<p class="lead">Too short for charts: a line needs three readings. A
shorter --interval gives more of them.</p></section>`;
  }
  const kinds = runs.length === 1 ? new Set(runs[0]?.bands.map(({ kind }) => kind)) : new Set();
  const keys = [
    ...(kinds.has("stop") ? [markup`<li><i class="stopped"></i>stopped</li>`] : []),
    ...(kinds.has("phase") ? [markup`<li><i class="phase"></i>phases</li>`] : []),
  ];
  const ticks = Math.max(...summaries.map(({ monitor }) => monitor.ticks));
  return markup`<section aria-label="Charts">
${toolbar()}
<div class="charts">${lanes}${charts.map((chart) => chartFigure(chart, { keys, summaries, ticks }))}</div>
</section>`;
}

function toolbar(): Html {
  const button = (action: string, label: string, sign: string): Html =>
    markup`<button type="button" data-action="${action}" aria-label="${label}" title="${label}">${sign}</button>`;
  return markup`<div class="toolbar" role="group" aria-label="Time range of all charts">
${button("zoom-in", "Zoom in", "+")}${button("zoom-out", "Zoom out", "−")}${button("earlier", "Earlier", "←")}${
    button("later", "Later", "→")
  }
<button type="button" data-action="whole">Show all</button>
<output></output>
<label>Cursor <input type="range" min="0" value="0" aria-valuetext="none"></label> <span class="time"></span>
<button type="button" data-action="save" title="What the charts show, as a table">Save as CSV</button>
<p class="hint">Drag to zoom, Shift and drag to move, double click for all; or Ctrl and the wheel; or the keys + − ← → Esc.</p>
</div>`;
}

interface Shared {
  /** Of the run that has most. */
  readonly ticks: number;
  readonly keys: readonly Html[];
  readonly summaries: readonly Summary[];
}

function chartFigure(chart: ChartData, { keys, summaries, ticks }: Shared): Html {
  const { id, kind, title, limit, beyond, lines } = chart;
  const size = LARGE_CHARTS.includes(id) ? "large" : "small";
  const hasBand = kind === "lines" && ticks > MOST_SINGLE_TICKS;
  const all = [
    ...(kind === "rows" ? [rowsKey()] : lines.map(lineKey)),
    ...(hasBand ? [markup`<li><i class="band"></i>least to highest</li>`] : []),
    ...(limit === undefined ? [] : [markup`<li><i class="limit"></i>${limit.label}</li>`]),
    ...keys,
    ...(beyond === undefined ? [] : [markup`<li>${beyond}</li>`]),
  ];
  return markup`<figure class="${size}">
<figcaption><h2>${title}</h2><ul class="keys">${all}</ul></figcaption>
<div class="plot"><canvas id="${id}" tabindex="0" role="img" aria-label="${
    description(chart, summaries)
  }"></canvas></div>
</figure>`;
}

function lineKey({ label, color, series, run }: LineData): Html {
  const dashes = isDashed(run) ? " dashed" : "";
  return markup`<li title="${helpOf(series)}"><i class="${color}${dashes}"></i>${label} <b class="value"></b></li>`;
}

function rowsKey(): Html {
  return markup`<li>idle <i class="ramp"></i> busy <b class="value"></b></li>`;
}

/** What a chart shows, for those who do not see it. */
function description({ title, unit, lines }: ChartData, summaries: readonly Summary[]): string {
  const parts = lines.slice(0, MOST_DESCRIBED).flatMap(({ label, series, run }) => {
    const { mean, max } = summaries[run]?.metrics[series] ?? {};
    if (mean === undefined || max === undefined) return [];
    return [`${label} ${formatValue(mean, unit)} on average, at most ${formatValue(max, unit)}`];
  });
  return [`${title} over time`, ...parts].join("; ");
}
