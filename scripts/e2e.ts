/**
 * Runs the end-to-end tests: those that start resmon itself, from its sources or as the file that RESMON_BIN names. Usage:
 * `deno task e2e [options of deno test]`, or `deno task e2e --list`.
 */
import { ROOT } from "./deno.ts";

const TESTS = new URL("tests/", ROOT);

// A test starts the program by a name of these helpers; their other names run anything.
const STARTS_PROGRAM = /\b(?:RESMON|resmon|record|wrap)\b[^;]*from "\.\/(?:program|wrapping)\.ts"/;

// What is sampled agrees with what a load used only where nothing else keeps the CPUs busy.
const ALONE = "tests/truth_test.ts";

function* endToEndTests(): Generator<string> {
  for (const { name } of Deno.readDirSync(TESTS)) {
    if (!name.endsWith("_test.ts")) continue;
    if (STARTS_PROGRAM.test(Deno.readTextFileSync(new URL(name, TESTS)))) yield `tests/${name}`;
  }
}

async function test(...args: readonly string[]): Promise<boolean> {
  const words = ["test", "-A", "--sanitize-ops", "--sanitize-resources", ...Deno.args, ...args];
  return (await new Deno.Command(Deno.execPath(), { args: words, cwd: ROOT }).spawn().status).success;
}

const files = [...endToEndTests()].sort();
if (Deno.args.includes("--list")) {
  console.log(files.join("\n"));
} else {
  const together = await test("--parallel", ...files.filter((file) => file !== ALONE));
  const alone = await test(ALONE);
  Deno.exit(together && alone ? 0 : 1);
}
