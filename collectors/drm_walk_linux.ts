import { describeFailure } from "../lib/availability.ts";
import type { Environment, ProcessTree, TreeProcess } from "../lib/contracts.ts";
import { parseProcStat } from "../lib/proc_files.ts";
import { isDenied, isGone, type Root } from "../lib/root.ts";
import { type DrmCard, findCards, listOrNone } from "./drm_cards_linux.ts";
import { type DrmClient, parseDrmClient } from "./drm_fdinfo_linux.ts";
import { clientKey, type FoundClient } from "./drm_usage.ts";

const DEVICES = "/dev/dri";
// Of what its processes use it tells nothing here.
const SILENT_DRIVER = "nvidia";

/** The cards that processes can compute or draw on: those with a renderer that this machine, or container, can open. */
export function findRenderers(root: Root): DrmCard[] {
  if (!listOrNone(root, DEVICES).some(isRenderer)) return [];
  return findCards(root)
    .filter(({ driver, device }) => driver !== SILENT_DRIVER && listOrNone(root, `${device}/drm`).some(isRenderer));
}

function isRenderer(name: string): boolean {
  return name.startsWith("renderD");
}

/**
 * Finds the clients of the cards among the open files of a tree. A client that several processes hold, or several descriptors
 * of one, is found once; it goes to the process that was there first.
 */
export class DrmWalk {
  readonly #environment: Environment;
  readonly #cards: readonly DrmCard[];

  constructor(environment: Environment, cards: readonly DrmCard[]) {
    this.#environment = environment;
    this.#cards = cards;
  }

  /** Looks at every descriptor of every process. */
  find(tree: ProcessTree): FoundClient[] {
    const found = new Map<string, FoundClient>();
    for (const process of tree.processes.values()) {
      for (const client of this.#clientsOf(process)) {
        const key = clientKey(client);
        const gpu = this.#cardOf(client);
        if (gpu !== undefined && !found.has(key)) found.set(key, { client, gpu, process: process.id });
      }
    }
    return [...found.values()];
  }

  #clientsOf(process: TreeProcess): DrmClient[] {
    const folder = `/proc/${process.pid}`;
    try {
      return this.#environment.root.list(`${folder}/fd`).flatMap((fd) => this.#clientOf(folder, fd) ?? []);
    } catch (error) {
      this.#reportDenied(process, error);
      return [];
    }
  }

  #clientOf(folder: string, fd: string): DrmClient | undefined {
    const { root, report } = this.#environment;
    try {
      if (!root.readLink(`${folder}/fd/${fd}`).startsWith(`${DEVICES}/`)) return undefined;
      return parseDrmClient(root.read(`${folder}/fdinfo/${fd}`));
    } catch (error) {
      // Files are closed, and processes end, at any time.
      if (isGone(error)) return undefined;
      if (isDenied(error)) throw error;
      report(describeFailure(error));
      return undefined;
    }
  }

  #cardOf({ slot, driver }: DrmClient): string | undefined {
    return this.#cards.find((card) => slot === undefined ? card.driver === driver : card.slot === slot)?.name;
  }

  #reportDenied(process: TreeProcess, error: unknown): void {
    const { state, reason } = describeFailure(error);
    // A zombie's files may not be read either: it has none.
    if (isGone(error) || this.#isZombie(process)) return;
    this.#environment.report({ state, reason, remedy: "run resmon as the user of the process, or as root" });
  }

  #isZombie({ pid }: TreeProcess): boolean {
    try {
      return parseProcStat(this.#environment.root.read(`/proc/${pid}/stat`)).state === "Z";
    } catch (error) {
      describeFailure(error);
      return true;
    }
  }
}
