import { ROOT } from "../deno.ts";
import { atMost, capture, median, type Point, quantile, type Row, type Workbench } from "./workbench.ts";

/** What a mark costs the program that makes it. */
export const MARKS: Point = { name: "marks", title: "A mark from Python", run: measureMarks };

const BATCH = 1000;

async function measureMarks(bench: Workbench): Promise<Row[]> {
  const batches = bench.isQuick ? 5 : 50;
  const loop = [
    "env",
    `PYTHONPATH=${ROOT.pathname}clients/python/src`,
    "python3",
    `${ROOT.pathname}scripts/bench/mark_loop.py`,
  ];
  const program = [...loop, String(batches), String(BATCH)];
  const output = `${bench.folder}/marks`;
  const recorded = [...bench.resmon, "run", "--quiet", "--no-report", "-o", output, "--", ...program];
  return [
    await measure('`resmon.tag("epoch")` under `resmon run`', { words: recorded, limit: 5 }),
    await measure("… without resmon", { words: program, limit: 0.2 }),
  ];
}

async function measure(
  what: string,
  { words, limit }: { readonly words: readonly string[]; readonly limit: number },
): Promise<Row> {
  const lines = (await capture(words)).trim().split("\n");
  const dropped = lines.pop();
  const [cpu, wall] = [0, 1].map((column) => lines.map((line) => parseFloat(line.split(" ")[column] ?? "")));
  const costs = cpu ?? [];
  const spread = `${costs.length} times ${BATCH}, middle half ${told(quantile(costs, 0.25))} to ${
    told(quantile(costs, 0.75))
  }`;
  return {
    what,
    measured: `${told(median(costs))} µs of CPU (${spread}; ${dropped} dropped)`,
    against: `wall time: ${told(median(wall ?? []))} µs`,
    target: atMost(limit, median(costs), `under ${limit} µs`),
    command: `python3 scripts/bench/mark_loop.py ${costs.length} ${BATCH}`,
  };
}

function told(microseconds: number): string {
  return microseconds.toFixed(2);
}
