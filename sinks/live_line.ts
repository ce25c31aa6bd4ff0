import { escapeTerminal } from "../lib/escape.ts";
import { formatBytes, formatCount, formatPercent, formatSeconds } from "../lib/format.ts";
import type { OpenProgress } from "./open_marks.ts";

/** What is shown of a run that goes on; what is not known is absent. */
export interface LiveState {
  /** Seconds. */
  readonly elapsed: number;
  /** 100 for one busy core. */
  readonly cpuPercent?: number;
  readonly memoryBytes?: number;
  /** The busiest GPU. */
  readonly gpuPercent?: number;
  /** The phases that are open, the outermost first. */
  readonly phases: readonly string[];
  readonly progresses: readonly OpenProgress[];
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const COMBINING = /\p{M}|\p{Cf}/u;
const NAME_CHARACTERS = 30;

/** One line of fewer than `width` columns: time, CPU, memory, GPU, the open phases, the progresses. */
export function renderLiveLine(state: LiveState, width: number): string {
  const { elapsed, cpuPercent, memoryBytes, gpuPercent, phases, progresses } = state;
  const parts = [
    formatSeconds(Math.floor(elapsed)),
    ...(cpuPercent === undefined ? [] : [`CPU ${formatPercent(cpuPercent)}`]),
    ...(memoryBytes === undefined ? [] : [formatBytes(memoryBytes)]),
    ...(gpuPercent === undefined ? [] : [`GPU ${formatPercent(gpuPercent)}`]),
    ...(phases.length === 0 ? [] : [phases.map(nameOf).join(" > ")]),
    ...progresses.map(renderProgress),
  ];
  return cutToColumns(parts.join(" | "), width - 1);
}

function renderProgress({ name, completed, total, rate }: OpenProgress): string {
  const share = total === undefined ? formatCount(completed) : formatPercent(Math.min(100, completed / total * 100));
  const speed = rate === undefined ? [] : [`${formatCount(rate)}/s`];
  const isMoving = total !== undefined && rate !== undefined && rate > 0 && completed < total;
  const left = isMoving ? [`${formatSeconds(Math.ceil((total - completed) / rate))} left`] : [];
  return [...(name === "" ? [] : [nameOf(name)]), share, ...speed, ...left].join(" ");
}

function nameOf(name: string): string {
  const shown = escapeTerminal(name);
  return shown.length <= NAME_CHARACTERS ? shown : `${Array.from(shown).slice(0, NAME_CHARACTERS - 1).join("")}…`;
}

/** Cuts a text to so many columns of a terminal, with an ellipsis in the last one. */
export function cutToColumns(text: string, columns: number): string {
  const characters = Array.from(text);
  if (characters.reduce((sum, character) => sum + columnsOf(character), 0) <= columns) return text;
  let used = 1;
  const end = characters.findIndex((character) => (used += columnsOf(character)) > columns);
  return columns < 1 ? "" : `${characters.slice(0, end).join("")}…`;
}

function columnsOf(character: string): number {
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
