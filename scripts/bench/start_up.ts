import { atMost, median, milliseconds, type Point, quantile, type Row, type Workbench } from "./workbench.ts";
import { timed } from "./timed.ts";

/** The wall time that resmon adds to a command that does nothing. */
export const START_UP: Point = { name: "start", title: "Wall time added to `true`", run: measureStartUp };

async function measureStartUp(bench: Workbench): Promise<Row[]> {
  const repetitions = bench.isQuick ? 3 : 25;
  const forms = [
    { what: "added to `true`, without the report", options: ["--no-report"], limit: 0.04 },
    { what: "added to `true`, with the report", options: [], limit: 0.06 },
  ];
  const alone: number[] = [];
  const wrapped = forms.map((): number[] => []);
  for (let repetition = 0; repetition < repetitions; repetition++) {
    alone.push((await timed(bench, ["true"])).seconds);
    for (const [number, { options }] of forms.entries()) {
      const output = `${bench.folder}/start-${number}-${repetition}`;
      const words = [...bench.resmon, "run", ...options, "-o", output, "--", "true"];
      wrapped[number]?.push((await timed(bench, words)).seconds);
    }
  }
  return forms.map(({ what, options, limit }, number) => {
    const added = (wrapped[number] ?? []).map((seconds) => seconds - median(alone));
    const spread = `${milliseconds(quantile(added, 0.25))} to ${milliseconds(quantile(added, 0.75))}`;
    return {
      what,
      measured: `${milliseconds(median(added))} (middle half of ${repetitions}: ${spread})`,
      against: `\`true\` alone: ${milliseconds(median(alone))}`,
      target: atMost(limit, median(added), `at most ${milliseconds(limit)}`),
      command: ["resmon run", ...options, "-- true"].join(" "),
    };
  });
}
