import type { OnFailure } from "../lib/contracts.ts";
import type { RunSource } from "../lib/log_reader.ts";
import { Pipeline, type Sinks } from "../lib/pipeline.ts";
import { replayRun } from "../lib/replay.ts";
import { checkRun } from "../lib/run_reader.ts";
import type { Summary } from "../lib/summary.ts";
import { asFailure, CommandError, FAILURE } from "./exit_status.ts";
import { tell } from "./stderr.ts";

/** Opens sinks, given where they tell that they can write no more. */
export type OpenSinks = (onFailure: OnFailure) => Sinks | Promise<Sinks>;

/** Reads a run into sinks. Throws {@linkcode CommandError} where it is no log, or an output could not be written whole. */
export async function replayInto(run: RunSource, open: OpenSinks): Promise<void> {
  // Before an earlier file is replaced by an empty one.
  await asFailure(() => checkRun(run));
  const failures: string[] = [];
  const sinks = await asFailure(() => open((reason) => failures.push(reason)));
  tellIncomplete(await asFailure(() => replayRun(run, new Pipeline(sinks))));
  if (failures[0] !== undefined) throw new CommandError(failures[0], FAILURE);
}

/** Tells what a run or its log has lost. */
export function tellIncomplete({ incomplete }: Pick<Summary, "incomplete">): void {
  for (const { output, reason } of incomplete) tell(`${output}: ${reason}`);
}
