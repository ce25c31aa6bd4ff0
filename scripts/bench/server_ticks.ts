/**
 * Ticks of a server with two processors and four GPUs: its files are written to a folder and read by system calls, its helper
 * gives a line a tick, and the log, CSV and summary are written. Tells CPU microseconds of a tick, all threads of resmon
 * together. Usage: `deno run -A server_ticks.ts FOLDER TICKS`.
 */
import { createCollectors } from "../../collectors/mod.ts";
import { DiskRoot } from "../../lib/disk_root.ts";
import { processCpuSeconds } from "../../lib/ffi/libc.ts";
import { Pipeline } from "../../lib/pipeline.ts";
import { Recorder } from "../../lib/recorder.ts";
import type { OpenFile, Root } from "../../lib/root.ts";
import type { RunningTool, ToolHandlers, Tools } from "../../lib/tools.ts";
import { openOutputs } from "../../sinks/mod.ts";
import { FakeClock } from "../../tests/fake_clock.ts";
import { benchSession } from "./session.ts";

const FIXTURE = new URL("../../tests/fixtures/server_4gpu.tree", import.meta.url);
const HELPER = "/.resmon/tools/resmon helper nvml";
const WARM_UP = 2000;

/** A folder as a machine of its own. */
class FolderRoot implements Root {
  readonly #folder: string;
  readonly #disk = new DiskRoot();

  constructor(folder: string) {
    this.#folder = folder;
  }

  read(path: string): string {
    return this.#disk.read(this.#folder + path);
  }

  list(path: string): string[] {
    return this.#disk.list(this.#folder + path);
  }

  readLink(path: string): string {
    return this.#disk.readLink(this.#folder + path);
  }

  size(path: string): number {
    return this.#disk.size(this.#folder + path);
  }

  open(path: string): OpenFile {
    return this.#disk.open(this.#folder + path);
  }
}

/** The helper of the fixture: it says its introduction at once, and its last line again whenever it is asked to. */
class HelperTools implements Tools {
  readonly pids: ReadonlySet<number> = new Set();
  readonly #lines: readonly string[];
  #handlers: ToolHandlers | undefined;

  constructor(output: string) {
    this.#lines = output.trimEnd().split("\n");
  }

  find(): undefined {
    return undefined;
  }

  start(_words: readonly string[], handlers: ToolHandlers): RunningTool {
    this.#handlers = handlers;
    for (const line of this.#lines) handlers.line(line);
    return { close: () => Promise.resolve() };
  }

  run(): Promise<string> {
    return Promise.reject(new Error("Nothing is run here"));
  }

  speak(): void {
    this.#handlers?.line(this.#lines.at(-1) ?? "");
  }
}

/** Writes a fixture as files and links; what fails there is left out. Gives what the helper prints. */
function materialise(folder: string): string {
  let helper = "";
  for (const line of Deno.readTextFileSync(FIXTURE).split("\n")) {
    const [path = "", op, value = ""] = line.split("\t");
    if (!path.startsWith("/")) continue;
    Deno.mkdirSync(folder + path.slice(0, path.lastIndexOf("/")), { recursive: true });
    if (op === "->") Deno.symlinkSync(value, folder + path);
    if (op === "=") Deno.writeTextFileSync(folder + path, JSON.parse(value));
    if (op === "=" && path === HELPER) helper = JSON.parse(value);
  }
  return helper;
}

const [folder = "", count = "20000"] = Deno.args;
const tools = new HelperTools(materialise(`${folder}/machine`));
const clock = new FakeClock();
// The helper's lines are as old as the clock of the recorder says.
performance.now = () => clock.now() * 1000;

const failures: string[] = [];
const onFailure = (sink: string, reason: string): unknown => failures.push(`${sink}: ${reason}`);
const sinks = await openOutputs(["log", "csv", "summary"], { folder: `${folder}/outputs`, force: true, onFailure });
const pipeline = new Pipeline(sinks);
const root = new FolderRoot(`${folder}/machine`);
const recorder = new Recorder({
  collectors: createCollectors("linux"),
  required: [],
  environment: { root, tools, program: ["resmon"], interval: 1, pageSize: 4096, clockTicks: 100 },
  clock,
  write: (record) => pipeline.write(record),
  warn: (message) => failures.push(message),
});
pipeline.accept(benchSession());
await recorder.open();
recorder.prepare();
recorder.watch({ pid: 1 }, clock.now());

function take(ticks: number): void {
  for (let tick = 0; tick < ticks; tick++) {
    tools.speak();
    clock.advance(1);
  }
}

take(WARM_UP);
const before = processCpuSeconds(Deno.pid) ?? NaN;
const ticks = parseInt(count, 10);
take(ticks);
const seconds = (processCpuSeconds(Deno.pid) ?? NaN) - before;
recorder.close();
const { metrics } = pipeline.end();
await pipeline.close(5);
if (failures.length > 0) throw new Error(failures.join("; "));
console.log(JSON.stringify({ microseconds: seconds / ticks * 1e6, series: Object.keys(metrics).length }));
Deno.exit(0);
