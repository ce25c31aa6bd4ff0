import { openWhole, orGap } from "../lib/availability.ts";
import { type Clock, SystemClock } from "../lib/clock.ts";
import { type Collector, type Environment, type Reading, Unavailable } from "../lib/contracts.ts";
import { decodeJson } from "../lib/json.ts";
import type { Root } from "../lib/root.ts";
import { formatSeries } from "../lib/series.ts";
import type { Tools } from "../lib/tools.ts";
import { AMD_SMI_METRICS, type AmdSmiGpu, readAmdSmi, readRocmSmi } from "./amd_smi_output.ts";
import { findAmdCards, listAmdSensors } from "./amdgpu_linux.ts";
import { type DrmCard, isAsleep } from "./drm_cards_linux.ts";
import { Feed } from "./feed.ts";
import { GrowingColumns } from "./growing_columns.ts";
import { JsonObjects } from "./json_objects.ts";
import { byNumber } from "./sysfs.ts";

interface SmiTool {
  readonly name: string;
  readonly args: readonly string[];
  readonly read: (output: unknown) => AmdSmiGpu[];
}

const FOLDERS = ["/opt/rocm/bin"];
const ROCM_OPTIONS = "-u --showmemuse -P -M -t -c -f --showenergycounter --showbus --showmeminfo vram gtt --json";
const TOOLS: readonly SmiTool[] = [
  { name: "amd-smi", args: ["metric", "--json"], read: readAmdSmi },
  { name: "rocm-smi", args: ROCM_OPTIONS.split(" "), read: readRocmSmi },
];
// A start of either is most of a second of Python.
const PERIOD_SECONDS = 5;
const REMEDY = "Where the machine has a GPU of AMD, install amd-smi-lib of ROCm";
// What is worth that, where the files of the driver do not tell it.
const WANTED = ["gpu_utilization_percent", "gpu_memory_used_bytes", "gpu_power_watts"];

interface Told {
  readonly at: number;
  readonly values: ReadonlyMap<string, number>;
}

/** AMD GPUs by the tools of ROCm, for what the files of the driver lack, as in virtual machines and containers. */
export class AmdSmiCollector implements Collector {
  readonly name = "amd_smi";
  readonly metrics = AMD_SMI_METRICS;
  readonly sources = TOOLS.map(({ name, args }) => [name, ...args].join(" "));
  readonly #clock: Clock;
  readonly #columns = new GrowingColumns();
  #feed: Feed | undefined;
  #cards: readonly DrmCard[] = [];
  #known: ReadonlySet<string> = new Set();
  readonly #gpus = new Map<string, Told>();

  /** The clock of the recorder, where a test brings its own. */
  constructor(clock: Clock = new SystemClock()) {
    this.#clock = clock;
  }

  get series(): readonly string[] {
    return this.#columns.series;
  }

  open(environment: Environment): void | Promise<void> {
    const tool = openWhole(this, () => {
      this.#cards = findAmdCards(environment.root).sort((a, b) => byNumber(a.slot ?? a.name, b.slot ?? b.name));
      this.#known = seriesOfFiles(environment.root, this.#cards);
      return findTool(environment.tools);
    });
    const feed = this.#feedOf(tool, environment);
    this.#feed = feed;
    feed.start();
    if (environment.isRequired) return feed.ready();
  }

  collect(now: number): Reading {
    const feed = this.#feed;
    if (feed?.check(now) !== true || feed.at === undefined) return { values: this.#columns.place(new Map()) };
    const { at } = feed;
    const fresh = [...this.#gpus.values()].filter((gpu) => at - gpu.at < 2 * PERIOD_SECONDS);
    return { values: this.#columns.place(new Map(fresh.flatMap(({ values }) => [...values]))), at };
  }

  close(): void | Promise<void> {
    return this.#feed?.close();
  }

  #feedOf({ name, path, args, read }: FoundTool, { tools, interval, introduce }: Environment): Feed {
    const objects = new JsonObjects();
    const period = Math.max(PERIOD_SECONDS, interval);
    return new Feed({
      tools,
      clock: this.#clock,
      words: [path, ...args],
      interval: period,
      pause: period,
      begin: () => objects.reset(),
      accept: (line, at) => {
        const gpus = objects.push(line).flatMap((text) => read(decodeJson(text, `what ${name} prints`)));
        for (const gpu of gpus) this.#take(gpu, at, introduce);
        return gpus.length > 0;
      },
    });
  }

  #take(gpu: AmdSmiGpu, at: number, introduce: Environment["introduce"]): void {
    const name = nameOf(gpu, this.#cards);
    if (!this.#cards.some((card) => card.name === name)) introduce({ label: "gpu", id: name, name: "AMD GPU" });
    const values = gpu.values
      .map(({ metric, labels, value }) => [formatSeries(metric, { gpu: name, ...labels }), value] as const)
      .filter(([series]) => !this.#known.has(series));
    this.#gpus.set(name, { at, values: new Map(values) });
  }
}

type FoundTool = SmiTool & { readonly path: string };

function findTool(tools: Tools): FoundTool {
  for (const tool of TOOLS) {
    const path = tools.find(tool.name, FOLDERS);
    if (path !== undefined) return { ...tool, path };
  }
  throw new Unavailable("absent", "Cannot find amd-smi or rocm-smi on PATH or in /opt/rocm/bin", REMEDY);
}

// The tools would wake a card that sleeps, and cost more than the files.
function seriesOfFiles(root: Root, cards: readonly DrmCard[]): Set<string> {
  const known = new Set<string>();
  let isWanted = cards.length === 0;
  for (const card of cards) {
    if (isAsleep(root, card)) {
      throw new Unavailable("off", `Cannot ask for ${card.name} without waking it: it is suspended`);
    }
    // Drivers of virtual GPUs have files that cannot be read.
    const sensors = listAmdSensors(root, card).filter(({ path }) => orGap(() => root.read(path)) !== null);
    isWanted ||= WANTED.some((metric) => !sensors.some((sensor) => sensor.metric === metric));
    for (const { metric, labels } of sensors) known.add(formatSeries(metric, { gpu: card.name, ...labels }));
  }
  if (isWanted) return known;
  throw new Unavailable("off", "Cannot learn more from amd-smi or rocm-smi than from the files of the driver");
}

// The tools number the cards by their place on the bus.
function nameOf({ index, slot }: AmdSmiGpu, cards: readonly DrmCard[]): string {
  const card = slot === undefined ? cards[index] : cards.find((each) => each.slot === slot);
  return card?.name ?? `card${index}`;
}
