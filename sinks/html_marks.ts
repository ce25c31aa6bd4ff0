import type { Event } from "../lib/records.ts";
import type { Band, Moment } from "../report/data.ts";

/**
 * The spans of time that events mark: those in which the command was stopped, as by Ctrl-Z, and the phases of the program. What
 * nothing ended goes on to the end of the run.
 */
export function bandsOf(events: readonly Event[], seconds: number): Band[] {
  const open = new Map<string, Band>();
  const bands: Band[] = [];
  const end = (key: string, to: number): void => {
    const band = open.get(key);
    if (band !== undefined) bands.push({ ...band, to });
    open.delete(key);
  };
  for (const event of events) {
    const name = nameOf(event);
    const key = `phase ${name}`;
    if (event.kind === "stop" && !open.has("stop")) {
      open.set("stop", { kind: "stop", label: "stopped", from: event.elapsed, to: seconds });
    }
    if (event.kind === "continue") end("stop", event.elapsed);
    if (event.kind === "phase_start") open.set(key, { kind: "phase", label: name, from: event.elapsed, to: seconds });
    if (event.kind === "phase_end") end(key, event.elapsed);
  }
  for (const key of [...open.keys()]) end(key, seconds);
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

function nameOf({ kind, attributes }: Event): string {
  const name = attributes?.["name"] ?? attributes?.["signal"];
  return typeof name === "string" ? name : kind;
}
