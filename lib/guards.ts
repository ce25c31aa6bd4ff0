/** What the values of a record may be: checks of JSON that anybody may have written. */

// No quantity comes near it; sums and rates of what is smaller are never Infinity.
const LARGEST = 1e100;

/** Whether it is a number that can be true of something. */
export function isNumber(value: unknown): value is number {
  return typeof value === "number" && value >= -LARGEST && value <= LARGEST;
}

/** Whether it is a text. */
export function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Whether it is an object with named members. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether it is an array of what `accepts` takes. */
export function isArrayOf(accepts: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.every(accepts);
}

/** Whether it is an object whose members `accepts` takes. */
export function isRecordOf(accepts: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => isObject(value) && Object.values(value).every(accepts);
}

/** Whether it can be the value of an attribute. */
export function isAttribute(value: unknown): boolean {
  return isText(value) || typeof value === "boolean" || isNumber(value) || isTexts(value);
}

/** Whether it can be a part of a log: a text, a table or an object. */
export function isMessage(value: unknown): boolean {
  if (!isObject(value)) return isText(value);
  return Object.hasOwn(value, "table")
    ? isTable(value["table"])
    : Object.hasOwn(value, "json") && isJson(value["json"]);
}

// A number of 400 digits is read as Infinity, which JSON cannot tell. Not recursive: it may be nested as deep as it is long.
function isJson(value: unknown): boolean {
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === "number" && !isNumber(next)) return false;
    if (typeof next === "object" && next !== null) { for (const each of Object.values(next)) left.push(each); }
  }
  return true;
}

function isTable(value: unknown): boolean {
  return isObject(value) && isTexts(value["columns"]) && isRows(value["rows"]);
}

const isTexts = isArrayOf(isText);
const isRows = isArrayOf(
  isArrayOf((cell) => cell === null || typeof cell === "boolean" || isText(cell) || isNumber(cell)),
);
