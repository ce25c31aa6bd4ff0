import { formatCount, formatSeconds } from "../lib/format.ts";
import { type Event, LEVELS, type Message, type Table } from "../lib/records.ts";
import { filterField } from "./html_tables.ts";
import { type Content, type Html, markup } from "./html_template.ts";
import type { LogTail } from "./log_tail.ts";

const MOST_CHARACTERS = 10_000;
const MOST_INDENTED = 1000;
const MOST_ROWS = 50;
const MOST_COLUMNS = 20;
/** As the style sheet has it. */
const ON_PAPER = 200;

/** What the program said, with fields that choose by level and by words; nothing where it said nothing. */
export function logsSection(tail: LogTail): Html | undefined {
  const { logs, count } = tail;
  if (logs.length === 0) return undefined;
  const left = logs.length < count
    ? markup`<p class="lead">The last ${formatCount(logs.length)} of ${formatCount(count)}; all
stand in log.jsonl.</p>`
    : undefined;
  return markup`<section id="logs"><h2>Logs</h2>
${left}
${logs.length > ON_PAPER ? markup`<p class="lead on-paper">The last ${ON_PAPER} of them.</p>` : undefined}
${filterField("logs", "Filter logs", levelChoice(logs))}
<div class="scroll" tabindex="0" role="region" aria-label="Logs"><table class="logs" id="logs-table">
<thead><tr><th scope="col" class="number">At</th><th scope="col">Level</th><th scope="col">From</th>
<th scope="col">Message</th></tr></thead>
<tbody>${logs.map(logRow)}</tbody></table></div></section>`;
}

function levelChoice(logs: readonly Event[]): Html | undefined {
  const used = LEVELS.filter((level) => logs.some((log) => log.level === level));
  if (used.length < 2) return undefined;
  const options = used.map((level, at) =>
    markup`<option value="${used.slice(at).join(" ")}">${at === 0 ? "all levels" : `${level} and above`}</option>`
  );
  return markup`<select class="filter" aria-controls="logs-table" aria-label="Least level">${options}</select> `;
}

function logRow({ time, elapsed, level = "info", name, path, line, pid, source, messages = [] }: Event): Html {
  const place = path === undefined ? undefined : `${path}${line === undefined ? "" : `:${line}`}`;
  const title = [place, pid === undefined ? undefined : `PID ${pid}`].filter((part) => part !== undefined).join(", ");
  const from = name ?? (source === "stdout" || source === "stderr" ? source : place);
  return markup`<tr data-tags="${level}"><td class="number" title="${new Date(time * 1000).toISOString()}">${
    formatSeconds(elapsed)
  }</td>
<td><span class="level ${level}">${level}</span></td><td title="${title}">${from}</td><td class="message">${
    messages.map(messageHtml)
  }</td></tr>`;
}

function messageHtml(message: Message): Html {
  if (typeof message === "string") return markup`<p>${linesOf(message)}</p>`;
  if ("table" in message) return tableHtml(message.table);
  return markup`<p><code>${linesOf(jsonText(message.json))}</code></p>`;
}

// What is nested thousands deep would be mostly blanks.
function jsonText(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length <= MOST_INDENTED ? JSON.stringify(value, null, 1) ?? "" : text;
}

// The colours that programs give their terminal, see console_codes(4).
// deno-lint-ignore no-control-regex -- it is such controls that are looked for
const COLORS = /\x1b\[[\d;]*m/g;

// Line ends stay line ends; all other controls are shown.
function linesOf(text: string): Content {
  const cut = text.length > MOST_CHARACTERS
    ? `${text.slice(0, MOST_CHARACTERS)}… (the rest stands in log.jsonl)`
    : text;
  const [first = "", ...others] = cut.replace(COLORS, "").trimEnd().split(/\r?\n/);
  return [
    first,
    ...others.map((line) =>
      markup`
${line}`
    ),
  ];
}

function tableHtml({ columns, rows }: Table): Html {
  const heads = columns.slice(0, MOST_COLUMNS).map((column) => markup`<th scope="col">${column}</th>`);
  const body = rows.slice(0, MOST_ROWS).map((row) =>
    markup`<tr>${
      row.slice(0, MOST_COLUMNS).map((cell) => markup`<td>${cell === null ? undefined : String(cell)}</td>`)
    }</tr>`
  );
  const size = `${formatCount(rows.length)} rows of ${formatCount(columns.length)} columns`;
  const isCut = rows.length > MOST_ROWS || columns.length > MOST_COLUMNS;
  const note = isCut ? markup`<p class="note">The beginning of ${size}; all stand in log.jsonl.</p>` : undefined;
  return markup`<table class="told-table"><thead><tr>${heads}</tr></thead><tbody>${body}</tbody></table>${note}`;
}
