/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * Makes a table sortable by the buttons in its head. A cell is compared by its `data-value` as a number where it has one, by
 * its text otherwise; an empty cell is unknown and stays at the end.
 */
export function makeSortable(table: HTMLTableElement): void {
  const heads = [...table.querySelectorAll<HTMLTableCellElement>("thead th")];
  heads.forEach((head, column) => {
    head.querySelector("button")?.addEventListener("click", () => {
      const direction = nextDirection(head);
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", direction);
      sortRows(table, column, direction === "ascending" ? 1 : -1);
    });
  });
}

type Direction = "ascending" | "descending";

// Numbers are asked for because of the large ones, so these come first.
function nextDirection(head: HTMLElement): Direction {
  const first: Direction = head.classList.contains("number") ? "descending" : "ascending";
  const current = head.getAttribute("aria-sort");
  if (current === null) return first;
  return current === "ascending" ? "descending" : "ascending";
}

function sortRows(table: HTMLTableElement, column: number, sign: number): void {
  const body = table.tBodies[0];
  if (body === undefined) return;
  const rows = [...body.rows].map((row) => ({ row, key: keyOf(row.cells[column]) }));
  rows.sort((a, b) => compare(a.key, b.key, sign));
  body.append(...rows.map(({ row }) => row));
}

function keyOf(cell: HTMLTableCellElement | undefined): number | string | undefined {
  const value = cell?.dataset["value"];
  if (value !== undefined) return parseFloat(value);
  return cell?.textContent || undefined;
}

function compare(a: number | string | undefined, b: number | string | undefined, sign: number): number {
  if (a === undefined) return b === undefined ? 0 : 1;
  if (b === undefined) return -1;
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  return sign * String(a).localeCompare(String(b), "en", { numeric: true });
}
