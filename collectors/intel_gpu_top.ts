import { openWhole } from "../lib/availability.ts";
import { type Clock, SystemClock } from "../lib/clock.ts";
import { type Collector, type Environment, type Reading, Unavailable } from "../lib/contracts.ts";
import { amountOf, decodeJson, memberOf, membersOf } from "../lib/json.ts";
import { isPlausible } from "../lib/plausible.ts";
import { formatSeries } from "../lib/series.ts";
import { isAsleep } from "./drm_cards_linux.ts";
import { Feed } from "./feed.ts";
import { findIntelCards } from "./intel_gpu_linux.ts";
import { JsonObjects } from "./json_objects.ts";

const TOOL = "intel_gpu_top";
const REMEDY = `run resmon as root, or once: sudo setcap cap_perfmon=+ep $(command -v ${TOOL})`;
const LEAST_MILLISECONDS = 100;
const DENIED = /permission|CAP_PERFMON|perf_event_paranoid/i;

/**
 * How busy the GPU is, in percent, by an object that `intel_gpu_top -J` prints: the share of its busiest engine. Throws
 * SyntaxError for an object of another kind.
 */
export function readIntelGpuTop(output: unknown): number {
  const engines = membersOf(memberOf(output, "engines"));
  const busy = engines.map(([, engine]) => amountOf(memberOf(engine, "busy"))).filter((share) => share !== undefined);
  const most = Math.max(...busy);
  if (busy.length === 0) throw new SyntaxError(`Cannot parse what ${TOOL} prints: engines are missing`);
  if (!isPlausible("gpu_utilization_percent", most)) throw new SyntaxError(`Cannot believe ${TOOL}: ${most} % busy`);
  // Its times and those of the engines are not taken at once.
  return Math.min(100, most);
}

/** How busy Intel's GPU is for all programs together, which its driver tells to performance monitors only. */
export class IntelGpuTopCollector implements Collector {
  readonly name = TOOL;
  readonly metrics = ["gpu_utilization_percent"] as const;
  readonly sources = [`${TOOL} -J -s <milliseconds>`];
  series: readonly string[] = [];
  readonly #clock: Clock;
  #feed: Feed | undefined;
  #percent: number | undefined;

  /** The clock of the recorder, where a test brings its own. */
  constructor(clock: Clock = new SystemClock()) {
    this.#clock = clock;
  }

  async open(environment: Environment): Promise<void> {
    const { card, path } = openWhole(this, () => find(environment));
    const feed = this.#feedOf([path, "-J", "-s", milliseconds(environment), "-d", `drm:/dev/dri/${card}`], environment);
    this.#feed = feed;
    this.series = [formatSeries("gpu_utilization_percent", { gpu: card })];
    feed.start();
    if (environment.isRequired) await feed.ready().catch(explain);
  }

  collect(now: number): Reading {
    const feed = this.#feed;
    try {
      if (feed?.check(now) !== true || feed.at === undefined) return { values: [null] };
    } catch (error) {
      explain(error);
    }
    return { values: [this.#percent ?? null], at: feed?.at };
  }

  close(): void | Promise<void> {
    return this.#feed?.close();
  }

  #feedOf(words: readonly string[], { tools, interval }: Environment): Feed {
    const objects = new JsonObjects();
    let isFirst = true;
    return new Feed({
      tools,
      clock: this.#clock,
      words,
      interval,
      begin: () => {
        objects.reset();
        isFirst = true;
      },
      accept: (line) => {
        const shares = objects.push(line).map((text) => readIntelGpuTop(decodeJson(text, `what ${TOOL} prints`)));
        // The first object tells of the moment in which the tool started.
        const news = isFirst ? shares.slice(1) : shares;
        isFirst &&= shares.length === 0;
        this.#percent = news.at(-1) ?? this.#percent;
        return news.length > 0;
      },
    });
  }
}

function milliseconds({ interval }: Environment): string {
  return String(Math.max(LEAST_MILLISECONDS, Math.round(interval * 1000)));
}

function find({ root, tools }: Environment): { readonly card: string; readonly path: string } {
  const card = findIntelCards(root).find((each) => !isAsleep(root, each));
  if (card === undefined) {
    throw new Unavailable("absent", "Cannot find an Intel GPU that is awake in /sys/class/drm");
  }
  const path = tools.find(TOOL);
  if (path === undefined) {
    throw new Unavailable("absent", `Cannot find ${TOOL} on PATH`, "install intel-gpu-tools (igt-gpu-tools)");
  }
  return { card: card.name, path };
}

// The tool says why on stderr, as it ends.
function explain(error: unknown): never {
  const isDenied = error instanceof Unavailable && DENIED.test(error.message);
  throw isDenied ? new Unavailable("denied", error.message, REMEDY) : error;
}
