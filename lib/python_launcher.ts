import { PLATFORM } from "./platform.ts";

// What the launcher of the Python package says, see clients/python/src/resmon/_launcher.py.
const VARIABLE = "RESMON_LAUNCHER_BLOCKED";

/**
 * Whether the launcher of the Python package has started this program with SIGUSR1 blocked, because `deno run` would open a
 * debugger for it. Then it is taken by waiting for it, and whatever is started has to get it unblocked.
 */
export const IS_DEBUGGER_SIGNAL_BLOCKED: boolean = takeVariable();

// Nothing that is started is to see it.
function takeVariable(): boolean {
  if (PLATFORM !== "linux" || Deno.env.get(VARIABLE) !== "SIGUSR1") return false;
  Deno.env.delete(VARIABLE);
  return true;
}
