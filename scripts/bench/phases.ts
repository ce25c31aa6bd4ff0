import { capture, median, type Point, type Row, type Workbench } from "./workbench.ts";

/** What phases add to a tick, from its record to the summary. */
export const PHASES: Point = { name: "phases", title: "Phases", run: measurePhases };

const SCRIPT = new URL("phase_ticks.ts", import.meta.url).pathname;

async function measurePhases({ isQuick }: Workbench): Promise<Row[]> {
  const [ticks, rounds] = isQuick ? [5_000, 3] : [20_000, 9];
  const told: Record<number, number[]> = { 0: [], 3: [], 100: [] };
  // By turns, so that a busy minute of the machine is in all of them.
  for (let round = 0; round < rounds; round++) {
    for (const [phases, all] of Object.entries(told)) {
      all.push(parseFloat(await capture([Deno.execPath(), "run", "-A", SCRIPT, String(ticks), phases])));
    }
  }
  const [without = NaN, few = NaN, many = NaN] = Object.values(told).map(median);
  return [row(3, few, without), row(100, many, without)];
}

function row(phases: number, micros: number, without: number): Row {
  return {
    what: `a tick of 300 series while ${phases} phases go on`,
    measured: `${micros.toFixed(0)} µs`,
    against: `${without.toFixed(0)} µs without phases`,
    ratio: (micros / without).toFixed(2),
    command: `deno run -A scripts/bench/phase_ticks.ts 20000 ${phases}`,
  };
}
