import { OUTPUTS } from "../sinks/mod.ts";
import { CAPTURE_FILES } from "./capture_files.ts";
import { CommandError, OWN_FAILURE } from "./exit_status.ts";

const OUTPUT_FILES = [...Object.values(OUTPUTS).flatMap(({ files }) => files), ...CAPTURE_FILES];

/** Which folder a run is written to. */
export interface OutputOptions {
  /** `-o`: the folder that the user wants. */
  readonly wanted: string | undefined;
  readonly force: boolean;
  readonly command: readonly string[];
  readonly host: string;
  readonly pid: number;
  readonly now: Date;
}

/** A folder that is there and may be written to. */
export interface OutputFolder {
  readonly path: string;
  /** What to tell the user, where it is not the folder that they would expect. */
  readonly notice: string | undefined;
  /** Removes what was made: the command could not be started, so there is nothing to tell. */
  discard(): void;
}

/** Makes the folder of a run. Throws {@linkcode CommandError} where it cannot be made or holds another run. */
export function openOutputFolder(options: OutputOptions): OutputFolder {
  if (options.wanted !== undefined) return openWanted(options.wanted, options.force);
  const name = runName(options);
  const tried: string[] = [];
  for (const base of baseFolders()) {
    const made = tryMake(`${base}/${name}`);
    if (made.error === undefined) {
      const notice = tried.length === 0 ? undefined : `${tried[0]}; writing to ${made.path} instead (choose with -o)`;
      return { path: made.path, notice, discard: () => removeRun(made.path, [made.path, base]) };
    }
    tried.push(made.error);
  }
  throw new CommandError(`${tried.join("; ")}; choose a folder with -o`, OWN_FAILURE);
}

/** `20261121T093000Z-train.py-host-4711`: sorts by time, and never meets another run's. */
export function runName({ command, host, pid, now }: Omit<OutputOptions, "wanted" | "force">): string {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
  return [time, safeName(programName(command)), safeName(host), pid].join("-");
}

// `python train.py` is known by its script.
function programName(command: readonly string[]): string {
  const [program = "", ...rest] = command;
  const isInterpreter = /^(?:python|pypy|node|deno|ruby|perl|bash|sh|Rscript)[\d.]*$/.test(baseName(program));
  const script = isInterpreter ? rest.find((word) => /\.\w+$/.test(word) && !word.startsWith("-")) : undefined;
  return baseName(script ?? program);
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1).replace(/\.exe$/i, "");
}

function safeName(text: string): string {
  return text.replaceAll(/[^\w.+-]+/g, "_").replace(/^[.-]+/, "").slice(0, 40) || "command";
}

function* baseFolders(): Generator<string> {
  yield "resmon-runs";
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE");
  const state = Deno.env.get("XDG_STATE_HOME") || (home === undefined ? undefined : `${home}/.local/state`);
  if (state !== undefined) yield `${state}/resmon`;
  const temporary = makeTemporaryFolder();
  if (temporary !== undefined) yield temporary;
}

function makeTemporaryFolder(): string | undefined {
  try {
    return Deno.makeTempDirSync({ prefix: "resmon-" });
  } catch (error) {
    // What is wrong with the folders before it is told, and a user can mend that.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function tryMake(path: string): { path: string; error: string | undefined } {
  try {
    Deno.mkdirSync(path, { recursive: true });
    return { path, error: undefined };
  } catch (error) {
    return { path, error: `Cannot write to ${path}: ${reasonOf(error)}` };
  }
}

function openWanted(path: string, force: boolean): OutputFolder {
  const isNew = !exists(path);
  const { error } = tryMake(path);
  if (error !== undefined) throw new CommandError(error, OWN_FAILURE);
  const taken = OUTPUT_FILES.find((file) => exists(`${path}/${file}`));
  if (taken !== undefined && !force) {
    throw new CommandError(
      `Cannot write to ${path}: it holds ${taken} of another run; use --force to replace it`,
      OWN_FAILURE,
    );
  }
  // What the new run will not write must not be taken for its own.
  if (taken !== undefined) { for (const file of OUTPUT_FILES) removeFile(`${path}/${file}`); }
  return { path, notice: undefined, discard: () => removeRun(path, isNew ? [path] : []) };
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw new CommandError(`Cannot look at ${path}: ${reasonOf(error)}`, OWN_FAILURE);
  }
}

function removeFile(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw new CommandError(`Cannot replace ${path}: ${reasonOf(error)}`, OWN_FAILURE);
  }
}

function removeRun(path: string, folders: readonly string[]): void {
  for (const file of OUTPUT_FILES) removeFile(`${path}/${file}`);
  removeEmpty(folders);
}

function removeEmpty(paths: readonly string[]): void {
  for (const path of paths) {
    try {
      Deno.removeSync(path);
    } catch (error) {
      // Not empty: there are other runs in it.
      if (error instanceof Error) return;
      throw error;
    }
  }
}

/** The part of a runtime error's text that a user needs: `permission denied`. */
export function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.NotFound) return "no such file or directory";
  if (error instanceof Deno.errors.NotADirectory) return "a part of the path is not a directory";
  if (error instanceof Deno.errors.AlreadyExists) return "it is there but no directory";
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/ \(os error \d+\).*$/s, "").toLowerCase();
}
