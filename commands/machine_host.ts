import { fixtureHost, type Host, realHost } from "../lib/host.ts";
import { CommandError } from "./exit_status.ts";

/** The machine that the hidden option `--root` names, a fixture, or else this one. Throws {@linkcode CommandError}. */
export function openHost(fixture: string | undefined, exitCode: number): Host {
  if (fixture === undefined) return realHost();
  try {
    return fixtureHost(Deno.readTextFileSync(fixture));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new CommandError(`Cannot read the fixture ${fixture}: ${error.message}`, exitCode);
  }
}
