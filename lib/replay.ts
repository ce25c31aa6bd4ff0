import type { DamagedLine, RunSource } from "./log_reader.ts";
import type { Pipeline } from "./pipeline.ts";
import { openRun } from "./run_reader.ts";
import type { Summary } from "./summary.ts";

const CLOSE_SECONDS = 60;

/** Replays the one run of a file, see {@linkcode replayRun}. */
export async function replay(path: string, pipeline: Pipeline): Promise<Summary> {
  return await replayRun(openRun(path), pipeline);
}

/**
 * Reads a run into a pipeline and finishes its sinks. Damaged lines are left out, and the summary says so. Rejects with Error for
 * what is not a log.
 */
export async function replayRun(run: RunSource, pipeline: Pipeline): Promise<Summary> {
  let first: DamagedLine | undefined;
  let count = 0;
  const onDamage = (damage: DamagedLine): void => {
    first ??= damage;
    count++;
  };
  for (const record of run.read({ onDamage })) pipeline.accept(record);
  if (first !== undefined) pipeline.fail("log", describeDamage(first, count));
  const summary = pipeline.end();
  await pipeline.close(CLOSE_SECONDS);
  return summary;
}

function describeDamage({ line, reason }: DamagedLine, count: number): string {
  const lines = count === 1 ? "1 damaged line was left out" : `${count} damaged lines were left out`;
  return `${lines}; the first is line ${line}: ${reason}`;
}
