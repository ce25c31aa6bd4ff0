import { describeMetric, isMetricName } from "./metrics.ts";
import type { Samples, SeriesList } from "./samples.ts";

/** How the values of a series add up over a life; a rate says nothing about a whole one. */
type Role = "counter" | "gauge" | "none";

/** The roles of the series of a list, by number, worked out once for all processes. */
export class Roles {
  readonly #known: Role[] = [];

  /** The role of a series by its number in the list, which is always the same one. */
  of(list: SeriesList, number: number): Role {
    return this.#known[number] ??= roleOf(list.names[number] ?? "");
  }
}

/** What the rows of one process come to over its life: the increase of each counter and the largest of each gauge. */
export class ProcessLife {
  readonly #roles: Roles;
  readonly #isOlder: boolean;
  #list: SeriesList | undefined;
  // By number: the last values of counters and the largest of gauges, and counters when a process older than the run was met.
  readonly #values: number[] = [];
  readonly #before: number[] = [];

  /** @param isOlder Whether it began before the run: what its counters told in its first row is not of the run. */
  constructor(roles: Roles, isOlder: boolean) {
    this.#roles = roles;
    this.#isOlder = isOlder;
  }

  /** Takes its next row. */
  add({ list, values }: Samples): void {
    this.#list = list;
    for (let number = 0; number < values.length; number++) {
      const value = values[number] ?? NaN;
      const role = this.#roles.of(list, number);
      if (Number.isNaN(value) || role === "none") continue;
      const last = this.#values[number] ?? NaN;
      if (role === "gauge" && last > value) continue;
      if (role === "counter" && this.#isOlder && Number.isNaN(last)) this.#before[number] = value;
      this.#values[number] = value;
    }
  }

  /** CPU seconds that it used during the run, as far as its rows tell. */
  get cpuSeconds(): number {
    return this.#get("cpu_seconds_total") ?? 0;
  }

  /** The largest resident memory in its rows, in bytes. */
  get memoryBytes(): number {
    return this.#get("memory_rss_bytes") ?? 0;
  }

  /** By metric name. */
  result(): Record<string, number> {
    const known = this.#list?.names.flatMap((name) => {
      const value = this.#get(name);
      return value === undefined ? [] : [[name, value] as const];
    });
    return Object.fromEntries(known ?? []);
  }

  #get(name: string): number | undefined {
    const number = this.#list?.find(name) ?? NaN;
    const value = this.#values[number] ?? NaN;
    if (Number.isNaN(value)) return undefined;
    return Math.round((value - (this.#before[number] ?? 0)) * 1e6) / 1e6;
  }
}

function roleOf(name: string): Role {
  if (!isMetricName(name)) return "counter";
  const { kind, rateOf } = describeMetric(name);
  return rateOf === undefined ? kind : "none";
}
