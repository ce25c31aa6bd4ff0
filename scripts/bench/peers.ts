import { systemUnits } from "../../lib/ffi/libc.ts";
import { parseProcStat } from "../../lib/proc_files.ts";
import {
  compileC,
  cpuSecondsOf,
  end,
  milliseconds,
  type Point,
  type Row,
  run,
  sleep,
  type Workbench,
} from "./workbench.ts";

/** What others cost for the same load, each from PyPI in a virtual environment of its own. */
export const PEERS: Point = { name: "peers", title: "Other programs", run: measurePeers };

interface Peer {
  readonly name: string;
  /** What pip installs, the version pinned. */
  readonly packages: readonly string[];
  /** The words that record a command: `bin` is where the environment's programs are. */
  readonly words: (bin: string, load: readonly string[], folder: string) => string[];
}

const INTERVAL_SECONDS = 0.1;
const CHILDREN = 100;
const NAP_MS = 50;

const PEERS_OF_PYPI: readonly Peer[] = [
  {
    name: "psutil, in a loop",
    packages: ["psutil==7.1.3"],
    words: (bin, load) => [
      `${bin}/python`,
      new URL("psutil_loop.py", import.meta.url).pathname,
      String(INTERVAL_SECONDS),
      ...load,
    ],
  },
  {
    name: "psrecord",
    packages: ["psrecord==1.4"],
    words: (bin, load, folder) => [
      `${bin}/psrecord`,
      load.join(" "),
      "--interval",
      String(INTERVAL_SECONDS),
      "--include-children",
      "--include-io",
      "--log",
      `${folder}/psrecord.log`,
    ],
  },
  {
    name: "con-duct",
    packages: ["con-duct==0.17.0"],
    words: (bin, load, folder) => [
      `${bin}/duct`,
      "--sample-interval",
      String(INTERVAL_SECONDS),
      "--report-interval",
      "1",
      "-q",
      "-p",
      `${folder}/duct-`,
      ...load,
    ],
  },
  {
    name: "memory_profiler (memory only)",
    packages: ["memory_profiler==0.61.0"],
    words: (bin, load, folder) => [
      `${bin}/mprof`,
      "run",
      "--interval",
      String(INTERVAL_SECONDS),
      "--include-children",
      "--output",
      `${folder}/mprof.dat`,
      ...load,
    ],
  },
];

async function measurePeers(bench: Workbench): Promise<Row[]> {
  const seconds = bench.isQuick ? 3 : 10;
  const load = [await compileC(bench, "sleepers"), String(CHILDREN), String(seconds + 20), String(NAP_MS)];
  const resmon = [
    ...bench.resmon,
    "run",
    "-i",
    `${INTERVAL_SECONDS * 1000}ms`,
    "--no-report",
    "-o",
    `${bench.folder}/p`,
  ];
  const own = await cpuOf([...resmon, "--", ...load], seconds, bench.folder);
  const rows = [rowOf("resmon", own, own, seconds)];
  for (const peer of PEERS_OF_PYPI) rows.push(await measurePeer(bench, peer, { load, seconds, own }));
  return rows;
}

interface Plan {
  readonly load: readonly string[];
  readonly seconds: number;
  /** CPU seconds of resmon for the same. */
  readonly own: number;
}

async function measurePeer(bench: Workbench, peer: Peer, { load, seconds, own }: Plan): Promise<Row> {
  const bin = await installedAt(peer);
  if (bin === undefined) {
    return { what: peer.name, measured: "skipped: it could not be installed", command: installing(peer) };
  }
  const cpu = await cpuOf(peer.words(bin, load, bench.folder), seconds, bench.folder);
  return rowOf(`${peer.name} (${peer.packages.join(", ")})`, cpu, own, seconds);
}

function rowOf(what: string, cpu: number, own: number, seconds: number): Row {
  const rate = `${INTERVAL_SECONDS * 1000} ms, ${CHILDREN} children`;
  return {
    what: `${what}: ${seconds} s at ${rate}`,
    measured: `${milliseconds(cpu)} of CPU`,
    ratio: `${(cpu / own).toFixed(1)} of resmon's`,
    command: `the peer around sleepers ${CHILDREN} ${seconds + 20} ${NAP_MS}`,
  };
}

/** CPU seconds of a program in its first seconds, without the load that it runs. */
async function cpuOf(words: readonly string[], seconds: number, cwd: string): Promise<number> {
  const [program = "", ...args] = words;
  const child = new Deno.Command(program, { args, cwd, stdout: "null", stderr: "null" }).spawn();
  await sleep(seconds);
  const own = monitorsOf(child.pid).reduce((sum, pid) => sum + cpuSecondsOf(pid) + cpuSecondsOfChildren(pid), 0);
  await end(child);
  return own;
}

/** A program and those of its descendants that are not the load: some peers sample in a process of their own. */
function monitorsOf(pid: number): number[] {
  const name = Deno.readTextFileSync(`/proc/${pid}/comm`).trim();
  if (name === "sleepers") return [];
  const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ");
  return [pid, ...children.filter((text) => text !== "").flatMap((text) => monitorsOf(parseInt(text, 10)))];
}

/** CPU seconds of the children that a process has waited for, such as each `ps` that it ran, to a clock tick. */
function cpuSecondsOfChildren(pid: number): number {
  const { childUserTicks, childSystemTicks } = parseProcStat(Deno.readTextFileSync(`/proc/${pid}/stat`));
  return (childUserTicks + childSystemTicks) / systemUnits().clockTicks;
}

async function installedAt(peer: Peer): Promise<string | undefined> {
  const cache = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  const folder = `${cache}/resmon-bench/${peer.packages.join("-")}`;
  try {
    await Deno.stat(`${folder}/installed`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    if (!await install(peer, folder)) return undefined;
  }
  return `${folder}/bin`;
}

async function install(peer: Peer, folder: string): Promise<boolean> {
  try {
    await run(["python3", "-m", "venv", folder]);
    await run([`${folder}/bin/pip`, "install", "--quiet", ...peer.packages]);
    await Deno.writeTextFile(`${folder}/installed`, "");
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    console.error(`bench: ${peer.name} is skipped: ${error.message.slice(0, 300)}`);
    return false;
  }
}

function installing({ packages }: Peer): string {
  return `pip install ${packages.join(" ")}`;
}
