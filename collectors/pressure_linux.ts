import { type Collector, type Environment, type Reading, Unavailable } from "../lib/contracts.ts";
import { parseCount, splitLines } from "../lib/parse.ts";
import type { Root } from "../lib/root.ts";
import { formatSeries } from "../lib/series.ts";
import { describeFailure, type Failure, orGap } from "../lib/availability.ts";
import { KeptFile } from "./kept_file.ts";

const KINDS = ["some", "full"] as const;
const RESOURCES = ["cpu", "memory", "io"] as const;
// The kernel adds up the totals that often (PSI_FREQ in kernel/sched/psi.c): read more often, they would jump.
const UPDATED_SECONDS = 2;
const REMEDY = "Boot Linux 4.20 or newer with psi=1 on the kernel command line";

type Kind = typeof KINDS[number];
type Resource = typeof RESOURCES[number];

/**
 * Parses a file of `/proc/pressure` into seconds since boot, see the kernel's accounting/psi documentation. The kinds that the
 * file has: before Linux 5.13 that of the CPU has no `full`. Throws SyntaxError.
 */
export function parsePressure(text: string): Map<Kind, number> {
  const seconds = new Map<Kind, number>();
  for (const line of splitLines(text, "pressure")) {
    const kind = KINDS.find((each) => line.startsWith(`${each} `));
    const total = line.split(" total=")[1];
    if (kind !== undefined) seconds.set(kind, parseCount(total, `total of ${kind} in pressure`) / 1_000_000);
  }
  if (!seconds.has("some")) throw new SyntaxError("Cannot parse pressure: some is missing");
  return seconds;
}

interface Source {
  readonly resource: Resource;
  readonly file: KeptFile<Map<Kind, number>>;
  readonly kinds: readonly Kind[];
}

/**
 * Time for which tasks of the machine stood still for want of CPU, memory or I/O, from `/proc/pressure`. Not `full` of the
 * CPU: the machine as a whole can always run something, so the kernel reports it as 0.
 */
export class PressureCollector implements Collector {
  readonly name = "pressure";
  readonly metrics = ["system_pressure_seconds_total"] as const;
  readonly sources = ["/proc/pressure"];
  readonly period = UPDATED_SECONDS;
  series: readonly string[] = [];
  #sources: readonly Source[] = [];

  open({ root, report }: Environment): void {
    const failures: Failure[] = [];
    this.#sources = RESOURCES.flatMap((resource) => {
      try {
        return [openSource(root, resource)];
      } catch (error) {
        failures.push(describeFailure(error));
        return [];
      }
    });
    const [first] = failures;
    if (first !== undefined && this.#sources.length === 0) throw new Unavailable(first.state, first.reason, REMEDY);
    for (const failure of failures) report({ ...failure, metrics: this.metrics, remedy: REMEDY });
    this.series = this.#sources.flatMap(({ resource, kinds }) =>
      kinds.map((kind) => formatSeries("system_pressure_seconds_total", { resource, kind }))
    );
  }

  collect(): Reading {
    return { values: this.#sources.flatMap(readSource) };
  }

  close(): void {
    for (const { file } of this.#sources) file.close();
    this.#sources = [];
  }
}

function openSource(root: Root, resource: Resource): Source {
  const file = new KeptFile(`/proc/pressure/${resource}`, parsePressure);
  const found = file.open(root);
  return { resource, file, kinds: KINDS.filter((kind) => found.has(kind) && !(resource === "cpu" && kind === "full")) };
}

function readSource({ file, kinds }: Source): (number | null)[] {
  const seconds = orGap(() => file.read());
  return kinds.map((kind) => seconds?.get(kind) ?? null);
}
