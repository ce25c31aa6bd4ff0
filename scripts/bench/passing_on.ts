import { median, type Point, type Row, type Workbench } from "./workbench.ts";
import { timed } from "./timed.ts";

/** How fast the command's output passes through resmon. */
export const PASSING_ON: Point = { name: "output", title: "The command's output", run: measurePassingOn };

const LINE = "step 1234 of 100000: loss 0.1234, accuracy 0.5678, 12.3 samples a second\n";

async function measurePassingOn(bench: Workbench): Promise<Row[]> {
  const megabytes = bench.isQuick ? 100 : 1000;
  const file = writeLines(`${bench.folder}/lines`, megabytes);
  const alone = await measure(bench, file, []);
  const rows: Row[] = [];
  for (const options of [["--capture"], ["--mark-pattern", "epoch (\\d+)"]]) {
    const passed = await measure(bench, file, options);
    const shown = options.length === 1 ? "--capture" : "--mark-pattern 'epoch (\\d+)'";
    rows.push({
      what: `${megabytes} MB of lines through a pipe`,
      measured: `${passed.toFixed(2)} s, ${Math.round(megabytes / passed)} MB/s`,
      against: `without the option: ${alone.toFixed(2)} s`,
      ratio: (passed / alone).toFixed(1),
      command: `resmon run ${shown} -- cat lines \\| cat > /dev/null`,
    });
  }
  return rows;
}

function writeLines(path: string, megabytes: number): string {
  const bytes = new TextEncoder().encode(LINE.repeat(Math.ceil(1e6 / LINE.length)));
  using file = Deno.createSync(path);
  for (let count = 0; count < megabytes; count++) file.writeSync(bytes);
  return path;
}

async function measure(bench: Workbench, file: string, options: readonly string[]): Promise<number> {
  const output = `${bench.folder}/passing-on`;
  const run = [
    ...bench.resmon,
    "run",
    "--quiet",
    "--force",
    "--no-report",
    "-o",
    output,
    ...options,
    "--",
    "cat",
    file,
  ];
  const seconds: number[] = [];
  for (let count = 0; count < 3; count++) {
    seconds.push((await timed(bench, ["sh", "-c", '"$@" 2> /dev/null | cat > /dev/null', "sh", ...run])).seconds);
  }
  return median(seconds);
}
