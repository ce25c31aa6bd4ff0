import { ArchiveRoot } from "../lib/archive_root.ts";
import { ArchiveTools } from "../lib/archive_tools.ts";
import type { Collector, Environment } from "../lib/contracts.ts";
import type { RecorderEnvironment } from "../lib/recorder.ts";
import type { Status } from "../lib/records.ts";
import type { Root } from "../lib/root.ts";

/** The hand-written machine of `fixtures/laptop.tree`, a fresh one for each call. */
export function laptop(): ArchiveRoot {
  return fixture("laptop");
}

/** A hand-written machine of `fixtures/` by its name, a fresh one for each call. */
export function fixture(name: string): ArchiveRoot {
  return new ArchiveRoot(Deno.readTextFileSync(new URL(`fixtures/${name}.tree`, import.meta.url)));
}

/** A machine that has only the given files. */
export function machine(files: Readonly<Record<string, string>>): ArchiveRoot {
  const root = new ArchiveRoot("");
  for (const [path, text] of Object.entries(files)) root.write(path, text);
  return root;
}

/** What a collector is opened with on such a machine; what it reports is pushed to `reported`. */
export function environmentOf(root: Root, reported: Omit<Status, "collector">[] = []): Environment {
  return {
    ...recorderEnvironmentOf(root),
    isRequired: false,
    introduce: () => undefined,
    report: (status) => reported.push(status),
  };
}

/** What a recorder is given for such a machine. */
export function recorderEnvironmentOf(root: Root): RecorderEnvironment {
  return { root, tools: new ArchiveTools(root), program: ["resmon"], interval: 1, pageSize: 4096, clockTicks: 100 };
}

/** Opens a collector and reads it once: its values by series. */
export async function readOnce(collector: Collector, environment: Environment): Promise<Map<string, number | null>> {
  await collector.open(environment);
  return valuesNow(collector);
}

/** Reads an open collector: its values by series. */
export function valuesNow(collector: Collector, now = 0): Map<string, number | null> {
  const { values } = collector.collect(now, undefined);
  return new Map(collector.series.map((series, index) => [series, values[index] ?? null]));
}
