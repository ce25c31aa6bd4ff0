import { fixtureHost, type Host, realHost } from "../lib/host.ts";
import { asFailure } from "./exit_status.ts";

/** The machine that the hidden option `--root` names, a fixture, or else this one. Throws {@linkcode CommandError}. */
export function openHost(fixture: string | undefined): Promise<Host> {
  return asFailure(() => fixture === undefined ? realHost() : fixtureHost(Deno.readTextFileSync(fixture)));
}
