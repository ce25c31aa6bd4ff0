const LEADING_ZERO = /^-?0\d/;
const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/**
 * What a word of a command line stands for: a number or a truth value where it is the only spelling of it, else the text
 * itself. `007` and `1.10` stay texts: as numbers they would lose something.
 */
export function parsePlainValue(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  if (!NUMBER.test(text)) return text;
  const number = parseFloat(text);
  return String(number) === text ? number : text;
}

/**
 * What a cell of a table or a group of a pattern stands for, where programs print what they measured: `0.810` is a number as
 * well. `007`, and what a number cannot hold, stay texts.
 */
export function parseMeasuredValue(text: string): string | number | boolean {
  const number = NUMBER.test(text) && !LEADING_ZERO.test(text) ? parseFloat(text) : NaN;
  const isHeld = text.includes(".") ? Number.isFinite(number) : Number.isSafeInteger(number);
  return isHeld ? number : parsePlainValue(text);
}
