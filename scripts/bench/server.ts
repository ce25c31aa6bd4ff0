import { V8_FLAGS } from "../deno.ts";
import { atMost, capture, type Point, type Row, type Workbench } from "./workbench.ts";

/** A tick of a large machine: two processors, four GPUs, all of their sources. */
export const SERVER: Point = { name: "server", title: "A tick of a server with four GPUs", run: measureServer };

const MOST_MICROSECONDS = 1000;

async function measureServer({ folder, isQuick }: Workbench): Promise<Row[]> {
  const ticks = isQuick ? 2000 : 20_000;
  const script = new URL("server_ticks.ts", import.meta.url).pathname;
  await Deno.mkdir(`${folder}/server/outputs`, { recursive: true });
  const words = [Deno.execPath(), "run", "-A", V8_FLAGS, script, `${folder}/server`, String(ticks)];
  const told: { microseconds: number; series: number } = JSON.parse(await capture(words));
  return [{
    what: `${told.series} series: CPUs, memory, disks, network, RAPL, temperatures, NVML with MIG; log, CSV, summary`,
    measured: `${(told.microseconds / 1000).toFixed(2)} ms of CPU a tick, mean of ${ticks.toLocaleString("en")} ticks`,
    target: atMost(MOST_MICROSECONDS, told.microseconds, "under 1 ms"),
    command: `deno run -A scripts/bench/server_ticks.ts FOLDER ${ticks}`,
  }];
}
