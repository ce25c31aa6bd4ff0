import type { Clock } from "../lib/clock.ts";
import { type Environment, Unavailable } from "../lib/contracts.ts";
import { decodeJson } from "../lib/json.ts";
import { Feed } from "./feed.ts";
import { type NeuronConfig, writeNeuronConfig } from "./neuron_config.ts";
import { type NeuronReport, readNeuronReport } from "./neuron_report.ts";

/** What the program is called. */
export const NEURON_MONITOR = "neuron-monitor";
/** Where its package puts it. */
export const NEURON_FOLDERS = ["/opt/aws/neuron/bin"];

// Without a configuration.
const OWN_PERIOD_SECONDS = 5;
const LEAST_PERIOD_SECONDS = 1;

/** Who listens to the program, and by which clock. */
export interface NeuronListener {
  readonly clock: Clock;
  readonly onReport: (report: NeuronReport) => void;
}

/**
 * `neuron-monitor` as a feed, once a tick where it can. Versions that do not know the groups asked for are run as they are, with
 * their period of 5 s.
 */
export class NeuronMonitor {
  readonly #environment: Environment;
  readonly #path: string;
  readonly #listener: NeuronListener;
  #config: NeuronConfig | undefined;
  #feed: Feed;

  constructor(environment: Environment, path: string, listener: NeuronListener) {
    this.#environment = environment;
    this.#path = path;
    this.#listener = listener;
    const period = Math.max(LEAST_PERIOD_SECONDS, Math.round(environment.interval));
    this.#config = writeNeuronConfig(period);
    this.#feed = this.#start(this.#config === undefined ? OWN_PERIOD_SECONDS : period);
  }

  /** Monotonic seconds of the last report; undefined before the first. */
  get at(): number | undefined {
    return this.#feed.at;
  }

  /** Resolves with the first report. Rejects with Unavailable where none comes. */
  async ready(): Promise<void> {
    try {
      await this.#feed.ready();
    } catch (error) {
      if (!(error instanceof Unavailable) || !this.#dropConfig()) throw error;
      await this.#feed.ready();
    }
  }

  /** Whether there is a report that is not stale; throws as {@linkcode Feed.check} does. */
  check(now: number): boolean {
    try {
      return this.#feed.check(now);
    } catch (error) {
      if (!(error instanceof Unavailable) || !this.#dropConfig()) throw error;
      return false;
    }
  }

  /** Ends the program; resolves once it is gone. */
  close(): Promise<void> {
    this.#config?.remove();
    return this.#feed.close();
  }

  /** Says whether there was a configuration, without which the program may work. */
  #dropConfig(): boolean {
    if (this.#config === undefined) return false;
    this.#config.remove();
    this.#config = undefined;
    this.#feed = this.#start(OWN_PERIOD_SECONDS);
    return true;
  }

  #start(period: number): Feed {
    const config = this.#config;
    const feed = new Feed({
      tools: this.#environment.tools,
      clock: this.#listener.clock,
      words: config === undefined ? [this.#path] : [this.#path, "-c", config.path],
      interval: period,
      begin: () => config?.restore(),
      accept: (line) => {
        this.#listener.onReport(readNeuronReport(decodeJson(line, `what ${NEURON_MONITOR} prints`)));
        config?.remove();
        return true;
      },
    });
    feed.start();
    return feed;
  }
}
