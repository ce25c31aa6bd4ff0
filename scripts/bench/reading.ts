import {
  atMost,
  compileC,
  cpuSecondsOf,
  end,
  milliseconds,
  type Point,
  type Row,
  sleep,
  type Workbench,
} from "./workbench.ts";

/** The CPU time of resmon against that of a C program which reads the same files at the same times, and does nothing else. */
export const READING: Point = { name: "reading", title: "CPU time of recording", run: measureReading };

interface Case {
  readonly intervalMs: number;
  readonly children: number;
  /** Milliseconds after which each child wakes up; 0 for one that never does. */
  readonly napMs: number;
}

const CASES: readonly Case[] = [
  { intervalMs: 1000, children: 1, napMs: 50 },
  { intervalMs: 1000, children: 100, napMs: 50 },
  { intervalMs: 100, children: 1, napMs: 50 },
  { intervalMs: 100, children: 100, napMs: 0 },
  { intervalMs: 100, children: 100, napMs: 50 },
];

// The time in which resmon has started the command, and in which the bench has found the files that it reads.
const SETTLE_SECONDS = 1;

async function measureReading(bench: Workbench): Promise<Row[]> {
  const [reader, sleepers] = [await compileC(bench, "read_files"), await compileC(bench, "sleepers")];
  const rows: Row[] = [];
  for (const each of CASES) rows.push(await measureCase(bench, { reader, sleepers }, each));
  return rows;
}

async function measureCase(
  bench: Workbench,
  { reader, sleepers }: { readonly reader: string; readonly sleepers: string },
  { intervalMs, children, napMs }: Case,
): Promise<Row> {
  const seconds = bench.isQuick ? 4 : 20;
  const output = `${bench.folder}/reading-${intervalMs}-${children}-${napMs}`;
  const load = [sleepers, String(children), String(seconds + 10), String(napMs)];
  const [program = "", ...args] = [...bench.resmon, "run", "-i", `${intervalMs}ms`, "--no-report", "-o", output];
  const started = performance.now();
  const resmon = new Deno.Command(program, { args: [...args, "--", ...load], stderr: "null" }).spawn();
  await sleep(SETTLE_SECONDS);
  const reading = new Deno.Command(reader, {
    args: [String(resmon.pid), childOf(resmon.pid), String(intervalMs), String(seconds), ...machineFilesOf(resmon.pid)],
    stdout: "piped",
  }).spawn();
  const early = cpuSecondsOf(resmon.pid);
  await sleep(seconds - (performance.now() - started) / 1000);
  const whole = cpuSecondsOf(resmon.pid);
  const { cpu_seconds: minimum } = JSON.parse(new TextDecoder().decode((await reading.output()).stdout));
  await end(resmon);
  const ratio = whole / minimum;
  const tick = (whole - early) / (seconds - SETTLE_SECONDS) * intervalMs / 1000;
  const isGoal = intervalMs === 100 && children === 100 && napMs > 0;
  return {
    what: `${seconds} s at ${intervalMs} ms, ${describeChildren(children, napMs)}`,
    measured: `${milliseconds(whole)} with its start, ${milliseconds(tick)} a tick`,
    against: `C: ${milliseconds(minimum)}, ${milliseconds(minimum / seconds * intervalMs / 1000)} a tick`,
    ratio: ratio.toFixed(1),
    ...(isGoal ? { target: atMost(2, ratio, "at most 2") } : {}),
    command: `resmon run -i ${intervalMs}ms --no-report -- sleepers ${children} ${seconds + 10} ${napMs}`,
  };
}

function describeChildren(children: number, napMs: number): string {
  const number = children === 1 ? "1 child" : `${children} children`;
  return `${number} that ${children === 1 ? "wakes" : "wake"} ${napMs === 0 ? "never up" : `up every ${napMs} ms`}`;
}

function childOf(pid: number): string {
  const child = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).split(" ")[0];
  if (child === undefined || child === "") throw new Error(`Cannot find the command of resmon, process ${pid}`);
  return child;
}

/** The files of the machine that resmon keeps open and reads in every tick: those in /proc and /sys that are no process's. */
function machineFilesOf(pid: number): string[] {
  const files = Array.from(Deno.readDirSync(`/proc/${pid}/fd`), ({ name }) => targetOf(`/proc/${pid}/fd/${name}`));
  const own = new RegExp(`^/proc/${pid}/(?:net/dev|status)$`);
  return [...new Set(files)].filter((file) =>
    /^\/(?:proc|sys)\//.test(file) && (!/^\/proc\/\d/.test(file) || own.test(file))
  );
}

function targetOf(link: string): string {
  try {
    return Deno.readLinkSync(link);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
