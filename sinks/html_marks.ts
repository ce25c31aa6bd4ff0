import type { Event } from "../lib/records.ts";
import type { PhaseSummary } from "../lib/phase_summary.ts";
import type { Summary } from "../lib/summary.ts";
import type { Band, Moment } from "../report/data.ts";

/** The spans of time to mark in all charts: those in which the command was stopped, as by Ctrl-Z, and phases of the program. */
export function bandsOf({ events, phases, run }: Pick<Summary, "events" | "phases" | "run">): Band[] {
  return [...stopsOf(events, run.wall_seconds), ...phaseBands(phases)].sort((a, b) => a.from - b.from);
}

// What nothing ended goes on to the end of the run.
function stopsOf(events: readonly Event[], seconds: number): Band[] {
  const bands: Band[] = [];
  let from: number | undefined;
  const end = (to: number): void => {
    if (from !== undefined) bands.push({ kind: "stop", label: "stopped", from, to });
    from = undefined;
  };
  for (const { kind, elapsed } of events) {
    if (kind === "stop") from ??= elapsed;
    if (kind === "continue") end(elapsed);
  }
  end(seconds);
  return bands;
}

// Bands within bands could not be told apart: of those around everything and those within them the first that part the run.
function phaseBands(phases: readonly PhaseSummary[]): Band[] {
  const all = phases.flatMap(({ name, count, repetitions }) =>
    repetitions.map(({ repetition, started: from, seconds, depth }) => ({
      depth,
      label: count > 1 ? `${name} ${repetition}` : name,
      from,
      to: from + seconds,
    }))
  );
  const byDepth = [...Map.groupBy(all, ({ depth }) => depth)].sort(([a], [b]) => a - b).map(([, bands]) => bands);
  const shown = byDepth.find((bands) => bands.length > 1) ?? byDepth[0] ?? [];
  return shown.map(({ label, from, to }) => ({ kind: "phase", label, from, to }));
}

/** The moments to mark in all charts: signals, what the program tagged, and its checkpoints. */
export function momentsOf({ events, checkpoints = [] }: Pick<Summary, "events" | "checkpoints">): Moment[] {
  const told = events.filter(({ kind }) => kind !== "stop" && kind !== "continue").map((event) => ({
    at: event.elapsed,
    label: nameOf(event),
  }));
  return [...told, ...checkpoints.map(({ elapsed, name }) => ({ at: elapsed, label: name }))].sort((a, b) =>
    a.at - b.at
  );
}

function nameOf({ kind, name, attributes }: Event): string {
  const signal = attributes?.["signal"];
  return name ?? (typeof signal === "string" ? signal : kind);
}
