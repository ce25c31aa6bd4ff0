/**
 * Bundles the browser side of the report into `report/dist/client.js.txt`, which `sinks/html.ts` imports as text. Does
 * nothing when no source is newer than the bundle.
 */

const ROOT = new URL("../", import.meta.url);
const OUTPUT = new URL("report/dist/client.js.txt", ROOT);
const SOURCES = ["report/", "lib/", "deno.lock", "scripts/bundle_report.ts"];

function newest(path: URL): number {
  const info = Deno.statSync(path);
  if (!info.isDirectory) return info.mtime?.getTime() ?? 0;
  const files = [...Deno.readDirSync(path)].filter(({ isFile, name }) => isFile && name.endsWith(".ts"));
  return Math.max(0, ...files.map(({ name }) => newest(new URL(name, path))));
}

function isUpToDate(): boolean {
  try {
    const made = Deno.statSync(OUTPUT).mtime?.getTime() ?? 0;
    return SOURCES.every((source) => newest(new URL(source, ROOT)) <= made);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function bundle(): void {
  const options = ["--quiet", "--platform", "browser", "--format", "iife", "--minify", "--output"];
  const { success, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...options, OUTPUT.pathname, "report/client.ts"],
    cwd: ROOT,
  }).outputSync();
  if (!success) throw new Error(`Cannot bundle the report: ${new TextDecoder().decode(stderr)}`);
}

if (!isUpToDate()) bundle();
