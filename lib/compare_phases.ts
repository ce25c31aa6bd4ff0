import { type Comparison, isKnown } from "./compare.ts";
import type { Unit } from "./metrics.ts";
import type { PhaseSummary } from "./phase_summary.ts";
import type { Summary } from "./summary.ts";

const MOST_NAMES = 50;

interface Quantity {
  readonly label: string;
  readonly unit: Unit;
  readonly valueOf: (phase: PhaseSummary) => number | undefined;
}

const QUANTITIES: readonly Quantity[] = [
  // How often it began is of interest only where that was not once.
  { label: "times", unit: "", valueOf: ({ count }) => count === 1 ? undefined : count },
  { label: "time", unit: "seconds", valueOf: ({ seconds }) => seconds },
  { label: "CPU time", unit: "seconds", valueOf: ({ cpu_seconds }) => cpu_seconds },
  { label: "energy", unit: "joules", valueOf: ({ joules }) => joules },
  { label: "peak RSS of all processes", unit: "bytes", valueOf: ({ memory_rss_max_bytes }) => memory_rss_max_bytes },
  { label: "GPU use", unit: "percent", valueOf: ({ gpu_percent }) => gpu_percent },
  { label: "read from storage", unit: "bytes", valueOf: ({ storage_read_bytes }) => storage_read_bytes },
  { label: "written to storage", unit: "bytes", valueOf: ({ storage_write_bytes }) => storage_write_bytes },
];

/**
 * What phases of the same name used in several runs, in the order in which they first came up: of at most 50 names. Energies
 * that cover different things are left out.
 */
export function comparePhases(summaries: readonly Summary[]): Comparison[] {
  const names = new Set(
    summaries.flatMap(({ phases }) => phases.filter(({ others }) => !others).map(({ name }) => name)),
  );
  const hasOneScope = new Set(summaries.map(({ energy }) => energy?.scope)).size === 1;
  const told = QUANTITIES.filter(({ label }) => label !== "energy" || hasOneScope);
  return [...names].slice(0, MOST_NAMES).flatMap((name) => {
    const phases = summaries.map((summary) => summary.phases.find((phase) => phase.name === name));
    const all = told.map(({ label, unit, valueOf }) => ({
      label: `${name}: ${label}`,
      unit,
      values: phases.map((phase) => phase && valueOf(phase)),
    }));
    return all.filter(isKnown);
  });
}
