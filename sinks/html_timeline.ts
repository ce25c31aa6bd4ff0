import { formatCommand } from "../lib/escape.ts";
import { formatCount, formatSeconds } from "../lib/format.ts";
import type { ProcessSummary, Summary } from "../lib/summary.ts";
import { type Html, markup } from "./html_template.ts";

const MOST_ROWS = 200;
const MOST_DEPTH = 8;
const SHADES = 4;

interface Row {
  readonly process: ProcessSummary;
  readonly started: number;
  readonly depth: number;
}

/** The process tree on the time axis of the run, parents above their children; nothing for a single process. */
export function timelineSection({ processes, run }: Summary, seconds: number): Html | undefined {
  const shown = largestWithParents(processes.rows);
  const rows = inTreeOrder(shown);
  if (rows.length < 2) return undefined;
  const note = shown.length < processes.seen
    ? `The ${formatCount(rows.length)} that used most CPU time, with their parents, of ${formatCount(processes.seen)}.`
    : undefined;
  const ended = run.end_unknown === undefined;
  return markup`<section aria-label="Process tree"><h2>Process tree</h2>
${note && markup`<p class="lead">${note}</p>`}
<ul class="keys"><li><i class="first"></i>the darker, the busier</li>${
    rows.some(({ process }) => isBad(process)) ? markup`<li><i class="bad"></i>failed or killed</li>` : undefined
  }</ul>
<div class="timeline scroll" tabindex="0" role="region" aria-label="Process tree over time">
<div class="scale" aria-hidden="true"><span>0</span><span>${formatSeconds(seconds)}</span></div>
<ol>${rows.map((row) => timelineRow(row, { seconds, ended }))}</ol>
</div></section>`;
}

function timelineRow(
  { process, started, depth }: Row,
  run: { readonly seconds: number; readonly ended: boolean },
): Html {
  const { name, pid, command } = process;
  const until = process.ended ?? run.seconds;
  const title = command === undefined ? name : formatCommand(command);
  return markup`<li class="depth-${Math.min(depth, MOST_DEPTH)}"><span class="who" title="${title}">${name}
<span>${pid}</span></span>
<svg aria-hidden="true"><rect class="${shadeOf(process, until - started)}" data-from="${started}" data-to="${until}"
height="100%"></rect></svg><span class="told">${spokenRow(process, started)}</span></li>`;
}

function spokenRow(process: ProcessSummary, started: number): string {
  const from = started < 0 ? "from before the run" : `from ${formatSeconds(started)}`;
  const to = process.ended === undefined ? "on" : `to ${formatSeconds(process.ended)}`;
  const cpu = process.values["cpu_seconds_total"];
  return `${from} ${to}${cpu === undefined ? "" : `, ${formatSeconds(cpu)} of CPU time`}${endOf(process)}`;
}

function endOf({ exit_code, signal }: ProcessSummary): string {
  if (signal !== undefined) return `, killed by ${signal}`;
  return exit_code === undefined || exit_code === 0 ? "" : `, exit code ${exit_code}`;
}

function isBad({ exit_code, signal }: ProcessSummary): boolean {
  return signal !== undefined || (exit_code ?? 0) !== 0;
}

/** The class of a bar: how busy the process was while it lived. */
function shadeOf(process: ProcessSummary, lived: number): string {
  const busy = lived > 0 ? (process.values["cpu_seconds_total"] ?? 0) / lived : 0;
  return `busy-${Math.min(SHADES, Math.ceil(busy * SHADES))}${isBad(process) ? " bad" : ""}`;
}

// The rows come with the largest CPU time first.
function largestWithParents(rows: readonly ProcessSummary[]): ProcessSummary[] {
  const known = new Map(rows.map((row) => [row.id, row]));
  const shown = new Set<ProcessSummary>();
  for (const row of rows) {
    if (shown.size >= MOST_ROWS) break;
    for (let next: ProcessSummary | undefined = row; next !== undefined && !shown.has(next);) {
      shown.add(next);
      next = next.parent === undefined ? undefined : known.get(next.parent);
    }
  }
  return [...shown];
}

function inTreeOrder(processes: readonly ProcessSummary[]): Row[] {
  const timed = processes.flatMap((process) =>
    process.started === undefined ? [] : [{ process, started: process.started }]
  );
  const known = new Set(timed.map(({ process: { id } }) => id));
  const byStart = timed.sort((a, b) => a.started - b.started || a.process.id - b.process.id);
  const children = Map.groupBy(
    byStart,
    ({ process: { parent } }) => parent !== undefined && known.has(parent) ? parent : 0,
  );
  const rows: Row[] = [];
  const walk = (parent: number, depth: number): void => {
    for (const child of children.get(parent) ?? []) {
      rows.push({ ...child, depth });
      walk(child.process.id, depth + 1);
    }
  };
  walk(0, 0);
  return rows;
}
