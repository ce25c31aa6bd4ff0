const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/**
 * What a word of a command line or a cell of a CSV file stands for: a number or a truth value where it is the only spelling of
 * it, else the text itself. `007` and `1.10` stay texts: as numbers they would lose something.
 */
export function parsePlainValue(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  if (!NUMBER.test(text)) return text;
  const number = parseFloat(text);
  return String(number) === text ? number : text;
}
