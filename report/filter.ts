/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** Lets a search field hide the rows of its table that do not hold all of its words. */
export function makeFilterable(field: HTMLInputElement): void {
  const table = document.getElementById(field.getAttribute("aria-controls") ?? "");
  const count = field.parentElement?.querySelector("output");
  if (!(table instanceof HTMLTableElement)) return;
  field.addEventListener("input", () => {
    const words = field.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
    for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
    const shown = rows.filter((row) => !row.hidden).length;
    if (count) count.textContent = words.length === 0 ? "" : `${shown} of ${rows.length}`;
  });
}
