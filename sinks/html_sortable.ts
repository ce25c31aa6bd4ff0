import { type Content, type Html, markup } from "./html_template.ts";

/** A column of a table that the page makes sortable. */
export interface Column<Row> {
  readonly title: string;
  readonly help: string;
  /** The number that rows are sorted by; text is sorted as it stands. */
  readonly number?: (row: Row) => number | undefined;
  readonly show: (row: Row) => Content;
  /** Draws the number as a bar too, as long as it is of the largest. */
  readonly hasBar?: true;
}

/** What a table is called by scripts and by screen readers, and how it is drawn. */
export interface TableName {
  readonly id: string;
  readonly label: string;
  /** Of the style sheet. */
  readonly style: string;
}

/** A table that the page makes sortable; a column that is empty throughout is left out. */
export function sortableTable<Row>(rows: readonly Row[], all: readonly Column<Row>[], name: TableName): Html {
  const columns = all.filter(({ show }) => rows.some((row) => show(row) !== undefined));
  const tops = columns.map(({ number, hasBar }) => hasBar ? Math.max(...rows.map((row) => number?.(row) ?? 0)) : 0);
  const heads = columns.map(({ title, help, number }) =>
    markup`<th scope="col"${classOf(number)}><button type="button" title="${help}">${title}</button></th>`
  );
  const body = rows.map((row) => markup`<tr>${columns.map((column, at) => cellOf(column, row, tops[at] ?? 0))}</tr>`);
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${name.label}"><table
class="sortable ${name.style}" id="${name.id}">
<thead><tr>${heads}</tr></thead>
<tbody>${body}</tbody></table></div>`;
}

/** A column of numbers; `format` is not asked for what is not known. */
export function numberColumn<Row>(
  { title, help, hasBar }: Pick<Column<Row>, "title" | "help" | "hasBar">,
  number: (row: Row) => number | undefined,
  format: (value: number) => string,
): Column<Row> {
  const show = (row: Row): string | undefined => {
    const value = number(row);
    return value === undefined ? undefined : format(value);
  };
  return { title, help, number, show, ...(hasBar && { hasBar }) };
}

function classOf(number: unknown): Html | undefined {
  return number === undefined ? undefined : markup` class="number"`;
}

function cellOf<Row>({ number, show }: Column<Row>, row: Row, top: number): Html {
  const value = number?.(row);
  const sortKey = value === undefined ? undefined : markup` data-value="${value}"`;
  const bar = value === undefined || top <= 0 ? undefined : markup`<svg class="bar" aria-hidden="true"><rect
width="${Math.round(1000 * value / top) / 10}%" height="100%"></rect></svg>`;
  return markup`<td${classOf(number)}${sortKey}>${show(row)}${bar}</td>`;
}
