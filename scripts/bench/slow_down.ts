import { compileC, median, mostlyAtMost, type Point, quantile, type Row, type Workbench } from "./workbench.ts";
import { type Timed, timed } from "./timed.ts";

/** How much longer commands take under resmon than without it: what resmon does to the memory and the processes of others. */
export const SLOW_DOWN: Point = { name: "slowdown", title: "Slow-down of the command", run: measureSlowDown };

interface Load {
  readonly what: string;
  readonly words: readonly string[];
  /** The command as a reader would give it. */
  readonly told: string;
}

const MOST = 0.01;
const SOURCES = 600;

async function measureSlowDown(bench: Workbench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const load of await prepareLoads(bench)) rows.push(await compare(bench, load));
  return rows;
}

async function prepareLoads(bench: Workbench): Promise<Load[]> {
  const mapper = await compileC(bench, "map_memory");
  const spawner = await compileC(bench, "spawn_many");
  const sources = writeSources(`${bench.folder}/sources`);
  const [one, many] = bench.isQuick ? ["300", "150"] : ["2000", "700"];
  const count = bench.isQuick ? "300" : "2000";
  return [
    {
      what: `\`make -j2\` of ${SOURCES} C files`,
      words: ["make", "-s", "-B", "-j2", "-C", sources],
      told: `make -B -j2`,
    },
    { what: `${count} processes, one after the other`, words: [spawner, count], told: `spawn_many ${count}` },
    { what: "4 MiB mapped, touched and unmapped", words: [mapper, "1", one], told: `map_memory 1 ${one}` },
    { what: "The same in 4 threads", words: [mapper, "4", many], told: `map_memory 4 ${many}` },
  ];
}

function writeSources(folder: string): string {
  Deno.mkdirSync(folder);
  const names = Array.from({ length: SOURCES }, (_, number) => `f${number}`);
  for (const name of names) {
    Deno.writeTextFileSync(
      `${folder}/${name}.c`,
      `#include <stdio.h>\nint ${name}(int a) { return printf("%d", a); }\n`,
    );
  }
  Deno.writeTextFileSync(`${folder}/Makefile`, `all: ${names.map((name) => `${name}.o`).join(" ")}\n`);
  return folder;
}

/** Runs the load without and with resmon in turns, so that whatever else the machine does meets both. */
async function compare(bench: Workbench, { what, words, told }: Load): Promise<Row> {
  const pairs = bench.isQuick ? 2 : 7;
  const alone: number[] = [];
  const wall: number[] = [];
  const cpu: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const [plain, wrapped] = await runPair(bench, words, pair % 2 === 1);
    alone.push(plain.seconds);
    wall.push(wrapped.seconds / plain.seconds - 1);
    cpu.push(wrapped.cpu_seconds / plain.cpu_seconds - 1);
  }
  const [least, most] = [quantile(alone, 0), quantile(alone, 1)];
  return {
    what,
    measured: `wall time ${describeChange(wall)}; its CPU time ${describeChange(cpu)}; ${pairs} pairs`,
    against: `alone: ${median(alone).toFixed(2)} s (${least.toFixed(2)} to ${most.toFixed(2)})`,
    target: mostlyAtMost(MOST, wall, "under 1 %"),
    command: `resmon run --no-report -- ${told}`,
  };
}

async function runPair(bench: Workbench, words: readonly string[], isReversed: boolean): Promise<[Timed, Timed]> {
  if (!isReversed) return [await timed(bench, words), await recorded(bench, words)];
  const wrapped = await recorded(bench, words);
  return [await timed(bench, words), wrapped];
}

function describeChange(changes: readonly number[]): string {
  const [low, high] = [quantile(changes, 0.25), quantile(changes, 0.75)];
  return `${percent(median(changes))} (middle half: ${percent(low)} to ${percent(high)})`;
}

// The clock runs inside: what resmon needs to start is told elsewhere.
function recorded(bench: Workbench, words: readonly string[]): Promise<Timed> {
  const output = `${bench.folder}/slow-down`;
  return timed(bench, words, [...bench.resmon, "run", "--force", "--no-report", "-o", output, "--"]);
}

function percent(share: number): string {
  return `${share < 0 ? "−" : "+"}${Math.abs(share * 100).toFixed(1)} %`;
}
