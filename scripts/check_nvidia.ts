/**
 * Compares what resmon records of NVIDIA GPUs with what nvidia-smi prints meanwhile, on a machine that has some:
 * `deno task check-nvidia [COMMAND...]` (without a command, 20 s of whatever runs). Prints a table; judging it is left to the reader,
 * because the two never read at the same instant. Give a command that keeps the GPU at a steady load.
 */

import { parseSmiAbsence, parseSmiLine, SMI_FIELDS, smiArguments, type SmiField } from "../collectors/nvidia_smi.ts";
import { readLog } from "../lib/log_reader.ts";
import type { ResmonRecord } from "../lib/records.ts";
import { parseCount } from "../lib/parse.ts";
import { ROOT } from "./deno.ts";

const INTERVAL_MS = 500;
const SETTLED_AFTER_SECONDS = 2;

/** Many readings of one series. */
type Readings = Map<string, number[]>;

function add(readings: Readings, series: string, value: number | null): void {
  if (value !== null) readings.set(series, [...readings.get(series) ?? [], value]);
}

/** Reads nvidia-smi until it is told to stop. */
class Oracle {
  readonly gpus: Readings = new Map();
  /** Bytes by pid, the largest that was seen. */
  readonly memory = new Map<number, number>();
  readonly #stop = new AbortController();
  readonly #ended: Promise<unknown>;

  constructor() {
    this.#ended = Promise.all([
      this.#follow(smiArguments(SMI_FIELDS, INTERVAL_MS), (line) => this.#takeGpu(line)),
      this.#follow(
        ["--query-compute-apps=pid,used_gpu_memory", "--format=csv,noheader,nounits", "-lms", "1000"],
        (line) => this.#takeProcess(line),
      ),
    ]);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #follow(args: readonly string[], take: (line: string) => void): Promise<void> {
    const { signal } = this.#stop;
    const process = new Deno.Command("nvidia-smi", { args: [...args], stdout: "piped", signal }).spawn();
    let rest = "";
    for await (const text of process.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop() ?? "";
      lines.filter((line) => line !== "").forEach(take);
    }
  }

  #takeGpu(line: string): void {
    const { gpu, texts } = parseSmiLine(line, SMI_FIELDS);
    SMI_FIELDS.forEach((field, at) => {
      const values = readField(field, texts[at] ?? "");
      field.series(gpu).forEach((series, index) => add(this.gpus, series, values[index] ?? null));
    });
  }

  #takeProcess(line: string): void {
    const [pid, mebibytes = ""] = line.split(", ");
    if (parseSmiAbsence(mebibytes) !== undefined) return;
    const id = parseCount(pid, "pid");
    const bytes = parseCount(mebibytes, "used_gpu_memory") * 2 ** 20;
    this.memory.set(id, Math.max(this.memory.get(id) ?? 0, bytes));
  }
}

function readField(field: SmiField, text: string): readonly (number | null)[] {
  return parseSmiAbsence(text) === undefined ? field.read(text) : [];
}

/** Records a command with resmon and gives the records. */
async function record(folder: string, command: readonly string[]): Promise<ResmonRecord[]> {
  const options = ["-i", `${INTERVAL_MS}ms`, "-m", "gpu", "--no-report", "-o", `${folder}/run`];
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", new URL("main.ts", ROOT).pathname, "run", ...options, "--", ...command],
  }).spawn().status;
  console.log(`The command ended with exit status ${code}`);
  return [...readLog(`${folder}/run/log.jsonl`)];
}

/** The readings of the log once the first seconds are over. */
function readingsOf(records: readonly ResmonRecord[]): Readings {
  const readings: Readings = new Map();
  let series: readonly string[] = [];
  for (const each of records) {
    if (each.type === "columns" && each.collector === "nvidia") series = each.series;
    if (each.type !== "tick" || each.elapsed < SETTLED_AFTER_SECONDS) continue;
    each.values["nvidia"]?.forEach((value, at) => add(readings, series[at] ?? "", value));
  }
  return readings;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function describe(values: readonly number[] | undefined): string {
  if (values === undefined) return "-";
  return `${short(mean(values))} (${short(Math.min(...values))} to ${short(Math.max(...values))})`;
}

function short(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: 5 });
}

function difference(ours: readonly number[] | undefined, theirs: readonly number[] | undefined): string {
  if (ours === undefined || theirs === undefined) return ours === theirs ? "" : "only one tells it";
  const [a, b] = [mean(ours), mean(theirs)];
  return a === b ? "same" : b === 0 ? `${short(a - b)}` : `${((a / b - 1) * 100).toFixed(1)} %`;
}

function printTable(ours: Readings, theirs: Readings): void {
  const rows = [...new Set([...theirs.keys(), ...ours.keys()])].map((series) => [
    series,
    describe(ours.get(series)),
    describe(theirs.get(series)),
    difference(ours.get(series), theirs.get(series)),
  ]);
  const table = [["series", "resmon", "nvidia-smi", "difference of the means"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  for (const row of table) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
}

/** What only resmon has as a series, beside the same amount worked out from what nvidia-smi prints. */
function addDerived(ours: Readings, oracle: Oracle, records: readonly ResmonRecord[]): void {
  const seconds = elapsedOf(records.findLast(({ type }) => type === "tick")) - SETTLED_AFTER_SECONDS;
  for (const [series, values] of [...ours]) {
    if (!series.startsWith("gpu_energy_joules_total")) continue;
    ours.set(series, [(values.at(-1) ?? NaN) - (values[0] ?? NaN)]);
    const power = oracle.gpus.get(series.replace("energy_joules_total", "power_watts"));
    if (power !== undefined) oracle.gpus.set(series, [mean(power) * seconds]);
  }
  const pids = records.flatMap((each) => each.type === "event" && each.kind === "process_start" ? each.pid ?? [] : []);
  const memory = pids.map((pid) => oracle.memory.get(pid) ?? 0);
  const total = [...ours].filter(([series]) => series.startsWith("process_gpu_memory_bytes"))
    .map(([, values]) => Math.max(...values));
  ours.set("largest GPU memory of the tree", [total.reduce((sum, bytes) => sum + bytes, 0)]);
  oracle.gpus.set("largest GPU memory of the tree", [memory.reduce((sum, bytes) => sum + bytes, 0)]);
}

function elapsedOf(record: ResmonRecord | undefined): number {
  return record?.type === "tick" ? record.elapsed : 0;
}

const command = Deno.args.length > 0 ? Deno.args : ["sleep", "20"];
const folder = await Deno.makeTempDir({ prefix: "resmon-nvidia-" });
const oracle = new Oracle();
const records = await record(folder, command);
await oracle.stop();
const ours = readingsOf(records);
addDerived(ours, oracle, records);
printTable(ours, oracle.gpus);
for (const each of records) {
  if (each.type === "status" && each.collector === "nvidia" && each.reason !== undefined) {
    console.log(`${each.state}: ${each.metrics?.join(", ") ?? "all"}: ${each.reason}`);
  }
}
console.log(`The log: ${folder}/run/log.jsonl`);
