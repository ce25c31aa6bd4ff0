import { atMost, capture, end, megabytes, type Point, type Row, sleep, type Workbench } from "./workbench.ts";
import { V8_FLAGS } from "../deno.ts";

/** The memory of resmon: of a run in real time, and after a million ticks of a simulated clock. */
export const MEMORY: Point = { name: "memory", title: "Memory of a long run", run: measureMemory };

const MOST_BYTES = 60e6;

async function measureMemory(bench: Workbench): Promise<Row[]> {
  return [await measureRun(bench), await measureMillion(bench)];
}

async function measureRun(bench: Workbench): Promise<Row> {
  const seconds = bench.isQuick ? 3 : 20;
  const words = ["run", "-i", "100ms", "--no-report", "-o", `${bench.folder}/memory`, "--", "sleep", `${seconds + 5}`];
  const [program = "", ...args] = [...bench.resmon, ...words];
  const child = new Deno.Command(program, { args, stderr: "null" }).spawn();
  await sleep(seconds);
  const status = await Deno.readTextFile(`/proc/${child.pid}/status`);
  await end(child);
  const [resident, files] = [bytesOf(status, "VmRSS"), bytesOf(status, "RssFile")];
  return {
    what: `${seconds} s at 100 ms around \`sleep\``,
    measured: `${megabytes(resident)} resident, ${megabytes(files)} of them files, most of them Deno itself`,
    target: atMost(MOST_BYTES, resident, "under 60 MB"),
    command: "resmon run -i 100ms --no-report -- sleep 25",
  };
}

function bytesOf(status: string, key: string): number {
  return parseInt(new RegExp(`^${key}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? "", 10) * 1024;
}

async function measureMillion({ isQuick }: Workbench): Promise<Row> {
  const ticks = isQuick ? 100_000 : 1_000_000;
  const script = new URL("stream_ticks.ts", import.meta.url).pathname;
  const lines = await capture([Deno.execPath(), "run", "-A", `${V8_FLAGS},--expose-gc`, script, String(ticks)]);
  const steps = lines.trim().split("\n").map((line): { resident: number; heap: number } => JSON.parse(line));
  const largest = Math.max(...steps.map(({ resident }) => resident));
  const heap = megabytes(Math.max(...steps.map((step) => step.heap)));
  const fifths = steps.map(({ resident }) => megabytes(resident)).join(", ");
  return {
    what: `${ticks.toLocaleString("en")} ticks of 20 series, a process starting and one ending in each`,
    measured: `at most ${megabytes(largest)} resident (after each fifth: ${fifths}), ${heap} of them live`,
    target: atMost(MOST_BYTES, largest, "under 60 MB, flat"),
    command: `deno run -A ${V8_FLAGS},--expose-gc scripts/bench/stream_ticks.ts ${ticks}`,
  };
}
