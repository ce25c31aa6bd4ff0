/**
 * Runs the tests that need no program beside themselves on an emulated arm64 CPU, with the arm64 Deno from npm: parsers,
 * records, derive, summaries, collectors and whole machines as fixtures. Usage: `deno task test:arm64 [options of deno test]`.
 * It needs qemu-aarch64-static and the arm64 C library (Debian: qemu-user-static, libc6-arm64-cross, libgcc-s1-arm64-cross).
 */
import { ROOT } from "./deno.ts";

const PACKAGE = "@deno/linux-arm64-glibc";
const EMULATOR = ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"];
const TESTS = new URL("tests/", ROOT);
const CACHE = new URL("build/arm64/", ROOT);

// Why a test, or what it imports, cannot run so.
const OBSTACLES: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/playwright/, "it needs Chromium"],
  [/new Deno\.Command|from "\.\.\/scripts\//, "it starts programs, which the emulator does not take over"],
];

// Readings with a fault in each access, random inputs, memory over 100,000 ticks.
const LONG = ["collectors_contract_test.ts", "fuzz_test.ts", "other_collectors_test.ts", "summarize_test.ts"];

function capture(program: string, args: readonly string[], cwd: URL = ROOT): string {
  const { success, stdout, stderr } = new Deno.Command(program, { args: [...args], cwd }).outputSync();
  if (!success) throw new Error(`Cannot run ${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout).trim();
}

/** The pinned version of Deno, or where npm has no build of it for arm64, the newest before it of the same minor version. */
function findVersion(): string {
  const pinned = Deno.readTextFileSync(new URL(".dvmrc", ROOT)).trim();
  const listed: unknown = JSON.parse(capture("npm", ["view", PACKAGE, "versions", "--json"]));
  const versions = [listed].flat().filter((version): version is string => typeof version === "string");
  if (versions.includes(pinned)) return pinned;
  const minor = pinned.slice(0, pinned.lastIndexOf(".") + 1);
  const newest = versions.filter((version) => version.startsWith(minor))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
  if (newest === undefined) throw new Error(`Cannot find ${PACKAGE} ${pinned} at npm, nor another ${minor}x`);
  console.log(`npm has no ${PACKAGE} ${pinned}: ${newest} runs instead`);
  return newest;
}

/** Fetches an arm64 Deno, once. */
function fetchDeno(version: string): string {
  const folder = new URL(`${version}/`, CACHE);
  const deno = new URL("package/deno", folder).pathname;
  if (isFile(deno)) return deno;
  Deno.mkdirSync(folder, { recursive: true });
  const packed = capture("npm", ["pack", "--silent", `${PACKAGE}@${version}`], folder);
  capture("tar", ["-xzf", packed], folder);
  return deno;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Why a test cannot run on the emulator; undefined where it can. */
function whyNot(name: string): string | undefined {
  return LONG.includes(name) ? "it would take too long on an emulated CPU" : obstacleOf(new URL(name, TESTS));
}

function obstacleOf(file: URL, seen = new Set<string>()): string | undefined {
  if (seen.has(file.href)) return undefined;
  seen.add(file.href);
  const text = Deno.readTextFileSync(file);
  const own = OBSTACLES.find(([pattern]) => pattern.test(text))?.[1];
  if (own !== undefined) return own;
  const imported = Array.from(text.matchAll(/from "(\.\/[^"]+\.ts)"/g), ([, path = ""]) => new URL(path, file));
  return imported.map((each) => obstacleOf(each, seen)).find((reason) => reason !== undefined);
}

const version = findVersion();
const names = Array.from(Deno.readDirSync(TESTS), ({ name }) => name).filter((name) => name.endsWith("_test.ts"))
  .sort();
const obstacles = new Map(names.map((name) => [name, whyNot(name)]));
const chosen = names.filter((name) => obstacles.get(name) === undefined).map((name) => `tests/${name}`);
const [emulator = "", ...emulatorArgs] = [...EMULATOR, fetchDeno(version)];
const started = performance.now();
// Types were checked on the real CPU.
const { success } = new Deno.Command(emulator, {
  args: [...emulatorArgs, "test", "-A", "--no-check", ...Deno.args, ...chosen],
  cwd: ROOT,
  stdout: "inherit",
  stderr: "inherit",
}).outputSync();
for (const [name, reason] of obstacles) if (reason !== undefined) console.log(`DID NOT RUN: tests/${name}: ${reason}`);
const seconds = Math.round((performance.now() - started) / 1000);
console.log(
  `${chosen.length} of ${names.length} test files ran on Deno ${version} for arm64, emulated, in ${seconds} s`,
);
Deno.exit(success ? 0 : 1);
