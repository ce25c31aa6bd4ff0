/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * Lets the fields beside each other hide the rows of their table that do not hold all words of the search field, or whose
 * `data-tags` are not among those that a choice names.
 */
export function makeFilterable(fields: Element): void {
  const [search, choice] = [fields.querySelector("input"), fields.querySelector("select")];
  const table = document.getElementById(search?.getAttribute("aria-controls") ?? "");
  const count = fields.querySelector("output");
  if (search === null || !(table instanceof HTMLTableElement)) return;
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  const filter = (): void => {
    const words = search.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
    const tags = choice?.value.split(" ");
    for (const row of rows) {
      const isChosen = tags?.includes(row.dataset["tags"] ?? "") ?? true;
      row.hidden = !(isChosen && words.every((word) => row.textContent.toLowerCase().includes(word)));
    }
    const shown = rows.filter((row) => !row.hidden).length;
    const isFiltered = words.length > 0 || (choice?.selectedIndex ?? 0) > 0;
    if (count) count.textContent = isFiltered ? `${shown} of ${rows.length}` : "";
  };
  search.addEventListener("input", filter);
  choice?.addEventListener("input", filter);
}
