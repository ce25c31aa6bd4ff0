/**
 * Runs the tests: most files at once, then those that need the machine for themselves. Usage: `deno task test [options of deno
 * test]`; with `--e2e` only those that start resmon itself, from its sources or as the file that RESMON_BIN names; with
 * `--list` it only says which.
 */
import { ROOT } from "./deno.ts";

const TESTS = new URL("tests/", ROOT);

// A test starts the program by a name of these helpers; their other names run anything.
const STARTS_PROGRAM = /\b(?:RESMON|resmon|record|wrap)\b[^;]*from "\.\/(?:program|wrapping)\.ts"/;

// What is sampled agrees with what a load used only where nothing else keeps the CPUs busy.
const ALONE = ["tests/phases_truth_test.ts", "tests/process_tree_test.ts", "tests/truth_test.ts"];

function listTests({ e2e }: { readonly e2e: boolean }): string[] {
  const names = Array.from(Deno.readDirSync(TESTS), ({ name }) => name).filter((name) => name.endsWith("_test.ts"));
  const startsProgram = (name: string): boolean => STARTS_PROGRAM.test(Deno.readTextFileSync(new URL(name, TESTS)));
  return names.filter((name) => !e2e || startsProgram(name)).map((name) => `tests/${name}`).sort();
}

async function test(...args: readonly string[]): Promise<boolean> {
  const words = ["test", "-A", "--sanitize-ops", "--sanitize-resources", ...args];
  return (await new Deno.Command(Deno.execPath(), { args: words, cwd: ROOT }).spawn().status).success;
}

const OWN_OPTIONS = ["--e2e", "--list"];
const options = Deno.args.filter((word) => !OWN_OPTIONS.includes(word));
const files = listTests({ e2e: Deno.args.includes("--e2e") });
if (Deno.args.includes("--list")) {
  console.log(files.join("\n"));
} else {
  const together = await test("--parallel", ...options, ...files.filter((file) => !ALONE.includes(file)));
  const alone = await test(...options, ...ALONE.filter((file) => files.includes(file)));
  Deno.exit(together && alone ? 0 : 1);
}
