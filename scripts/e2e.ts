/**
 * Runs the end-to-end tests: those that start resmon itself, from its sources or as the file that RESMON_BIN names. Usage:
 * `deno task e2e [options of deno test]`, or `deno task e2e --list`.
 */
import { ROOT } from "./deno.ts";

const TESTS = new URL("tests/", ROOT);

// A test starts the program by a name of these helpers; their other names run anything.
const STARTS_PROGRAM = /\b(?:RESMON|resmon|record|wrap)\b[^;]*from "\.\/(?:program|wrapping)\.ts"/;

function* endToEndTests(): Generator<string> {
  for (const { name } of Deno.readDirSync(TESTS)) {
    if (!name.endsWith("_test.ts")) continue;
    if (STARTS_PROGRAM.test(Deno.readTextFileSync(new URL(name, TESTS)))) yield `tests/${name}`;
  }
}

const files = [...endToEndTests()].sort();
if (Deno.args.includes("--list")) {
  console.log(files.join("\n"));
} else {
  const args = ["test", "-A", "--sanitize-ops", "--sanitize-resources", ...Deno.args, ...files];
  const { code } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).spawn().status;
  Deno.exit(code);
}
