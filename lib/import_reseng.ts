import { CpuSeconds } from "./cpu_seconds.ts";
import { amountOf, decodeJson, itemsOf, memberOf, textOf } from "./json.ts";
import {
  type ImportedEvent,
  type ImportedNote,
  type ImportedRun,
  leftOutNotes,
  usualInterval,
} from "./imported_run.ts";
import { parseScientific } from "./parse.ts";

/** One row of reseng's log; an item by the name of its column. */
interface Row {
  readonly time: number;
  readonly values: Readonly<Record<string, number>>;
}

/** reseng's rates in bytes per second, and what they are here. */
const RATES: Readonly<Record<string, string>> = {
  read_bytes: "storage_read_bytes_per_second",
  read_chars: "syscall_read_bytes_per_second",
  write_bytes: "storage_write_bytes_per_second",
  write_chars: "syscall_write_bytes_per_second",
};

const NEEDED = ["time", "cpu", "memory"];
const LAST_TIME = 1e11;

/**
 * Reads the CSV of reseng's ResourceMonitor, which is a row a tick: time in Unix seconds, CPU in percent of a core since the row
 * before, memory in bytes, rates in bytes per second. Lines that are none are left out and told. Throws SyntaxError.
 */
export function parseResengCsv(text: string): ImportedRun {
  return runOf(text, []);
}

/** Reads what `dump()` of reseng's ResourceMonitor writes: JSON of its CSV and its tags. Throws SyntaxError. */
export function parseResengDump(text: string): ImportedRun {
  const dump = decodeJson(text, "the dump");
  const data = textOf(memberOf(dump, "data"));
  if (data === undefined) throw new SyntaxError("it has no data: the monitor was dumped before it was stopped");
  return runOf(data, itemsOf(memberOf(dump, "tags")));
}

function runOf(text: string, dumped: readonly unknown[]): ImportedRun {
  const { rows, leftOut } = readRows(text);
  const [first] = rows;
  if (first === undefined) throw new SyntaxError("it has no row of numbers: its process was too short to be seen");
  const { tags, leftOut: tagsLeftOut } = readTags(dumped);
  const known = Object.keys(RATES).filter((column) => rows.some(({ values }) => (values[column] ?? 0) > 0));
  const cpu = new CpuSeconds();
  const ticks = rows.map(({ time, values }, at) => ({
    time,
    values: [
      cpu.next(time, values["cpu"] ?? 0),
      values["memory"] ?? null,
      // The first row has nothing to be compared with, and is 0 throughout.
      ...known.map((column) => at === 0 ? null : values[column] ?? null),
    ],
  }));
  return {
    system: "reseng",
    interval: usualInterval(rows.map(({ time }) => time)),
    series: ["cpu_seconds_total", "memory_rss_bytes", ...known.map((column) => RATES[column] ?? "")],
    ticks,
    events: tags.map(eventOf),
    notes: [...leftOutNotes(leftOut, "line"), ...leftOutNotes(tagsLeftOut, "tag"), ...unknownNotes(known)],
  };
}

function readRows(text: string): { rows: Row[]; leftOut: string[] } {
  const [header = "", ...lines] = text.split(/\r?\n/);
  const columns = header.split(",");
  const missing = NEEDED.find((name) => !columns.includes(name));
  if (missing !== undefined) throw new SyntaxError(`its first line has no column ${missing}`);
  const rows: Row[] = [];
  const leftOut: string[] = [];
  // Behind the last line end there is nothing, or half a line.
  lines.slice(0, -1).forEach((line, at) => {
    const row = tryRow(line, columns);
    const before = rows.at(-1)?.time ?? -Infinity;
    if (row !== undefined && row.time > before) rows.push(row);
    else leftOut.push(`line ${at + 2}: ${JSON.stringify(line.slice(0, 80))}`);
  });
  return { rows, leftOut };
}

function tryRow(line: string, columns: readonly string[]): Row | undefined {
  const cells = line.split(",");
  if (cells.length !== columns.length) return undefined;
  const values: Record<string, number> = {};
  try {
    columns.forEach((column, at) => {
      if (cells[at] !== "") values[column] = parseScientific(cells[at], column);
    });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { time } = values;
  return time === undefined || time > LAST_TIME ? undefined : { time, values };
}

/** What is 0 in every row was not told, as on macOS and Windows, or was not there: the file does not say which. */
function unknownNotes(known: readonly string[]): ImportedNote[] {
  const unknown = Object.keys(RATES).filter((column) => !known.includes(column));
  if (unknown.length === 0) return [];
  const reason = `${
    unknown.join(", ")
  } are 0 throughout, which is also what reseng writes where the system tells nothing`;
  return [{ metrics: unknown.map((column) => RATES[column] ?? ""), reason }];
}

/** A label and when it was given. */
interface Tag {
  readonly time: number;
  readonly label: string;
}

function readTags(tags: readonly unknown[]): { tags: Tag[]; leftOut: string[] } {
  const found: Tag[] = [];
  const leftOut: string[] = [];
  tags.forEach((tag, at) => {
    const [time, label] = itemsOf(tag);
    const seconds = amountOf(time);
    if (seconds !== undefined && seconds <= LAST_TIME && typeof label === "string") {
      found.push({ time: seconds, label });
    } else leftOut.push(`tags.${at}`);
  });
  return { tags: found, leftOut };
}

/** Tags as they are, but the pairs `X v` and `X ^`, which bracket phases. */
function eventOf({ time, label }: Tag, at: number, tags: readonly Tag[]): ImportedEvent {
  const [, name, arrow] = /^(.*) ([v^])$/s.exec(label) ?? [];
  const others = arrow === "v" ? tags.slice(at + 1) : tags.slice(0, at);
  const isPaired = name !== undefined && others.some((other) => other.label === `${name} ${arrow === "v" ? "^" : "v"}`);
  if (!isPaired) return { kind: "tag", time, name: label };
  return { kind: arrow === "v" ? "phase_start" : "phase_end", time, name };
}
