/** Files as other systems write them, from `tests/fixtures/foreign`. */

const FOLDER = new URL("fixtures/foreign/", import.meta.url).pathname;

/** Where a file is. */
export function foreignPath(name: string): string {
  return `${FOLDER}${name}`;
}

/** What is in a file. */
export function foreignFile(name: string): string {
  return Deno.readTextFileSync(foreignPath(name));
}
