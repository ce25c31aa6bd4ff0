/** Runs resmon as on macOS or Windows: the programs that it reads there are scripts that print what a fixture holds. */

import { TOOLS_FOLDER } from "../lib/archive_tools.ts";
import { fixture } from "./fixture_machine.ts";
import { type Ended, execute, PYTHON, RESMON } from "./program.ts";

const TABLES = new URL("workloads/process_tables.py", import.meta.url).pathname;

/** A system that is not this one. */
export type OtherSystem = "darwin" | "windows";

const FIXTURES: Readonly<Record<OtherSystem, string>> = { darwin: "macbook_m2", windows: "windows_11" };

// Programs that print for as long as they run.
const STREAMS = ["iostat", "powermetrics"];

/** Writes the programs of a system into a folder, and gives the variables with which resmon runs as on that system. */
export function createOtherSystem(system: OtherSystem, folder: string): Record<string, string> {
  const root = fixture(FIXTURES[system]);
  const cases = new Map<string, string[]>();
  for (const file of root.list(TOOLS_FOLDER)) {
    const [name = "", ...args] = file.split(" ");
    const text = root.read(`${TOOLS_FOLDER}/${file}`);
    cases.set(name, [...cases.get(name) ?? [], `${quote(args.join(" "))}*) ${bodyOf(name, text)} ;;`]);
  }
  for (const [name, lines] of cases) {
    const path = `${folder}/${name}`;
    Deno.writeTextFileSync(path, `#!/bin/sh\ncase "$*" in\n${lines.join("\n")}\n*) exit 64 ;;\nesac\n`, {
      mode: 0o755,
    });
  }
  return { RESMON_PLATFORM: system, PATH: `${folder}:${Deno.env.get("PATH") ?? ""}` };
}

/** Runs resmon with some arguments as on a system. */
export function resmonOn(env: Readonly<Record<string, string>>, args: readonly string[]): Promise<Ended> {
  return execute([...RESMON, ...args], { env });
}

function bodyOf(name: string, text: string): string {
  if (name === "ps") return `exec ${PYTHON} ${TABLES} ps`;
  if (name === "powershell.exe") return `exec ${PYTHON} ${TABLES} cim ${quote(text.trim())}`;
  const print = `printf %s ${quote(text)}`;
  return STREAMS.includes(name) ? `${print}; exec sleep 60` : print;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
