/**
 * Builds the Python package with the program in it, as a wheel for every system. Usage:
 *
 *   deno task wheel [FOLDER]   into dist/ unless a folder is given
 *
 * PYTHON names the interpreter, which needs pip (default: python3).
 */
import { bundleProgram } from "./bundle_program.ts";
import { ROOT } from "./deno.ts";

const CLIENT = new URL("clients/python/", ROOT);

/** Builds the wheel into a folder, and gives its path. Throws Error with what pip said. */
export function buildWheel(folder: string, python: string): string {
  const stage = Deno.makeTempDirSync({ prefix: "resmon-wheel-" });
  try {
    for (const name of ["pyproject.toml", "README.md"]) Deno.copyFileSync(new URL(name, CLIENT), `${stage}/${name}`);
    Deno.copyFileSync(new URL("LICENSE", ROOT), `${stage}/LICENSE`);
    copyFolder(new URL("src", CLIENT).pathname, `${stage}/src`);
    bundleProgram(`${stage}/src/resmon/_bundle`);
    pip(python, ["wheel", "--quiet", "--no-deps", "--wheel-dir", `${stage}/wheels`, stage]);
    const [{ name } = { name: "" }] = Deno.readDirSync(`${stage}/wheels`);
    Deno.mkdirSync(folder, { recursive: true });
    Deno.copyFileSync(`${stage}/wheels/${name}`, `${folder}/${name}`);
    return `${folder}/${name}`;
  } finally {
    Deno.removeSync(stage, { recursive: true });
  }
}

function copyFolder(from: string, to: string): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (name === "__pycache__") continue;
    if (isDirectory) copyFolder(`${from}/${name}`, `${to}/${name}`);
    else Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
  }
}

function pip(python: string, args: readonly string[]): void {
  const { success, stderr } = new Deno.Command(python, {
    args: ["-m", "pip", "--disable-pip-version-check", ...args],
    stdout: "null",
    stderr: "piped",
  }).outputSync();
  if (!success) throw new Error(`Cannot build the wheel by ${python} -m pip:\n${new TextDecoder().decode(stderr)}`);
}

if (import.meta.main) {
  const [folder = new URL("dist", ROOT).pathname] = Deno.args;
  try {
    console.log(buildWheel(folder, Deno.env.get("PYTHON") || "python3"));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
