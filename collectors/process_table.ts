import type { Environment } from "../lib/contracts.ts";
import { ContextSwitches, type Switches } from "./context_switches.ts";
import { OpenFiles } from "./open_files.ts";
import { type ProcessValues, valuesOf, withProportionalMemory } from "./process_values.ts";
import type { ProcessTree } from "./process_tree_linux.ts";
import { ProportionalMemory } from "./proportional_memory.ts";
import type { TrackedProcess } from "./tracked_process.ts";

/**
 * The values of every process of a tree. Those of a process that was not read anew are the same array as before: whoever
 * compares them sees at once that nothing has changed.
 */
export class ProcessTable {
  readonly #environment: Environment;
  readonly #tree: ProcessTree;
  readonly #memory: ProportionalMemory;
  readonly #switches: ContextSwitches;
  readonly #openFiles: OpenFiles;
  readonly #rows = new Map<TrackedProcess, ProcessValues>();

  constructor(environment: Environment, tree: ProcessTree) {
    this.#environment = environment;
    this.#tree = tree;
    this.#memory = new ProportionalMemory(environment, () => tree.hasNewcomer());
    this.#switches = new ContextSwitches(environment.root);
    this.#openFiles = new OpenFiles(environment.root, environment.report);
  }

  /** Reads what the tree itself does not: memory, switches, open files. To be called after each pass of the tree. */
  read(now: number): ReadonlyMap<TrackedProcess, ProcessValues> {
    for (const process of this.#rows.keys()) if (process.gone) this.#rows.delete(process);
    const processes = [...this.#tree.processes.values()];
    for (const process of processes) if (process.isNews) process.readStatus();
    const sizes = this.#memory.read(processes.filter(({ isZombie }) => !isZombie), now);
    for (const process of processes) {
      const values = process.isNews ? this.#valuesOf(process, now) : this.#rows.get(process);
      if (values === undefined) continue;
      this.#rows.set(process, withProportionalMemory(values, sizes?.get(process.id) ?? null));
    }
    return this.#rows;
  }

  /** The context switches of the whole tree. */
  switches(): Switches {
    return this.#switches.total();
  }

  /** Keeps what is only known of a process that ended. */
  retire(process: TrackedProcess): void {
    this.#switches.retire(process);
  }

  #valuesOf(process: TrackedProcess, now: number): ProcessValues {
    const switches = this.#switches.read(process, now);
    const openFiles = process.isZombie ? null : this.#openFiles.count(process);
    return valuesOf(process, { switches, openFiles }, this.#environment);
  }
}
