// A word that is further from what was typed than this share of its letters is no help.
const MAX_SHARE = 0.4;

/** The known word that was probably meant by a misspelt one: the nearest by insertions, deletions and replacements. */
export function suggestWord(typed: string, known: readonly string[]): string | undefined {
  const ranked = known.map((word) => ({ word, distance: editDistance(typed, word) }));
  const [best] = ranked.sort((a, b) => a.distance - b.distance);
  if (best === undefined || best.distance > Math.max(typed.length, best.word.length) * MAX_SHARE) return undefined;
  return best.word;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...a].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (letter === b[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
