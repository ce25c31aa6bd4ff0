/** The possible names of a thing, from the shortest one to one that is certainly its own. */
export type Names = readonly [string, ...string[]];

/** Gives each thing the shortest of its names that sets it apart from the others. */
export function nameApart(things: readonly Names[]): string[] {
  let names = things.map(([shortest]) => shortest);
  const longest = Math.max(...things.map((candidates) => candidates.length), 0);
  for (let level = 1; level < longest; level++) {
    const shared = new Set(names.filter((name, index) => names.indexOf(name) !== index));
    names = names.map((name, index) => shared.has(name) ? things[index]?.[level] ?? name : name);
  }
  return names;
}
