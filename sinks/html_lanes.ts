import { formatCount, formatSeconds } from "../lib/format.ts";
import type { PhaseRepetition, PhaseSummary } from "../lib/phase_summary.ts";
import type { Summary } from "../lib/summary.ts";
import type { Event } from "../lib/records.ts";
import type { Moment } from "../report/data.ts";
import { attributesText } from "./html_phases.ts";
import { type Html, markup } from "./html_template.ts";

const MOST_NAMES = 30;
const MOST_LANES = 8;
const MOST_DEPTH = 3;

/**
 * The phases of a run as bars on the time axis of its charts, a row for each name, and below them its tags and checkpoints;
 * nothing where there is none.
 */
export function lanesFigure({ phases, events, checkpoints = [] }: Summary): Html | undefined {
  const longest = new Set(phases.toSorted((a, b) => b.seconds - a.seconds).slice(0, MOST_NAMES));
  const shown = phases.filter((phase) => longest.has(phase));
  const tags = events.filter(({ kind }) => kind === "tag").map(momentOf);
  const points = checkpoints.map(momentOf);
  const rows = [...shown.map(phaseRow), ...momentRow("tags", tags), ...momentRow("checkpoints", points)];
  if (rows.length === 0) return undefined;
  const left = phases.length > shown.length
    ? markup`<li>the ${formatCount(shown.length)} longest of ${formatCount(phases.length)} names</li>`
    : undefined;
  const isBad = shown.some(({ failed }) => failed !== undefined);
  return markup`<figure class="large lanes" aria-label="Phases over time">
<figcaption><h2>Phases over time</h2><ul class="keys">${left}${
    shown.length > 0 ? markup`<li>a click zooms</li>` : undefined
  }${isBad ? markup`<li><i class="bad"></i>failed</li>` : undefined}</ul></figcaption>
<ol>${rows}</ol>
</figure>`;
}

function phaseRow({ name, count, started, seconds, repetitions }: PhaseSummary): Html {
  const lanes = lanesOf(repetitions);
  const height = Math.max(1, ...lanes.values().map((lane) => lane + 1));
  const depth = Math.min(repetitions[0]?.depth ?? 0, MOST_DEPTH);
  const bars = repetitions.map((each) => barOf(each, { name, lane: lanes.get(each) ?? 0, lanes: height, depth }));
  const told = `${formatCount(count)} ${count === 1 ? "time" : "times"}, first from ${formatSeconds(started)}, ${
    formatSeconds(seconds)
  } in all`;
  return markup`<li class="lanes-${height}"><button type="button" class="who inset-${depth}" title="${name}">${name}</button>
<svg aria-hidden="true">${bars}</svg><span class="told">${told}</span></li>`;
}

/** Phases that go on at the same time lie in lanes of their own, as far as there are so many. */
function lanesOf(repetitions: readonly PhaseRepetition[]): Map<PhaseRepetition, number> {
  const ends: number[] = [];
  return new Map(repetitions.map((each) => {
    const free = ends.findIndex((end) => end <= each.started);
    const lane = Math.min(free < 0 ? ends.length : free, MOST_LANES - 1);
    ends[lane] = Math.max(ends[lane] ?? 0, each.started + each.seconds);
    return [each, lane];
  }));
}

interface Place {
  readonly name: string;
  readonly lane: number;
  readonly lanes: number;
  readonly depth: number;
}

function barOf({ repetition, started, seconds, unfinished, attributes }: PhaseRepetition, place: Place): Html {
  const { name, lane, lanes, depth } = place;
  const error = attributes?.["error"];
  const end = error === undefined ? unfinished ? ", did not end" : "" : `, failed: ${error}`;
  const style = `phase depth-${depth}${error === undefined ? "" : " bad"}${unfinished ? " open" : ""}`;
  return markup`<rect class="${style}" data-from="${started}" data-to="${started + seconds}"
y="${100 * lane / lanes}%" height="${100 / lanes}%"><title>${name} ${repetition}: ${formatSeconds(seconds)} from ${
    formatSeconds(started)
  }${end}</title></rect>`;
}

function momentOf({ elapsed: at, name = "", attributes }: Pick<Event, "elapsed" | "name" | "attributes">): Moment {
  const told = attributesText(attributes);
  return { at, label: told === undefined ? name : `${name} (${told})` };
}

function momentRow(kind: string, moments: readonly Moment[]): Html[] {
  if (moments.length === 0) return [];
  const marks = moments.map(({ at, label }) =>
    markup`<rect class="moment" data-from="${at}" data-to="${at}" height="100%"><title>${label}: at ${
      formatSeconds(at)
    }</title></rect>`
  );
  return [
    markup`<li class="lanes-1"><span class="who">${kind}</span>
<svg aria-hidden="true">${marks}</svg><span class="told">${formatCount(moments.length)}</span></li>`,
  ];
}
