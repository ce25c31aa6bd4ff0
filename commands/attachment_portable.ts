import type { ProcessSource } from "../collectors/sampled_processes.ts";
import type { ProcessFacts } from "../collectors/sampled_tree.ts";
import { Unavailable } from "../lib/contracts.ts";
import { realHost } from "../lib/host.ts";
import { markHomeOf } from "../lib/mark_place.ts";
import { CommandError, FAILURE } from "./exit_status.ts";
import type { Attachment } from "./platform.ts";

const ENDING_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/** A process that runs already, as a table of all processes tells it. */
export class PortableAttachment implements Attachment {
  readonly command: readonly string[];
  readonly cwd = "";
  readonly denied = undefined;
  readonly keptFiles = 0;
  // Another user's process does not find what only this user may open.
  readonly markHome = markHomeOf((name) => Deno.env.get(name));
  readonly #listeners = new Map<Deno.Signal, () => void>();

  /** Looks for the process. Rejects with {@linkcode CommandError} where there is none. */
  static async find(pid: number, source: ProcessSource): Promise<PortableAttachment> {
    const facts = (await readTable(source)).find((each) => each.pid === pid);
    if (facts === undefined) throw new CommandError(`Cannot attach to process ${pid}: there is none`, FAILURE);
    if (!facts.isZombie) return new PortableAttachment(facts.name);
    throw new CommandError(
      `Cannot attach to process ${pid} (${facts.name}): it has ended and waits for its parent`,
      FAILURE,
    );
  }

  private constructor(name: string) {
    this.command = [name];
  }

  listen(onSignal: (signal: Deno.Signal) => void): Promise<void> {
    for (const signal of ENDING_SIGNALS) {
      const listener = (): void => onSignal(signal);
      Deno.addSignalListener(signal, listener);
      this.#listeners.set(signal, listener);
    }
    return Promise.resolve();
  }

  ended(): Promise<boolean> {
    return Promise.resolve(false);
  }

  close(): void {
    for (const [signal, listener] of this.#listeners) Deno.removeSignalListener(signal, listener);
    this.#listeners.clear();
  }
}

async function readTable(source: ProcessSource): Promise<readonly ProcessFacts[]> {
  const { promise, resolve } = Promise.withResolvers<readonly ProcessFacts[]>();
  const environment = { ...realHost(), interval: 1, isRequired: true, report: nothing, introduce: nothing };
  try {
    await source.open(environment, ({ processes }) => resolve(processes));
    return await promise;
  } catch (error) {
    throw error instanceof Unavailable ? new CommandError(error.message, FAILURE) : error;
  } finally {
    await source.close();
  }
}

function nothing(): void {}
