/** Control groups with a limit, which only root can make. */

import { execute } from "./program.ts";
import { exists, until } from "./running.ts";

const FOLDERS = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup/memory", "/sys/fs/cgroup"];
const LIMITS = { processes: ["pids.max"], memory: ["memory.max", "memory.limit_in_bytes"] } as const;

/** A control group for a test. */
export interface ControlGroup {
  readonly folder: string;
  /** The words before a command that runs in it. */
  readonly join: readonly string[];
}

/**
 * Runs a test with a control group that has a limit of processes, or of bytes of memory; where none can be made, it says by
 * name that the test did not run.
 */
export async function withControlGroup(
  { name, of, limit }: { readonly name: string; readonly of: keyof typeof LIMITS; readonly limit: number },
  test: (group: ControlGroup) => Promise<void>,
): Promise<void> {
  const folder = await makeGroup(LIMITS[of], limit);
  if (folder === undefined) return console.warn(`DID NOT RUN: ${name}: no control group can be made`);
  try {
    await test({ folder, join: ["sh", "-c", `echo $$ > ${folder}/cgroup.procs; exec "$@"`, "sh"] });
  } finally {
    await until(() => Deno.readTextFileSync(`${folder}/cgroup.procs`) === "");
    await Deno.remove(folder);
  }
}

async function makeGroup(files: readonly string[], limit: number): Promise<string | undefined> {
  for (const root of FOLDERS) {
    const folder = `${root}/resmon-test-${crypto.randomUUID()}`;
    if ((await execute(["mkdir", folder])).code !== 0) continue;
    const file = files.find((each) => exists(`${folder}/${each}`));
    if (file !== undefined && await setLimit(`${folder}/${file}`, limit)) return folder;
    await Deno.remove(folder);
  }
  return undefined;
}

async function setLimit(path: string, limit: number): Promise<boolean> {
  return (await execute(["sh", "-c", 'echo "$0" > "$1"', `${limit}`, path])).code === 0;
}
