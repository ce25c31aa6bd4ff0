import type { Event } from "../lib/records.ts";
import type { Span } from "../report/data.ts";

/** The spans in which the command was stopped, as by Ctrl-Z; the last one ends with the run where nothing continued it. */
export function stopsOf(events: readonly Event[], seconds: number): Span[] {
  const stops: Span[] = [];
  let from: number | undefined;
  for (const { kind, elapsed } of events) {
    if (kind === "stop") from ??= elapsed;
    if (kind !== "continue" || from === undefined) continue;
    stops.push({ from, to: elapsed });
    from = undefined;
  }
  return from === undefined ? stops : [...stops, { from, to: seconds }];
}
