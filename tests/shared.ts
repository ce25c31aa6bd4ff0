/** Captures of real machines, which lie beside the repository and are never copied into it. */
export const SHARED_FIXTURES = new URL("../../shared/fixtures/", import.meta.url);

/** Reads one capture as text by its path below {@linkcode SHARED_FIXTURES}. */
export type ReadFixture = (path: string) => string;

/** A test on the captures; where they are absent it says by name that it did not run. */
export function testWithFixtures(name: string, body: (read: ReadFixture) => void | Promise<void>): void {
  Deno.test(name, async () => {
    if (!isFolder(SHARED_FIXTURES)) return console.warn(`DID NOT RUN: ${name}: no ${SHARED_FIXTURES.pathname}`);
    await body((path) => Deno.readTextFileSync(new URL(path, SHARED_FIXTURES)));
  });
}

function isFolder(url: URL): boolean {
  try {
    return Deno.statSync(url).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
