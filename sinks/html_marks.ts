import type { Event } from "../lib/records.ts";
import type { Band, Moment } from "../report/data.ts";

/**
 * The spans of time that events mark: those in which the command was stopped, as by Ctrl-Z, and the phases of the program. What
 * nothing ended goes on to the end of the run; of phases with the same name within each other the innermost ends first.
 */
export function bandsOf(events: readonly Event[], seconds: number): Band[] {
  const open: Band[] = [];
  const bands: Band[] = [];
  const end = (kind: Band["kind"], label: string, to: number): void => {
    const at = open.findLastIndex((band) => band.kind === kind && band.label === label);
    bands.push(...open.splice(at, at < 0 ? 0 : 1).map((band) => ({ ...band, to })));
  };
  for (const event of events) {
    const { kind, elapsed: from } = event;
    const label = nameOf(event);
    const isStopped = open.some((band) => band.kind === "stop");
    if (kind === "stop" && !isStopped) open.push({ kind: "stop", label: "stopped", from, to: seconds });
    if (kind === "continue") end("stop", "stopped", from);
    if (kind === "phase_start") open.push({ kind: "phase", label, from, to: seconds });
    if (kind === "phase_end") end("phase", label, from);
  }
  bands.push(...open);
  return bands.sort((a, b) => a.from - b.from);
}

const BANDS: readonly string[] = ["stop", "continue", "phase_start", "phase_end"];

/** The moments that events mark: signals and what the program tagged. */
export function momentsOf(events: readonly Event[]): Moment[] {
  return events.filter(({ kind }) => !BANDS.includes(kind)).map((event) => ({
    at: event.elapsed,
    label: nameOf(event),
  }));
}

function nameOf({ kind, name, attributes }: Event): string {
  const signal = attributes?.["signal"];
  return name ?? (typeof signal === "string" ? signal : kind);
}
