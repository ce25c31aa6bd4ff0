import { describeWriteError, discardTemporary, OutputFile, type OutputOptions } from "../lib/output_file.ts";
import { rewriteCsv, type Width } from "./csv_rewrite.ts";

/** A cell; `undefined` becomes an empty one. */
export type Cell = string | number | undefined;

/** A row: the fixed cells, then the values by the keys of their columns. */
export interface CsvRow {
  readonly fixed: readonly Cell[];
  readonly values: Pick<ReadonlyMap<string, number>, "get">;
}

// The full-width signs too: they are typed in East Asia, and spreadsheets take them for the others.
const FORMULA = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;
const NEEDS_QUOTES = /[",\r\n]/;

/**
 * A CSV file that is written row by row while its columns may still grow: new ones are appended, and at the end the file gets
 * its whole header and rows of one length.
 */
export class CsvTable {
  readonly #path: string;
  readonly #options: OutputOptions;
  readonly #file: OutputFile;
  readonly #keys: string[] = [];
  readonly #header: string[];
  readonly #widths: Width[] = [];
  #rows = 0;

  /** `fixed`: the columns that every row begins with. Throws Error where the file cannot be written. */
  constructor(path: string, fixed: readonly string[], options: OutputOptions) {
    this.#path = path;
    this.#options = options;
    this.#header = [...fixed];
    this.#file = new OutputFile(path, options);
  }

  /** Adds the column of the values with this key, unless it is there; `title` becomes unique. */
  addColumn(key: string, title: string): void {
    if (this.#keys.includes(key)) return;
    this.#keys.push(key);
    let unique = title;
    for (let copy = 2; this.#header.includes(unique); copy++) unique = `${title}_${copy}`;
    this.#header.push(unique);
  }

  /** Writes rows, all in one write. */
  writeRows(rows: readonly CsvRow[]): void {
    if (rows.length === 0) return;
    if (this.#rows === 0) this.#writeHeader();
    else if (this.#widths.at(-1)?.width !== this.#header.length) {
      this.#widths.push({ row: this.#rows, width: this.#header.length });
    }
    this.#file.append(rows.map((row) => this.#format(row)).join(""));
    this.#rows += rows.length;
  }

  /** Completes the file. */
  close(): void {
    if (this.#rows === 0) this.#writeHeader();
    const isWhole = this.#file.isOpen;
    this.#file.close();
    if (!isWhole || this.#widths[0]?.width === this.#header.length) return;
    try {
      const header = formatRow(this.#header);
      rewriteCsv(this.#path, { header, width: this.#header.length, widths: this.#widths });
    } catch (error) {
      discardTemporary(this.#path);
      this.#options.onFailure(describeWriteError(this.#path, error));
    }
  }

  #writeHeader(): void {
    this.#widths.push({ row: 0, width: this.#header.length });
    this.#file.append(formatRow(this.#header));
    this.#rows++;
  }

  // Numbers need no quotes, and are by far the most of the cells.
  #format({ fixed, values }: CsvRow): string {
    let line = formatRow(fixed).slice(0, -1);
    for (const key of this.#keys) line += `,${values.get(key) ?? ""}`;
    return `${line}\n`;
  }
}

/** A row as CSV (RFC 4180, but `\n`); a text that a spreadsheet would take for a formula begins with `'`. */
export function formatRow(row: readonly Cell[]): string {
  return `${row.map(formatCell).join(",")}\n`;
}

// Not by a library: the one at hand loads Node's Buffer, 5 ms of the start of every run.
function formatCell(cell: Cell): string {
  if (typeof cell !== "string") return cell === undefined ? "" : String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
