import { Anonymiser, type KnownNames } from "../lib/anonymiser.ts";
import { Capture } from "../lib/capture.ts";
import type { Diagnosis } from "../lib/diagnosis.ts";
import { fixtureHost, type Host } from "../lib/host.ts";
import { VERSION } from "../lib/version.ts";
import { diagnose } from "./doctor.ts";
import { CommandError, FAILURE } from "./exit_status.ts";
import { tell } from "./stderr.ts";

const USER_VARIABLES = ["USER", "LOGNAME", "SUDO_USER", "USERNAME"];

/**
 * Examines a machine and writes what was looked at as an anonymous fixture. Says on stderr where the fixture does not tell the
 * same as the machine. Throws {@linkcode CommandError} where it cannot be written.
 */
export async function captureMachine(machine: Host, file: string): Promise<Diagnosis> {
  const capture = new Capture(machine);
  const { diagnosis } = await diagnose(capture.host);
  const text = header() + capture.write(new Anonymiser(namesOfThisMachine()));
  writeNew(file, text);
  const replayed = await diagnose(fixtureHost(text));
  const different = differences(diagnosis, replayed.diagnosis);
  tell(`Wrote ${file}, without names, addresses and serial numbers; look through it before you send it`);
  if (different.length > 0) tell(`The fixture does not tell the same of ${different.join(", ")}`);
  return diagnosis;
}

/** The collectors and metrics that stand otherwise in the second diagnosis. */
export function differences(first: Diagnosis, second: Diagnosis): string[] {
  const before = states(first);
  const after = states(second);
  return [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name));
}

function states({ collectors, metrics }: Diagnosis): Map<string, string> {
  return new Map([
    ...collectors.map(({ name, state }): [string, string] => [name, state]),
    ...Object.entries(metrics).map(([name, { state }]): [string, string] => [name, state]),
  ]);
}

function header(): string {
  return `# Captured by resmon ${VERSION} (resmon doctor --capture); form: lib/archive_root.ts of its sources.\n`;
}

function namesOfThisMachine(): KnownNames {
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? "";
  const users = USER_VARIABLES.map((name) => Deno.env.get(name) ?? "");
  return { hosts: [Deno.hostname()], users: [...users, home.split(/[/\\]/).at(-1) ?? ""] };
}

function writeNew(file: string, text: string): void {
  try {
    Deno.writeTextFileSync(file, text, { createNew: true });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new CommandError(`Cannot write ${file}: ${error.message}`, FAILURE);
  }
}
