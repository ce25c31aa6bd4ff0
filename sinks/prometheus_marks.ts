import { spellSeries } from "../lib/series.ts";
import type { OpenMarks, OpenProgress } from "./open_marks.ts";
import type { Family } from "./prometheus_text.ts";

// A server keeps every series that it has ever seen.
const MOST_NAMES = 100;

/** The phases and progresses that go on, those of one name together: of at most 100 names each, the latest. */
export function markFamilies(marks: OpenMarks): Family[] {
  const phases = Map.groupBy(marks.phases(), (name) => name);
  const progresses = Map.groupBy(marks.progresses(), ({ name }) => name);
  const known = new Map([...progresses].filter(([, group]) => group.every(({ total }) => total !== undefined)));
  const families = [
    gauge("phases_open", "Phases of this name that have begun and not ended", {
      label: "phase",
      samples: mapValues(phases, ({ length }) => length),
    }),
    gauge("progress_completed", "How much is done of what goes on under this name", {
      label: "progress",
      samples: mapValues(progresses, (group) => sumOf(group, "completed")),
    }),
    gauge("progress_expected", "How much there is to do in all under this name", {
      label: "progress",
      samples: mapValues(known, (group) => sumOf(group, "total")),
    }),
  ];
  return families.filter(({ samples }) => samples.length > 0);
}

interface Named {
  readonly label: string;
  readonly samples: readonly (readonly [name: string, value: number])[];
}

function gauge(name: string, help: string, { label, samples }: Named): Family {
  const spelt = samples.map(([value, number]) =>
    [spellSeries({ name: "", labels: { [label]: value } }), number] as const
  );
  return { name: `resmon_${name}`, type: "gauge", help, samples: spelt };
}

function mapValues<Value>(
  groups: ReadonlyMap<string, Value>,
  valueOf: (group: Value) => number,
): [name: string, value: number][] {
  return Array.from(groups, ([name, group]): [string, number] => [name, valueOf(group)]).slice(-MOST_NAMES);
}

function sumOf(progresses: readonly OpenProgress[], amount: "completed" | "total"): number {
  return progresses.reduce((sum, progress) => sum + (progress[amount] ?? 0), 0);
}
