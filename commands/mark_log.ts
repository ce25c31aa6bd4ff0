import { levelOf } from "../lib/mark_fields.ts";
import { parseMeasuredValue } from "../lib/plain_value.ts";
import type { Message, Table } from "../lib/records.ts";
import type { ExitStatus } from "../lib/wait.ts";
import { CommandError, FAILURE, USAGE } from "./exit_status.ts";
import { type MarkOptions, sendMark } from "./mark.ts";

/** The options of `resmon log`. */
export interface LogOptions extends MarkOptions {
  /** A word for a level. */
  readonly level: string;
  readonly table?: string;
}

/** Sends messages, and a table after them. Throws {@linkcode CommandError} where there is nothing to tell, or no table. */
export async function sendLog(texts: readonly string[], { level, table, ...options }: LogOptions): Promise<ExitStatus> {
  const messages: Message[] = [...texts, ...(table === undefined ? [] : [{ table: await readTable(table) }])];
  if (messages.length === 0) throw new CommandError("Nothing to log: give a text, or --table <file>", USAGE);
  return await sendMark({ kind: "log", level: levelOf(level) ?? "info", messages }, options);
}

async function readTable(path: string): Promise<Table> {
  try {
    const { parse } = await import("csv-parse/sync");
    const options = { bom: true, skip_empty_lines: true, relax_column_count: true };
    const [columns = [], ...rows]: string[][] = parse(await Deno.readTextFile(path), options);
    return { columns, rows: rows.map((row) => row.map((cell) => cell === "" ? null : parseMeasuredValue(cell))) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new CommandError(`Cannot read the table ${path}: ${error.message}`, FAILURE);
  }
}
