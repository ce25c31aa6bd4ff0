import type { OnFailure } from "../lib/contracts.ts";
import { Pipeline, type Sinks } from "../lib/pipeline.ts";
import { replay } from "../lib/replay.ts";
import { asFailure, CommandError, FAILURE } from "./exit_status.ts";

/** Opens sinks, given where they tell that they can write no more. */
export type OpenSinks = (onFailure: OnFailure) => Sinks | Promise<Sinks>;

/** Reads a log into sinks. Throws {@linkcode CommandError} where it is no log, or an output could not be written whole. */
export async function replayInto(path: string, open: OpenSinks): Promise<void> {
  const failures: string[] = [];
  const sinks = await asFailure(() => open((reason) => failures.push(reason)));
  const { incomplete } = await asFailure(() => replay(path, new Pipeline(sinks)));
  for (const { output, reason } of incomplete) console.error(`resmon: ${output}: ${reason}`);
  if (failures[0] !== undefined) throw new CommandError(failures[0], FAILURE);
}
