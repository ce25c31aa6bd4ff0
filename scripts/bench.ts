/**
 * Measures what resmon costs, and writes the tables of docs/overhead.md. Usage: `deno task bench [--only NAME,…] [--quick]`: what
 * is measured quickly is told and not written.
 */
import { parseArgs } from "node:util";
import { READING } from "./bench/reading.ts";
import { SERVER } from "./bench/server.ts";
import { START_UP } from "./bench/start_up.ts";
import { MARKS } from "./bench/marks.ts";
import { MEMORY } from "./bench/memory.ts";
import { SLOW_DOWN } from "./bench/slow_down.ts";
import { PHASES } from "./bench/phases.ts";
import { PEERS } from "./bench/peers.ts";
import { LONG_REPORT } from "./bench/long_report.ts";
import { PASSING_ON } from "./bench/passing_on.ts";
import { describeMachine, renderSection, writeSections } from "./bench/table.ts";
import type { Point, Workbench } from "./bench/workbench.ts";
import { bundleProgram } from "./bundle_program.ts";
import { V8_FLAGS } from "./deno.ts";

const POINTS: readonly Point[] = [
  READING,
  SERVER,
  START_UP,
  MEMORY,
  SLOW_DOWN,
  MARKS,
  PHASES,
  PEERS,
  LONG_REPORT,
  PASSING_ON,
];

async function bench(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { only: { type: "string" }, quick: { type: "boolean" } } });
  const chosen = choosePoints(values.only);
  const folder = await Deno.makeTempDir({ prefix: "resmon-bench-" });
  try {
    const workbench: Workbench = { folder, resmon: programWords(folder), isQuick: values.quick ?? false };
    const machine = describeMachine(workbench.resmon);
    for (const point of chosen) {
      console.error(`bench: ${point.title}`);
      const section = renderSection({ title: point.title, rows: await point.run(workbench) }, machine);
      console.log(section);
      if (!workbench.isQuick) writeSections([section]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function choosePoints(only: string | undefined): readonly Point[] {
  if (only === undefined) return POINTS;
  return only.split(",").map((name) => {
    const point = POINTS.find((each) => each.name === name);
    if (point !== undefined) return point;
    throw new Error(`Cannot measure ${name}: known are ${POINTS.map((each) => each.name).join(", ")}`);
  });
}

/** The binary that RESMON_BIN names, else the program bundled for this. */
function programWords(folder: string): string[] {
  const binary = Deno.env.get("RESMON_BIN");
  if (binary !== undefined && binary !== "") return [binary];
  const program = `${folder}/program`;
  Deno.mkdirSync(program);
  bundleProgram(program);
  return [Deno.execPath(), "run", "-A", "--quiet", "--no-prompt", "--no-config", V8_FLAGS, `${program}/main.js`];
}

if (import.meta.main) await bench(Deno.args);
