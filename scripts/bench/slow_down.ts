import { atMost, compileC, median, type Point, quantile, type Row, type Workbench } from "./workbench.ts";
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
const SOURCES = 300;

async function measureSlowDown(bench: Workbench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const load of await prepareLoads(bench)) rows.push(await compare(bench, load));
  return rows;
}

async function prepareLoads(bench: Workbench): Promise<Load[]> {
  const mapper = await compileC(bench, "map_memory");
  const spawner = await compileC(bench, "spawn_many");
  const sources = writeSources(`${bench.folder}/sources`);
  const [one, many] = bench.isQuick ? ["300", "150"] : ["4000", "1500"];
  const count = bench.isQuick ? "300" : "4000";
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
  const pairs = bench.isQuick ? 2 : 9;
  const slower: number[] = [];
  const alone: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const runs = [(): Promise<Timed> => timed(bench, words), (): Promise<Timed> => recorded(bench, words)];
    const isReversed = pair % 2 === 1;
    const results: number[] = [];
    for (const each of isReversed ? runs.toReversed() : runs) results.push((await each()).seconds);
    const [plain = NaN, wrapped = NaN] = isReversed ? results.toReversed() : results;
    alone.push(plain);
    slower.push(wrapped / plain - 1);
  }
  const change = median(slower);
  return {
    what,
    measured: `${percent(change)} (middle half of ${pairs} pairs: ${percent(quantile(slower, 0.25))} to ${
      percent(quantile(slower, 0.75))
    })`,
    against: `alone: ${median(alone).toFixed(2)} s (${quantile(alone, 0).toFixed(2)} to ${
      quantile(alone, 1).toFixed(2)
    })`,
    target: atMost(MOST, change, "under 1 %"),
    command: `resmon run --no-report -- ${told}`,
  };
}

// The clock runs inside: what resmon needs to start is told elsewhere.
function recorded(bench: Workbench, words: readonly string[]): Promise<Timed> {
  const output = `${bench.folder}/slow-down`;
  return timed(bench, words, [...bench.resmon, "run", "--force", "--no-report", "-o", output, "--"]);
}

function percent(share: number): string {
  return `${share < 0 ? "−" : "+"}${Math.abs(share * 100).toFixed(1)} %`;
}
